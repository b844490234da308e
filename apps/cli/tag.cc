// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cstdio>
#include <optional>

#include "apps/cli/options.h"
#include "apps/cli/verbs.h"
#include "sheaf/base/error.h"
#include "sheaf/io/file_writer.h"
#include "sheaf/io/lac_files.h"

namespace sheaf::cli {
namespace {

void tag(Flags flags) {
  if (flags.model != "lac") {
    throw base::UsageError({.place = "--model",
                            .what = "no tagger",
                            .got = "'" + flags.model + "'",
                            .expected = "'lac'"});
  }
  const engine::Workload workload = open(flags);
  std::optional<io::FileWriter> file;
  if (!flags.out.empty()) file.emplace(flags.out);
  run_workload(flags, workload, [&](std::uint32_t index, const engine::InstanceOutputs& outputs) {
    const std::string line =
        io::tagged_line(workload.characters[index], outputs.labels, workload.vocabularies.labels) +
        "\n";
    if (file) {
      file->append(line);
    } else {
      fmt::print("{}", line);
    }
  });
  if (file) file->commit();
}

}  // namespace

void add_tag(CLI::App& app) {
  auto* verb =
      app.add_subcommand("tag", "Segment and tag Chinese text: a line of word/tag per line");
  const auto flags = std::make_shared<Flags>();
  flags->model = "lac";
  verb->add_option("--model", flags->model, "Model (only lac so far)")->capture_default_str();
  verb->add_option("FILE", flags->data, "UTF-8 text, - for standard input")->required();
  verb->add_option("--weights", flags->weights, "Folder of the model (default: python3-jieba's)");
  verb->add_option("--seed", flags->seed, "Seed of learning")->capture_default_str();
  add_encode_option(*verb, *flags);
  add_run_options(*verb, *flags);
  add_trace_option(*verb, *flags);
  add_dump_option(*verb, *flags);
  add_learn_options(*verb, *flags);
  verb->add_option("--out", flags->out, "Write here, not to standard output");
  verb->callback([flags] { tag(*flags); });
}

}  // namespace sheaf::cli
