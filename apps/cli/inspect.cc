// SPDX-License-Identifier: Apache-2.0
#include "sheaf/study/inspect.h"

#include <fmt/format.h>

#include <memory>

#include "apps/cli/print_json.h"
#include "apps/cli/verbs.h"

namespace sheaf::cli {
namespace {

constexpr std::uint32_t kRows = 20;

struct InspectFlags {
  study::InspectOptions options;
  bool json = false;
};

void inspect(const InspectFlags& flags) {
  const study::Inspection found = study::inspect(flags.options);
  if (flags.json) {
    print_json(found.report);
  } else {
    fmt::print("{}", study::to_text(found.report, flags.options.limit.value_or(kRows)));
  }
  if (found.problem) throw base::DataError(*found.problem);
}

}  // namespace

void add_inspect(CLI::App& app) {
  auto* verb =
      app.add_subcommand("inspect",
                         "Say what is in a file: data of any format, weights, a policy, or what "
                         "sheaf train leaves: a model folder, a checkpoint, losses");
  const auto flags = std::make_shared<InspectFlags>();
  verb->add_option("FILE", flags->options.file,
                   "The file, - for standard input, or random data (random:KIND,...)")
      ->required();
  verb->add_option("--format", flags->options.format,
                   "Format of data: brackets, lattices, slf, tagged, bmes, conllu, text or dags; "
                   "auto: by the file")
      ->capture_default_str();
  verb->add_option("--limit", flags->options.limit,
                   "Look at so many instances only, and list so many rows");
  add_json_flag(*verb, flags->json);
  verb->footer("Exit status 2 when the file has a problem; the first is named.");
  verb->callback([flags] { inspect(*flags); });
}

}  // namespace sheaf::cli
