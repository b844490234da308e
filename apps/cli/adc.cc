// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "apps/cli/print_json.h"
#include "apps/cli/verbs.h"
#include "sheaf/study/converter.h"

namespace sheaf::cli {
namespace {

struct AdcFlags {
  study::ConverterOptions options;
  bool json = false;
};

void adc(const AdcFlags& flags) {
  const study::ConverterStudy study = study::study_converter(flags.options);
  if (flags.json) {
    print_json(study::converter_json(study));
  } else {
    fmt::print("{}", study::converter_text(study));
  }
}

}  // namespace

void add_adc(CLI::App& app) {
  auto* verb = app.add_subcommand(
      "adc", "How many bits a crossbar's converter needs, and what it costs by every model");
  const auto flags = std::make_shared<AdcFlags>();
  study::ConverterOptions& options = flags->options;
  sim::adc::LabOptions& lab = options.lab;
  verb->add_option("--rows", lab.rows, "Rows that one read drives")->capture_default_str();
  verb->add_option("--cell-bits", lab.column.cell_bits, "Bits of a cell")->capture_default_str();
  verb->add_option("--dac-bits", lab.column.dac_bits, "Bits of an input's digit")
      ->capture_default_str();
  verb->add_option("--nonzeros", lab.nonzeros,
                   "Most non-zeros per column of a read. Default: all rows, or what --weights has");
  verb->add_option("--encoding", options.encoding,
                   "Where signs go: differential, offset, sign_magnitude or polarised")
      ->capture_default_str();
  verb->add_option("--bits", lab.bits, "Bits of the converter. Default: as many as lose nothing");
  verb->add_option("--on-off", lab.on_off_ratio,
                   "G_on / G_off of the cells. Default: cells at level 0 do not conduct");
  verb->add_option("--rate", lab.adc.rate_gsps, "Conversions, GS/s")
      ->check(CLI::Range(1e-6, 1e6))
      ->capture_default_str();
  verb->add_option("--node", lab.adc.node_nm, "Technology, nm, of models that ask for it")
      ->check(CLI::Range(1.0, 1e4))
      ->capture_default_str();
  verb->add_option("--fom", lab.adc.fom_fj, "Figure of merit of model walden, fJ per step")
      ->check(CLI::Range(0.0, 1e9))
      ->capture_default_str();
  verb->add_option("--model", options.model, "Show this model only");
  auto* weights = verb->add_option("--weights", options.weights,
                                   "A safetensors file: the bits that its weights need");
  verb->add_option("--tensor", options.tensor, "Of --weights, [outputs x inputs]")->needs(weights);
  verb->add_option("--weight-bits", options.weight_bits, "To which --weights are rounded")
      ->capture_default_str();
  verb->add_option("--input-bits", options.input_bits, "Of inputs")->capture_default_str();
  verb->add_option("--samples", options.samples, "Random inputs that are observed")
      ->needs(weights)
      ->check(CLI::Range(0U, 100000U))
      ->capture_default_str();
  verb->add_option("--seed", options.seed, "Of the random inputs")->capture_default_str();
  add_json_flag(*verb, flags->json);
  verb->callback([flags] { adc(*flags); });
}

}  // namespace sheaf::cli
