// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <memory>
#include <set>

#include "apps/cli/print_json.h"
#include "apps/cli/progress.h"
#include "apps/cli/verbs.h"
#include "sheaf/base/error.h"
#include "sheaf/io/file.h"
#include "sheaf/study/explore_report.h"
#include "sheaf/study/explore_run.h"

namespace sheaf::cli {
namespace {

struct ExploreFlags {
  study::ExploreOptions options;
  std::string shard;
  std::vector<std::string> merge;
  std::vector<std::string> objectives;
  std::string pareto;
  std::string plot;
  bool json = false;
};

study::Results results_of(ExploreFlags& flags) {
  if (!flags.merge.empty()) {
    if (!flags.options.space.empty()) {
      throw base::UsageError(
          {.place = "--merge", .what = "a space and files to merge", .expected = "one of them"});
    }
    if (!flags.shard.empty()) {
      throw base::UsageError({.place = "--shard",
                              .what = "changes nothing here",
                              .got = "'" + flags.shard + "'",
                              .expected = "no --merge"});
    }
    study::Results results = study::merge_results(flags.merge);
    if (!flags.options.out.empty()) study::write_results(results, flags.options.out);
    return results;
  }
  if (flags.options.space.empty()) {
    throw base::UsageError(
        {.place = "explore", .what = "no space", .expected = "a file, or --merge FILES"});
  }
  if (!flags.shard.empty()) flags.options.shard = study::parse_shard(flags.shard);
  std::unique_ptr<ProgressBar> bar;
  flags.options.progress = [&bar](std::size_t done, std::size_t total) {
    if (!bar) bar = std::make_unique<ProgressBar>("designs", total);
    bar->show(done);
  };
  return study::explore(flags.options);
}

// Files that are written, each of them another one.
void require_outputs(const ExploreFlags& flags) {
  std::set<std::string> paths;
  for (const std::string& path : {flags.pareto, flags.plot, flags.options.out}) {
    if (path.empty()) continue;
    io::require_folder_of(path);
    if (paths.insert(std::filesystem::weakly_canonical(path).string()).second) continue;
    throw base::UsageError({.place = path,
                            .what = "two results in one file",
                            .expected = "a file for each of --out, --pareto and --plot"});
  }
}

void explore(ExploreFlags flags) {
  require_outputs(flags);
  std::vector<study::Figure> objectives;
  for (const std::string& name : flags.objectives) {
    const study::Figure figure = study::figure_of(name, "--objectives");
    if (std::find(objectives.begin(), objectives.end(), figure) != objectives.end()) {
      throw base::UsageError({.place = "--objectives",
                              .what = "an objective",
                              .got = "'" + name + "' a second time",
                              .expected = "each once"});
    }
    objectives.push_back(figure);
  }
  study::Results results = results_of(flags);
  if (!objectives.empty()) results.space.objectives = objectives;
  const study::Exploration exploration = study::explored(std::move(results));
  if (!flags.pareto.empty()) io::write_file(flags.pareto, study::front_csv(exploration));
  if (!flags.plot.empty()) io::write_file(flags.plot, study::front_chart(exploration).to_svg());
  if (flags.json) {
    print_json(study::exploration_json(exploration));
  } else {
    fmt::print("{}", study::exploration_text(exploration));
  }
}

}  // namespace

void add_explore(CLI::App& app) {
  auto* verb = app.add_subcommand(
      "explore", "What every chip of a space takes for a network, and which no other beats");
  const auto flags = std::make_shared<ExploreFlags>();
  study::ExploreOptions& options = flags->options;
  verb->add_option("space", options.space,
                   "The space: a file in YAML with chips, keys of theirs, models "
                   "(docs/explore.md; configs/spaces has examples)");
  verb->add_option("--out", options.out,
                   "Results, a line of JSON per design. A file of the same space that is there "
                   "already is continued");
  verb->add_option("--shard", flags->shard, "Only part I of N: 2/8");
  verb->add_option("--merge", flags->merge, "Take these files of results instead of a space")
      ->expected(1, 100000);
  verb->add_option("--objectives", flags->objectives,
                   "What designs are compared by instead of what the space says: "
                   "energy,latency,interval,area,edp,gops,gops_per_w,gops_per_mm2,crossbars,...")
      ->delimiter(',');
  verb->add_option("--pareto", flags->pareto, "Designs that no other beats, as CSV");
  verb->add_option("--plot", flags->plot, "All designs by the first two objectives, as SVG");
  verb->add_option("--limit", options.limit, "Refuse a space of more designs")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000'000}))
      ->capture_default_str();
  verb->add_option("--threads", options.threads, "Threads; results do not depend on them")
      ->check(CLI::Range(1U, 256U))
      ->capture_default_str();
  add_json_flag(*verb, flags->json);
  verb->footer(
      "A design that cannot be is kept with the reason. Runs that are stopped go on where "
      "--out ends.");
  verb->callback([flags] { explore(*flags); });
}

}  // namespace sheaf::cli
