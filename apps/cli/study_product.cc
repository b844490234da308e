// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "apps/cli/print_json.h"
#include "apps/cli/verbs.h"
#include "sheaf/io/file.h"
#include "sheaf/report/product_picture.h"
#include "sheaf/study/product.h"

namespace sheaf::cli {
namespace {

struct ProductFlags {
  study::ProductOptions options;
  std::string svg;
  bool json = false;
};

void study_product(const ProductFlags& flags) {
  if (!flags.svg.empty()) io::require_folder_of(flags.svg);
  const study::ProductStudy study = study::study_product(flags.options);
  if (!flags.svg.empty()) io::write_file(flags.svg, report::product_to_svg(study.flow));
  if (flags.json) {
    print_json(study::product_json(study));
  } else {
    fmt::print("{}", study::product_text(study));
  }
}

}  // namespace

void add_study_product(CLI::App& study) {
  auto* verb = study.add_subcommand(
      "product", "One small product through a chip's crossbars, number by number");
  const auto flags = std::make_shared<ProductFlags>();
  study::ProductOptions& options = flags->options;
  verb->add_option("--hw", options.hw, "A chip by name, or a file (docs/hardware.md)")
      ->capture_default_str();
  verb->add_option("--set", options.set, "KEY=VALUE: one number of the chip changed");
  verb->add_option(
      "--weights", options.weights,
      "y = W x: the weights of each output, apart by ; (3 -2 5; 1 7 0). Default: random");
  verb->add_option("--inputs", options.inputs,
                   "x, as many as weights of an output. Default: random")
      ->delimiter(',');
  verb->add_option("--rows", options.rows, "Inputs of random weights")->capture_default_str();
  verb->add_option("--outputs", options.outputs, "Outputs of random weights")
      ->capture_default_str();
  verb->add_option("--seed", options.seed, "Of what is random")->capture_default_str();
  verb->add_option("--svg", flags->svg, "Draw it here");
  add_json_flag(*verb, flags->json);
  verb->callback([flags] { study_product(*flags); });
}

}  // namespace sheaf::cli
