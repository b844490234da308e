// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "apps/cli/print_json.h"
#include "apps/cli/verbs.h"
#include "sheaf/study/memory_report.h"

namespace sheaf::cli {
namespace {

struct MemoryFlags {
  study::MemoryOptions options;
  bool json = false;
  bool markdown = false;
};

void study_memory(const MemoryFlags& flags) {
  const auto cells = study::study_memory(flags.options);
  if (flags.json) {
    print_json(study::memory_json(flags.options, cells));
  } else {
    fmt::print("{}", study::memory_text(cells, flags.markdown));
  }
}

}  // namespace

void add_study_memory(CLI::App& study) {
  auto* verb = study.add_subcommand("memory", "Cells with their memory laid out and without");
  const auto flags = std::make_shared<MemoryFlags>();
  study::MemoryOptions& options = flags->options;
  verb->add_option("--hidden", options.hidden, "Hidden size")
      ->check(CLI::Range(1U, 4096U))
      ->capture_default_str();
  verb->add_option("--batch", options.batch, "Nodes of a batch")
      ->check(CLI::Range(1U, 65536U))
      ->capture_default_str();
  verb->add_option("--repeat", options.repeat, "Rounds; figures are medians over them")
      ->check(CLI::Range(1U, 100000U))
      ->capture_default_str();
  verb->add_option("--isa", options.isa, "auto, avx512, avx2, scalar or reference")
      ->capture_default_str();
  auto* json = add_json_flag(*verb, flags->json);
  verb->add_flag("--markdown", flags->markdown, "Print a Markdown table")->excludes(json);
  verb->callback([flags] { study_memory(*flags); });
}

}  // namespace sheaf::cli
