// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "apps/cli/verbs.h"
#include "sheaf/study/accelerators.h"

namespace sheaf::cli {
namespace {

struct AcceleratorFlags {
  study::AcceleratorOptions options;
  bool json = false;
  bool markdown = false;
};

void study_accelerators(const AcceleratorFlags& flags) {
  const auto tables = study::study_accelerators(flags.options);
  if (flags.json) {
    fmt::print("{}\n", study::accelerators_json(tables).dump(1));
  } else {
    fmt::print("{}", study::accelerators_text(tables, flags.markdown));
  }
}

}  // namespace

void add_study_accelerators(CLI::App& study) {
  auto* verb = study.add_subcommand(
      "accelerators", "ReBoc, TinyADC, CANNON and SmartDeal as models, beside their abstracts");
  const auto flags = std::make_shared<AcceleratorFlags>();
  study::AcceleratorOptions& options = flags->options;
  verb->add_option("--models", options.models, "Layer lists by name, or files (.yaml)")
      ->delimiter(',')
      ->capture_default_str();
  verb->add_option("--bits", options.bits, "Of weights and inputs, ReBoc against its rivals")
      ->check(CLI::Range(2U, 32U))
      ->capture_default_str();
  verb->add_option("--block", options.block, "Size of circulant blocks")
      ->check(CLI::Range(1U, 128U))
      ->capture_default_str();
  auto* json = verb->add_flag("--json", flags->json, "Print everything as JSON");
  verb->add_flag("--markdown", flags->markdown, "Print tables for a Markdown page")->excludes(json);
  verb->callback([flags] { study_accelerators(*flags); });
}

}  // namespace sheaf::cli
