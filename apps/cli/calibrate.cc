// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "apps/cli/costs.h"
#include "apps/cli/options.h"
#include "apps/cli/verbs.h"

namespace sheaf::cli {
namespace {

void print_costs(const graph::Network& network, const batching::CostTable& costs) {
  for (graph::TypeId id = 0; id < network.type_count(); ++id) {
    const batching::TypeCost& cost = costs.types[id];
    fmt::print("{:16} us", network.type(id).name);
    for (std::size_t i = 0; i < cost.batch.rows.size(); ++i) {
      fmt::print("  {}: {:.2f}", cost.batch.rows[i], cost.batch.ns[i] * 1e-3);
    }
    fmt::print("; after another type {:.2f} more\n", cost.switch_ns * 1e-3);
  }
}

void calibrate(const Flags& flags) {
  const engine::Workload workload = open(flags);
  const graph::Network& network = workload.model->network();
  print_costs(network, *measure_costs(network, flags.isa, true));
  fmt::print("{}\n", cost_path(engine::cost_key(flags.isa, SHEAF_VERSION)));
}

}  // namespace

void add_calibrate(CLI::App& app) {
  auto* verb = app.add_subcommand(
      "calibrate", "Measure what batches of a model take on this machine, for policy cost");
  const auto flags = std::make_shared<Flags>();
  add_model_options(*verb, *flags);
  verb->add_option("--isa", flags->isa, "auto, avx512, avx2, scalar or reference")
      ->capture_default_str();
  verb->callback([flags] { calibrate(*flags); });
}

}  // namespace sheaf::cli
