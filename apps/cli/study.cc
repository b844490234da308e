// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "apps/cli/verbs.h"
#include "sheaf/base/clock.h"
#include "sheaf/io/file.h"
#include "sheaf/study/batching.h"
#include "sheaf/study/batching_report.h"

namespace sheaf::cli {
namespace {

struct StudyFlags {
  study::BatchingOptions batching;
  double seconds = 1;
  std::string svg;
  bool json = false;
  bool markdown = false;
};

void study_batching(StudyFlags flags) {
  if (!flags.svg.empty()) io::require_folder_of(flags.svg);
  flags.batching.search.time_limit_ns = static_cast<std::uint64_t>(flags.seconds * 1e9);
  flags.batching.search.clock = std::make_shared<base::ThreadCpuClock>();
  flags.batching.progress = [](std::string_view text) { fmt::print(stderr, "{}\n", text); };
  const auto figures = study::study_batching(flags.batching);
  if (!flags.svg.empty()) io::write_file(flags.svg, study::batching_chart(figures).to_svg());
  if (flags.json) {
    fmt::print("{}\n", study::batching_json(figures).dump(1));
  } else {
    fmt::print("{}", study::batching_text(figures, flags.markdown));
  }
}

void add_batching(CLI::App& study) {
  auto* verb = study.add_subcommand(
      "batching", "Batches of every policy on every workload, against bounds and proven optima");
  const auto flags = std::make_shared<StudyFlags>();
  study::BatchingOptions& options = flags->batching;
  verb->add_option("--models", options.models, "Default: all but lac")->delimiter(',');
  verb->add_option("--batch", options.batches, "Instances per minibatch")
      ->delimiter(',')
      ->check(CLI::Range(1U, 1U << 20U))
      ->capture_default_str();
  verb->add_option("--data-dir", options.data_dir,
                   "Folder with trees/dev.txt, lattice/train.txt, tags/{dev,train}.txt, "
                   "parallel/dev.{ja,en}, dependency/en_ewt.dev.conllu. Default: random data");
  verb->add_option("--minibatches", options.minibatches, "At most so many of each")
      ->check(CLI::Range(1U, 1U << 20U))
      ->capture_default_str();
  verb->add_option("--optimal-below", options.optimal_below,
                   "Search minibatches of fewer instances exactly")
      ->capture_default_str();
  verb->add_option("--beam-width", options.search.beam_width, "States that the beam keeps")
      ->check(CLI::Range(1U, 1U << 16U))
      ->capture_default_str();
  verb->add_option("--seconds", flags->seconds, "Time limit of one search")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  verb->add_option("--seed", options.seed, "Of learning and of random structure")
      ->capture_default_str();
  verb->add_option("--svg", flags->svg, "Draw batches over the lower bound here");
  auto* json = verb->add_flag("--json", flags->json, "Print everything as JSON");
  verb->add_flag("--markdown", flags->markdown, "Print tables for a Markdown page")->excludes(json);
  verb->callback([flags] { study_batching(*flags); });
}

}  // namespace

void add_study(CLI::App& app) {
  auto* verb = app.add_subcommand("study", "Measure what the documentation claims");
  verb->require_subcommand(1);
  add_batching(*verb);
  add_study_accelerators(*verb);
  add_study_memory(*verb);
  add_study_product(*verb);
  add_study_roofline(*verb);
}

}  // namespace sheaf::cli
