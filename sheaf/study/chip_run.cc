// SPDX-License-Identifier: Apache-2.0
#include "sheaf/study/chip_run.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "sheaf/backend/cim/analog_products.h"
#include "sheaf/backend/cim/array_products.h"
#include "sheaf/backend/cim/crossbar_products.h"
#include "sheaf/base/error.h"
#include "sheaf/base/nearest.h"
#include "sheaf/engine/minibatches.h"

namespace sheaf::study {
namespace {

using backend::cim::CallCost;
using backend::cim::CountedProducts;

// The digest of all outputs, which go on to the options' sink.
std::string run(const engine::Workload& workload, const ChipRunOptions& options,
                engine::Session& session, const std::function<void(std::uint32_t)>& after) {
  const auto order = engine::make_order(workload.instances.size(), options.batch, options.shuffle);
  io::Sha256 sha;
  engine::InOrder in_order([&](std::uint32_t index, engine::InstanceOutputs outputs) {
    engine::add_to(sha, outputs);
    if (options.sink) options.sink(index, std::move(outputs));
  });
  std::uint32_t minibatch = 0;
  engine::run_minibatches(*workload.model, workload.instances, order, session,
                          {.progress =
                               [&](std::size_t instances) {
                                 if (after) after(minibatch++);
                                 if (options.progress) options.progress(instances);
                               }},
                          [&](std::uint32_t index, engine::InstanceOutputs outputs) {
                            in_order.put(index, std::move(outputs));
                          });
  return sha.hex();
}

// The batches of the minibatch that has just run.
void record(std::uint32_t minibatch, const engine::Session& session, CountedProducts& unit,
            ChipRun& run) {
  unit.rethrow_fault();
  const std::size_t first = run.batches.size();
  for (const memory_plan::BatchPlan& batch : session.plan().batches) {
    const CallCost& call = run.calls.at(batch.type);
    run.batches.push_back({.minibatch = minibatch,
                           .type = batch.type,
                           .nodes = batch.rows,
                           .ns = call.batch_ns(batch.rows),
                           .pj = call.batch_pj(batch.rows),
                           .conversions = {}});
    run.ns += run.batches.back().ns;
    run.pj += run.batches.back().pj;
  }
  for (const backend::cim::ProductUse& use : unit.uses()) {
    run.conversions += use.conversions;
    run.batches.at(first + use.batch).conversions += use.conversions;
  }
  unit.clear();
}

std::unique_ptr<CountedProducts> make_unit(const target::Chip& chip,
                                           const ChipRunOptions& options) {
  if (chip.pe.kind == target::PeKind::array) return std::make_unique<backend::cim::ArrayProducts>();
  if (backend::cim::is_ideal(chip)) {
    return std::make_unique<backend::cim::CrossbarProducts>(chip, options.session.isa);
  }
  return std::make_unique<backend::cim::AnalogProducts>(chip, options.seed);
}

}  // namespace

Objective parse_objective(const std::string& name) {
  static const std::vector<std::string> kNames = {"time", "energy"};
  if (name == kNames[0]) return Objective::time;
  if (name == kNames[1]) return Objective::energy;
  throw base::UsageError({.place = "--objective",
                          .what = "unknown objective",
                          .got = "'" + name + "'",
                          .hint = base::suggest(name, kNames)});
}

std::shared_ptr<const batching::CostTable> cost_table(std::span<const CallCost> calls,
                                                      Objective objective) {
  auto table = std::make_shared<batching::CostTable>();
  for (const CallCost& call : calls) {
    const bool time = objective == Objective::time;
    table->types.push_back({.batch = {.rows = {1, 2},
                                      .ns = {time ? call.batch_ns(1) : call.batch_pj(1),
                                             time ? call.batch_ns(2) : call.batch_pj(2)}}});
  }
  // What the host plans meanwhile costs the chip nothing.
  table->batch_ns = 0;
  table->greedy_node_ns = 0;
  table->verify();
  return table;
}

ChipRun run_on_chip(const engine::Workload& workload, const ChipStudy& study,
                    const ChipRunOptions& options) {
  const graph::Network& network = workload.model->network();
  ChipRun result;
  result.types = network.type_names();
  result.calls = backend::cim::call_costs(study.shapes, study.cost, network.type_count());
  result.analog = !backend::cim::is_ideal(study.chip);
  result.seed = options.seed;
  const std::unique_ptr<CountedProducts> unit = make_unit(study.chip, options);
  engine::Options session_options = options.session;
  session_options.hoist = memory_plan::Hoist::off;
  session_options.integer_products = unit.get();
  const auto session = engine::compile(network, std::move(session_options));
  result.digest = run(workload, options, *session,
                      [&](std::uint32_t minibatch) { record(minibatch, *session, *unit, result); });
  return result;
}

std::string host_digest(const engine::Workload& workload, const ChipRunOptions& options) {
  const auto session = engine::compile(workload.model->network(), options.session);
  ChipRunOptions silent = options;
  silent.sink = {};
  return run(workload, silent, *session, {});
}

Differences differences(const engine::Workload& workload, const ChipRunOptions& options,
                        std::span<const engine::InstanceOutputs> outputs) {
  const auto session = engine::compile(workload.model->network(), options.session);
  Differences found;
  ChipRunOptions compared = options;
  compared.sink = [&](std::uint32_t index, const engine::InstanceOutputs& host) {
    for (std::size_t r = 0; r < host.rows.size(); ++r) {
      for (std::size_t i = 0; i < host.rows[r].size(); ++i) {
        const double away = std::abs(double{host.rows[r][i]} - outputs[index].rows.at(r).at(i));
        ++found.outputs;
        found.differ += away == 0 ? 0 : 1;
        found.largest = std::max(found.largest, away);
      }
    }
  };
  (void)run(workload, compared, *session, {});
  return found;
}

std::string values_of(const ChipRun& run) {
  return run.analog ? "analog, seed " + std::to_string(run.seed) : "exact";
}

}  // namespace sheaf::study
