// SPDX-License-Identifier: Apache-2.0
#include "sheaf/study/roofline.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "sheaf/backend/cpu/block_run.h"
#include "sheaf/backend/cpu/fma_peak.h"
#include "sheaf/base/error.h"
#include "sheaf/engine/calibrate.h"
#include "sheaf/engine/minibatch_stream.h"

namespace sheaf::study {
namespace {

using runtime::Stage;

// Bytes of a cell: of its weights, and per row.
struct CellBytes {
  double weights = 0;
  double traffic = 0;  // per row, of activations
  double space = 0;    // per row, of scratch memory and outputs
};

CellBytes bytes_of(const memory_plan::CompiledCell& cell) {
  double read_in = 0;  // gathered and looked up
  double outputs = 0;
  double products = 0;
  CellBytes bytes;
  for (const graph::CellInput& input : cell.inputs) {
    read_in += static_cast<double>(input.rows) * input.width;
  }
  for (const memory_plan::Lookup& lookup : cell.lookups) {
    read_in += static_cast<double>(lookup.rows) * lookup.width;
  }
  for (const memory_plan::Product& product : cell.products) {
    bytes.weights += static_cast<double>(product.k + 1) * product.n * sizeof(float);
    products += static_cast<double>(product.rows) * product.n;
  }
  for (std::size_t port = 0; port < cell.output_widths.size(); ++port) {
    outputs += static_cast<double>(cell.output_rows[port]) * cell.output_widths[port];
  }
  bytes.traffic = (3 * read_in + 2 * products + outputs) * sizeof(float);
  bytes.space = (read_in + products + cell.block_floats + outputs) * sizeof(float);
  return bytes;
}

// The share of a set that each level holds, the nearest one first.
std::array<double, 4> shares_of(const MemoryLevels& levels, double set_bytes) {
  std::array<double, 4> shares{};
  double held = 0;
  for (std::size_t l = 0; l < levels.size(); ++l) {
    const bool last = l + 1 == levels.size();
    const double holds = last ? set_bytes : static_cast<double>(levels[l].bytes);
    shares[l] = std::max(0.0, std::min(holds, set_bytes) - held) / std::max(set_bytes, 1.0);
    held = std::max(held, std::min(holds, set_bytes));
  }
  return shares;
}

std::string level_of(const MemoryLevels& levels, double set_bytes) {
  const auto shares = shares_of(levels, set_bytes);
  const auto most = std::max_element(shares.begin(), shares.end()) - shares.begin();
  return std::string(levels[static_cast<std::size_t>(most)].name);
}

CellPoint point_of(const graph::BatchType& type, const memory_plan::CompiledCell& cell,
                   std::uint32_t rows, double ns, const Roofline& roofline) {
  const CellBytes bytes = bytes_of(cell);
  const std::uint32_t most = backend::cpu::ScratchLayout(cell).block_rows;
  const std::uint32_t block = std::min(rows, most);
  const std::uint32_t blocks = (rows + most - 1) / most;
  const double near = bytes.space * block;
  const double far = near + bytes.weights;
  CellPoint point{.type = type.name,
                  .rows = rows,
                  .flops = static_cast<double>(type.cell->flops()) * rows,
                  .weight_bytes = bytes.weights * blocks,
                  .activation_bytes = bytes.traffic * rows,
                  .weight_set_bytes = far,
                  .activation_set_bytes = near,
                  .weight_level = level_of(roofline.levels, far),
                  .activation_level = level_of(roofline.levels, near),
                  .ns = ns};
  point.compute_ns = point.flops / roofline.fma_peak_gflops;
  point.bandwidth_ns = read_ns(roofline.levels, point.weight_bytes, far) +
                       read_ns(roofline.levels, point.activation_bytes, near);
  return point;
}

void add_cells(const graph::Network& network, const RooflineOptions& options,
               const base::Clock& clock, Roofline& roofline) {
  const memory_plan::CompiledNetwork compiled = memory_plan::compile_network(network);
  const batching::CostTable costs =
      engine::calibrate(network, clock, {.isa = options.isa, .most_rows = options.most_rows});
  for (graph::TypeId type = 0; type < network.type_count(); ++type) {
    const batching::CostCurve& curve = costs.types[type].batch;
    for (std::size_t i = 0; i < curve.rows.size(); ++i) {
      if (curve.ns[i] <= 0) continue;  // of a type that no graph can hold
      roofline.cells.push_back(point_of(network.type(type), *compiled.types[type].cell,
                                        curve.rows[i], curve.ns[i], roofline));
    }
  }
}

double total_ns(const runtime::Profile& profile, Stage stage) {
  double total = 0;
  for (const runtime::StageSlice& slice : profile.stages()) {
    if (slice.stage == stage) total += static_cast<double>(slice.end_ns - slice.begin_ns);
  }
  return total;
}

// One session over all instances, round by round.
class Pipeline {
 public:
  Pipeline(const engine::Workload& workload, const RooflineOptions& options,
           const base::Clock& clock)
      : workload_(workload),
        order_(engine::make_order(workload.instances.size(), options.batch, {})),
        clock_(clock),
        session_(engine::compile(workload.model->network(), {.policy = options.policy,
                                                             .keep = memory_plan::Keep::outputs,
                                                             .isa = options.isa,
                                                             .dump_after = {},
                                                             .dump = {}})) {}

