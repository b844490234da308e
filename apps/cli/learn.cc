// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "apps/cli/options.h"
#include "apps/cli/verbs.h"
#include "sheaf/io/file.h"

namespace sheaf::cli {
namespace {

void learn_verb(Flags flags) {
  const engine::Workload workload = open(flags);
  const auto [learned, learn_ms] = learn(flags, workload, flags.batch);
  io::write_file(flags.out, batching::to_json(learned.table));
  fmt::print("{}: {} states from {} trials in {:.0f} ms{}; {} batches, lower bound {}\n", flags.out,
             learned.table.states.size(), learned.trials, learn_ms,
             learned.teacher.empty() ? "" : " (the choices of " + learned.teacher + ")",
             learned.batches, learned.lower_bound);
}

}  // namespace

void add_learn(CLI::App& app) {
  auto* verb = app.add_subcommand("learn", "Learn a batching policy (FSM) from data and save it");
  const auto flags = std::make_shared<Flags>();
  flags->batch = engine::kLearningInstances;
  add_model_options(*verb, *flags);
  add_learn_options(*verb, *flags);
  verb->add_option("--batch", flags->batch, "Instances to learn from: the first of the data")
      ->check(CLI::Range(1U, 1U << 20U))
      ->capture_default_str();
  verb->add_option("--continue", flags->start_file, "Go on from the policy in this file");
  verb->add_option("--out", flags->out, "Write the policy here, as JSON")->required();
  verb->callback([flags] { learn_verb(*flags); });
}

}  // namespace sheaf::cli
