// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "apps/cli/options.h"
#include "apps/cli/verbs.h"
#include "sheaf/base/error.h"
#include "sheaf/base/nearest.h"
#include "sheaf/io/file.h"
#include "sheaf/report/cell_picture.h"
#include "sheaf/report/schedule_picture.h"
#include "sheaf/study/explain.h"

namespace sheaf::cli {
namespace {

struct ExplainFlags : Flags {
  std::uint32_t index = 0;
  std::string svg;
  std::string type;
};

// The type whose cell is explained: the one that is named, or the one with most to compute.
const graph::BatchType& chosen_type(const ExplainFlags& flags, const graph::Network& network) {
  const auto names = network.type_names();
  graph::TypeId most = 0;
  for (graph::TypeId type = 0; type < network.type_count(); ++type) {
    if (names[type] == flags.type) return network.type(type);
    if (network.type(type).cell->flops() > network.type(most).cell->flops()) most = type;
  }
  if (flags.type.empty()) return network.type(most);
  throw base::UsageError({.place = "--type",
                          .what = "unknown batch type",
                          .got = "'" + flags.type + "'",
                          .hint = base::suggest(flags.type, names)});
}

void explain(const ExplainFlags& flags) {
  const engine::Workload workload = open(flags);
  const graph::Network& network = workload.model->network();
  const graph::BatchType& type = chosen_type(flags, network);
  if (flags.index >= workload.instances.size()) {
    throw base::UsageError({.place = "--index",
                            .what = "instance",
                            .got = std::to_string(flags.index),
                            .expected = "below " + std::to_string(workload.instances.size())});
  }
  const std::string stem =
      flags.svg.ends_with(".svg") ? flags.svg.substr(0, flags.svg.size() - 4) : flags.svg;
  if (!flags.svg.empty() && (stem.empty() || stem.ends_with('/'))) {
    throw base::UsageError({.place = "--svg",
                            .what = "name of the pictures",
                            .got = "'" + flags.svg + "'",
                            .expected = "a name that they begin with"});
  }
  if (!stem.empty()) io::require_folder_of(stem);
  const std::size_t end =
      std::min<std::size_t>(std::size_t{flags.index} + flags.batch, workload.instances.size());
  std::vector<std::uint32_t> indices;
  for (std::size_t i = flags.index; i < end; ++i) indices.push_back(static_cast<std::uint32_t>(i));
  graph::Graph graph(network);
  engine::build_graph(*workload.model, workload.instances, indices, graph);
  batching::Dependencies dependencies;
  dependencies.build(graph, graph.seal());
  const study::Contestant contestant = make_contestant(flags, workload);
  batching::Schedule schedule;
  batching::make_policy(contestant.policy, contestant.parts)->plan(dependencies, schedule);

  const std::string what =
      indices.size() == 1
          ? fmt::format("{}, instance {}", flags.model, flags.index)
          : fmt::format("{}, instances {} to {}", flags.model, flags.index, end - 1);
  fmt::print("{}: {} calls, {} batches by {}, lower bound {}\n\n", what, graph.size(),
             schedule.batches.size(), flags.policy, batching::lower_bound(dependencies));
  fmt::print("{}", study::explained_text(study::explain_schedule(dependencies, schedule),
                                         network.type_names()));
  fmt::print("\n{}", report::cell_to_text(*type.cell));
  if (stem.empty()) return;

  auto table = contestant.parts.fsm;
  if (!table) {
    table = std::make_shared<const batching::FsmTable>(
        learn(flags, workload, engine::kLearningInstances).learned.table);
  }
  report::MachinePicture machine = study::machine_picture(dependencies, *table);
  machine.title = what + (flags.policy == "fsm" ? ": the machine" : ": what fsm would do") +
                  ", and how often it takes each step";
  const report::ScheduleView view{flags.policy, &schedule};
  io::write_file(stem + "-machine.svg", machine.to_svg());
  io::write_file(stem + "-batches.svg", report::to_svg(graph, {&view, 1}, what));
  io::write_file(stem + "-cell.svg", report::cell_to_svg(*type.cell));
  fmt::print("\nPictures: {0}-machine.svg {0}-batches.svg {0}-cell.svg\n", stem);
}

}  // namespace

void add_explain(CLI::App& app) {
  auto* verb = app.add_subcommand(
      "explain", "Say why a minibatch is batched as it is and how a cell's memory is laid out");
  const auto flags = std::make_shared<ExplainFlags>();
  flags->batch = 1;
  add_model_options(*verb, *flags);
  add_policy_options(*verb, *flags);
  add_learn_options(*verb, *flags);
  verb->add_option("--index", flags->index, "First instance")->capture_default_str();
  verb->add_option("--batch", flags->batch, "Instances, from the first on")
      ->check(CLI::Range(1U, 1U << 20U))
      ->capture_default_str();
  verb->add_option("--type", flags->type,
                   "Batch type whose cell is shown. Default: the one with most to compute");
  verb->add_option(
      "--svg", flags->svg,
      "Draw the machine, the batches and the cell: NAME-machine.svg, NAME-batches.svg, "
      "NAME-cell.svg");
  verb->callback([flags] { explain(*flags); });
}

}  // namespace sheaf::cli
