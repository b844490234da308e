// SPDX-License-Identifier: Apache-2.0
//
// A dynamic network on a simulated chip: every scheduled batch through its crossbars, and what that
// costs.
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sheaf/backend/cim/batch_cost.h"
#include "sheaf/batching/cost_table.h"
#include "sheaf/engine/compile.h"
#include "sheaf/engine/minibatch_stream.h"
#include "sheaf/sim/crossbar/exact.h"
#include "sheaf/study/simulate.h"

namespace sheaf::study {

// What policy `cost` makes least.
enum class Objective { time, energy };
// "time", "energy"; throws UsageError for another one.
[[nodiscard]] Objective parse_objective(const std::string& name);

// What batches take on the chip, in ns or pJ, as policy `cost` reads it. Planning takes nothing.
[[nodiscard]] std::shared_ptr<const batching::CostTable> cost_table(
    std::span<const backend::cim::CallCost> calls, Objective objective);

struct ChipBatch {
  std::uint32_t minibatch = 0;
  graph::TypeId type = 0;
  std::uint32_t nodes = 0;
  double ns = 0;
  double pj = 0;
  sim::crossbar::Conversions conversions;
};

struct ChipRunOptions {
  // Policy, layout, instruction set of the host. Its unit of products and its hoisting are set by
  // the run: what is computed early would be no batch.
  engine::Options session;
  std::uint32_t batch = 64;
  std::optional<std::uint64_t> shuffle;
  std::uint64_t seed = 1;        // of cells that are not ideal, and of what their reads add
  engine::OutputSink sink = {};  // takes outputs in the order of the data
  std::function<void(std::size_t)> progress = {};
};

struct ChipRun {
  std::string digest;
  bool analog = false;  // cells or wires are not ideal: values are near those of integers
  std::uint64_t seed = 1;
  std::vector<std::string> types;             // names
  std::vector<backend::cim::CallCost> calls;  // by type
  std::vector<ChipBatch> batches;             // in the order in which they ran
  sim::crossbar::Conversions conversions;
  double ns = 0;  // batch after batch
  double pj = 0;
};

// Runs all instances; `study` is of the workload's layers. Ideal cells and wires multiply exactly;
// others as their description says (backend/cim/analog_products.h). Throws UnsupportedError for
// blocks that are larger than a crossbar.
[[nodiscard]] ChipRun run_on_chip(const engine::Workload& workload, const ChipStudy& study,
                                  const ChipRunOptions& options);

// The digest of the same workload with the host's own products.
[[nodiscard]] std::string host_digest(const engine::Workload& workload,
                                      const ChipRunOptions& options);

// How far outputs are from those of the host's own products.
struct Differences {
  std::uint64_t outputs = 0;
  std::uint64_t differ = 0;
  double largest = 0;
};

// `outputs` are those of a run with these options, in the order of the data.
[[nodiscard]] Differences differences(const engine::Workload& workload,
                                      const ChipRunOptions& options,
                                      std::span<const engine::InstanceOutputs> outputs);

// All batches of one type.
struct TypeSum {
  std::uint64_t batches = 0;
  std::uint64_t nodes = 0;
  double ns = 0;
  double pj = 0;
  sim::crossbar::Conversions conversions;
};
[[nodiscard]] std::vector<TypeSum> by_type(const ChipRun& run);

// "exact" or "analog, seed 1".
[[nodiscard]] std::string values_of(const ChipRun& run);

// Rows by (type, component) as ledger_of(ChipStudy) has them, and every batch.
[[nodiscard]] runtime::Ledger ledger_of(const ChipStudy& study, const ChipRun& run);

[[nodiscard]] std::string to_text(const ChipStudy& study, const ChipRun& run);
[[nodiscard]] nlohmann::ordered_json to_json(const ChipStudy& study, const ChipRun& run);

}  // namespace sheaf::study
