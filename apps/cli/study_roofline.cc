// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "apps/cli/print_json.h"
#include "apps/cli/verbs.h"
#include "sheaf/io/file.h"
#include "sheaf/study/roofline_report.h"
#include "sheaf/study/workloads.h"

namespace sheaf::cli {
namespace {

struct RooflineFlags {
  study::RooflineOptions options;
  std::string svg;
  bool json = false;
  bool markdown = false;
};

void study_roofline(RooflineFlags flags) {
  if (!flags.svg.empty()) io::require_folder_of(flags.svg);
  engine::WorkloadOptions& workload = flags.options.workload;
  if (workload.data.empty()) {
    workload.data = study::study_workloads({workload.model}, "")[0].options.data;
  }
  const study::Roofline roofline = study::study_roofline(flags.options);
  if (!flags.svg.empty()) io::write_file(flags.svg, study::roofline_chart(roofline).to_svg());
  if (flags.json) {
    print_json(study::roofline_json(flags.options, roofline));
  } else {
    fmt::print("{}", study::roofline_text(flags.options, roofline, flags.markdown));
  }
}

}  // namespace

void add_study_roofline(CLI::App& study) {
  auto* verb = study.add_subcommand(
      "roofline", "Cells against the limits of the processor, and where a model's time goes");
  const auto flags = std::make_shared<RooflineFlags>();
  study::RooflineOptions& options = flags->options;
  verb->add_option("--model", options.workload.model, "As of sheaf run")->required();
  verb->add_option("--data", options.workload.data, "As of sheaf run. Default: random data");
  verb->add_option("--target", options.workload.target, "lstm_nmt: the translations");
  verb->add_option("--hidden", options.workload.hidden, "Hidden size (default 256; lac: 128)");
  verb->add_option("--weights", options.workload.weights, "As of sheaf run. Default: random");
  verb->add_option("--batch", options.batch, "Instances per minibatch")
      ->check(CLI::Range(1U, 1U << 20U))
      ->capture_default_str();
  verb->add_option("--policy", options.policy, "Any that needs no table")->capture_default_str();
  verb->add_option("--rows", options.most_rows, "Rows of a cell's batches, at most")
      ->check(CLI::Range(1U, 4096U))
      ->capture_default_str();
  verb->add_option("--repeat", options.repeat, "Rounds; that of median time counts")
      ->check(CLI::Range(1U, 100000U))
      ->capture_default_str();
  verb->add_option("--isa", options.isa, "auto, avx512, avx2, scalar or reference")
      ->capture_default_str();
  verb->add_option("--svg", flags->svg, "Draw the cells under their limits here");
  auto* json = add_json_flag(*verb, flags->json);
  verb->add_flag("--markdown", flags->markdown, "Print Markdown tables")->excludes(json);
  verb->callback([flags] { study_roofline(*flags); });
}

}  // namespace sheaf::cli
