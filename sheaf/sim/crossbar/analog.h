// SPDX-License-Identifier: Apache-2.0
//
// The product of exact.h through cells and wires that are not ideal. Column sums are currents, in
// steps of the converter (one level of one cell under the lowest digit); the converter rounds them
// to the nearest code, and saturates. With ideal cells and wires the values are those of exact.h.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sheaf/sim/crossbar/device.h"
#include "sheaf/sim/crossbar/exact.h"
#include "sheaf/target/cell.h"
#include "sheaf/target/crossbar.h"

namespace sheaf::sim::crossbar {

struct AnalogOptions {
  target::Cell cell;          // its bits are the format's
  target::Crossbar crossbar;  // wires, and columns that share word lines; its rows are the format's
  // Whether what the cells at level 0 conduct is subtracted: a column of them beside the others.
  bool compensate_leak = false;
  std::uint64_t seed = 1;
};

class AnalogProduct {
 public:
  // As ExactProduct. Programs all cells: the same seed gives the same cells, whatever else differs.
  // Where wires have resistance, the columns of an output stand side by side, slice by slice, and
  // only cells in use have wires; each crossbar's currents are solved once (wires.h).
  AnalogProduct(const Format& format, const AnalogOptions& options,
                std::span<const std::int32_t> weights, std::uint32_t outputs,
                base::ThreadPool* pool = nullptr);

  // As ExactProduct::multiply. `first_vector` numbers the vectors: the noise of a read is a
  // function of (seed, number of the vector, group, cycle, column), so that neither batch nor order
  // show.
  Conversions multiply(std::span<const std::int32_t> inputs, std::span<std::int64_t> out,
                       std::uint64_t first_vector = 0, base::ThreadPool* pool = nullptr) const;
  // With a number of its own for every vector.
  Conversions multiply(std::span<const std::int32_t> inputs, std::span<std::int64_t> out,
                       std::span<const std::uint64_t> numbers,
                       base::ThreadPool* pool = nullptr) const;

  // Physical columns of an output: conversions of it per read, twice that with `sign_magnitude`.
  [[nodiscard]] std::uint32_t columns_per_output() const { return columns_per_output_; }

  // What the crossbar multiplies with, in steps: [inputs x outputs x columns_per_output()], slice
  // by slice, positive before negative.
  [[nodiscard]] std::span<const double> steps() const { return steps_; }

 private:
  struct Scratch;
  void drop_voltages(base::ThreadPool* pool);
  std::uint64_t multiply_one(std::span<const std::int32_t> x, std::span<std::int64_t> y,
                             std::uint64_t vector, Scratch& scratch) const;
  std::uint64_t convert_read(std::size_t group, std::size_t cycle, std::uint64_t vector,
                             Scratch& scratch, std::span<std::int64_t> y) const;

  Format format_;
  AnalogOptions options_;
  ExactProduct exact_;  // sizes, checks, groups and signs
  std::uint32_t columns_per_output_;
  std::vector<Cycle> cycles_;
  base::Philox reads_;
  std::vector<double> steps_;
  std::vector<double> variances_;  // of a read, in steps squared; empty: no noise
};

}  // namespace sheaf::sim::crossbar