  [[nodiscard]] std::unique_ptr<runtime::Profile> round(bool steps) {
    auto profile = std::make_unique<runtime::Profile>(workload_.model->network(), clock_);
    if (steps) profile->time_steps();
    engine::run_minibatches(*workload_.model, workload_.instances, order_, *session_,
                            {.profile = profile.get()},
                            [](std::uint32_t, const engine::InstanceOutputs&) {});
    return profile;
  }

  // The round of median time among `rounds`.
  [[nodiscard]] std::unique_ptr<runtime::Profile> median_round(std::uint32_t rounds, bool steps) {
    std::vector<std::pair<double, std::unique_ptr<runtime::Profile>>> ran;
    for (std::uint32_t r = 0; r < rounds; ++r) {
      auto profile = round(steps);
      const double ns = total_ns(*profile, Stage::minibatch);
      ran.emplace_back(ns, std::move(profile));
    }
    const auto middle = ran.begin() + static_cast<std::ptrdiff_t>(ran.size() / 2);
    std::nth_element(ran.begin(), middle, ran.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    return std::move(middle->second);
  }

 private:
  const engine::Workload& workload_;
  engine::Order order_;
  const base::Clock& clock_;
  std::unique_ptr<engine::Session> session_;
};

// Times are those of `stages`; `steps`, a round slowed down by its clock, says how they split.
void add_pipeline(const runtime::Profile& stages, const runtime::Profile& steps,
                  Roofline& roofline) {
  roofline.construct_ns = total_ns(stages, Stage::construct);
  roofline.schedule_ns = total_ns(stages, Stage::schedule);
  roofline.plan_ns = total_ns(stages, Stage::plan);
  roofline.execute_ns = total_ns(stages, Stage::execute);
  roofline.read_ns = total_ns(stages, Stage::read);
  const graph::Network& network = stages.network();
  roofline.types.resize(network.type_count());
  for (graph::TypeId type = 0; type < network.type_count(); ++type) {
    roofline.types[type].type = network.type(type).name;
  }
  for (const runtime::BatchSlice& slice : stages.batches()) {
    TypeTime& type = roofline.types[slice.type];
    ++type.batches;
    type.rows += slice.rows;
    type.ns += static_cast<double>(slice.end_ns - slice.begin_ns);
  }
  for (graph::TypeId id = 0; id < network.type_count(); ++id) {
    TypeTime& type = roofline.types[id];
    const runtime::StepTimes& split = steps.steps()[id];
    type.flops = static_cast<double>(network.type(id).cell->flops() * type.rows);
    const double scale =
        type.ns / static_cast<double>(std::max<std::uint64_t>(split.total_ns(), 1));
    type.gather_ns = static_cast<double>(split.gather_ns) * scale;
    type.product_ns = static_cast<double>(split.product_ns) * scale;
    type.region_ns = static_cast<double>(split.region_ns) * scale;
  }
}

}  // namespace

double read_ns(const MemoryLevels& levels, double bytes, double set_bytes) {
  const auto shares = shares_of(levels, set_bytes);
  double ns = 0;
  for (std::size_t l = 0; l < levels.size(); ++l) {
    ns += bytes * shares[l] / levels[l].gigabytes_per_s;
  }
  return ns;
}

double CellPoint::percent_of_limit() const { return 100 * std::max(compute_ns, bandwidth_ns) / ns; }

Roofline study_roofline(const RooflineOptions& options) {
  const engine::Workload workload = engine::open_workload(options.workload);
  if (workload.instances.empty()) {
    throw base::DataError({.place = "--data", .what = "no instances", .got = "an empty file"});
  }
  const graph::Network& network = workload.model->network();
  const base::ThreadCpuClock clock;
  const auto& kernels = backend::cpu::choose_kernels(options.isa);
  Roofline roofline{
      .model = options.workload.model,
      .isa = std::string(kernels.name),
      .hidden = network.parameters()[network.parameters().find(nn::kEmbedding)].shape.cols,
      .instances = workload.instances.size(),
      .fma_peak_gflops = backend::cpu::fma_peak_gflops(kernels, clock),
      .levels = backend::cpu::measure_read_bandwidth(clock),
      .cells = {},
      .types = {}};
  Pipeline pipeline(workload, options, clock);
  static_cast<void>(pipeline.round(false));  // warms up
  const auto stages = pipeline.median_round(options.repeat, false);
  const auto steps = pipeline.median_round(options.repeat, true);
  roofline.fma_peak_gflops =
      std::max(roofline.fma_peak_gflops, backend::cpu::fma_peak_gflops(kernels, clock));
  add_cells(network, options, clock, roofline);
  add_pipeline(*stages, *steps, roofline);
  return roofline;
}

}  // namespace sheaf::study
