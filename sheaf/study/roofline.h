// SPDX-License-Identifier: Apache-2.0
//
// Where the time of a model goes, and how far each cell is from what the processor can do: what
// stands behind `sheaf study roofline` (S. Williams, A. Waterman, D. Patterson, "Roofline: an
// insightful visual performance model for multicore architectures", CACM 52(4), 2009).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "sheaf/backend/cpu/read_bandwidth.h"
#include "sheaf/engine/workload.h"

namespace sheaf::study {

struct RooflineOptions {
  engine::WorkloadOptions workload;
  std::string policy = "critical";
  std::string isa = "auto";
  std::uint32_t batch = 64;
  std::uint32_t repeat = 5;       // rounds of the pipeline; the one of median time counts
  std::uint32_t most_rows = 256;  // of a cell's batches: 1, 2, 4, ...
};

// A batch of one type, run again and again by itself on gathered operands (engine/calibrate.h).
// Traffic is counted as the CPU backend makes it: weights once per block of rows, a gathered or
// looked-up float read, written and read again, a product's float written and read, an output's
// written. It is read again and again from a set of bytes: activations, the scratch memory and the
// outputs of a block; weights, these and the weights. The limit is optimistic: of a set that a
// level cannot hold, what fits into it still comes from there (read_ns()). The level that is named
// is the one that gives most.
struct CellPoint {
  std::string type;
  std::uint32_t rows = 0;
  double flops = 0;
  double weight_bytes = 0;
  double activation_bytes = 0;
  double weight_set_bytes = 0;
  double activation_set_bytes = 0;
  std::string weight_level;
  std::string activation_level;
  double ns = 0;
  double compute_ns = 0;    // flops at the FMA peak
  double bandwidth_ns = 0;  // bytes at the bandwidths of their levels

  [[nodiscard]] bool bandwidth_bound() const { return bandwidth_ns > compute_ns; }
  // The longer of the two limits, in percent of the time.
  [[nodiscard]] double percent_of_limit() const;
  [[nodiscard]] double flops_per_byte() const { return flops / (weight_bytes + activation_bytes); }
};

// All batches of one type in a round of the pipeline.
struct TypeTime {
  std::string type;
  std::uint64_t batches = 0;
  std::uint64_t rows = 0;
  double flops = 0;
  double ns = 0;
  double gather_ns = 0;  // operands gathered and summed, rows looked up
  double product_ns = 0;
  double region_ns = 0;  // element-wise and row ops
};

struct Roofline {
  std::string model;
  std::string isa;
  std::uint32_t hidden = 0;
  std::uint64_t instances = 0;
  double fma_peak_gflops = 0;
  std::array<backend::cpu::MemoryLevel, 4> levels;
  std::vector<CellPoint> cells;

  // Of a round over all instances, in thread CPU time.
  double construct_ns = 0;
  double schedule_ns = 0;
  double plan_ns = 0;
  double execute_ns = 0;
  double read_ns = 0;
  std::vector<TypeTime> types;
  [[nodiscard]] double total_ns() const {
    return construct_ns + schedule_ns + plan_ns + execute_ns + read_ns;
  }
};

using MemoryLevels = std::array<backend::cpu::MemoryLevel, 4>;

// The least time that reading `bytes` takes, spread evenly over a set of `set_bytes` of which every
// level holds as much as it can.
[[nodiscard]] double read_ns(const MemoryLevels& levels, double bytes, double set_bytes);

// Throws what open_workload() throws, and DataError for no instances.
[[nodiscard]] Roofline study_roofline(const RooflineOptions& options);

}  // namespace sheaf::study
