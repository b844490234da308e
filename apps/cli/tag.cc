// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cstdio>

#include "apps/cli/options.h"
#include "apps/cli/verbs.h"
#include "sheaf/base/error.h"
#include "sheaf/io/file.h"
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
  const auto outputs = run_workload(flags, workload);
  std::string text;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    text +=
        io::tagged_line(workload.characters[i], outputs[i].labels, workload.vocabularies.labels) +
        "\n";
  }
  if (flags.out.empty()) {
    fmt::print("{}", text);
  } else {
    io::write_file(flags.out, text);
  }
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
  add_run_options(*verb, *flags);
  add_dump_option(*verb, *flags);
  add_learn_options(*verb, *flags);
  verb->add_option("--out", flags->out, "Write here, not to standard output");
  verb->callback([flags] { tag(*flags); });
}

}  // namespace sheaf::cli
