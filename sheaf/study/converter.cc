// SPDX-License-Identifier: Apache-2.0
#include "sheaf/study/converter.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "sheaf/base/error.h"
#include "sheaf/base/nearest.h"
#include "sheaf/base/rng.h"
#include "sheaf/compress/block_circulant/block_circulant.h"
#include "sheaf/io/weights_file.h"
#include "sheaf/sim/cost/adc_scaling.h"
#include "sheaf/target/read_chip.h"

namespace sheaf::study {
namespace {

using sim::crossbar::Format;
using sim::crossbar::WeightEncoding;

WeightEncoding encoding_of(const std::string& name) {
  const auto& known = sim::crossbar::kWeightEncodingNames;
  const auto found = std::find(known.begin(), known.end(), name);
  if (found != known.end()) return static_cast<WeightEncoding>(found - known.begin());
  const std::vector<std::string> names(known.begin(), known.end());
  throw base::UsageError({.place = "--encoding",
                          .what = "unknown encoding",
                          .got = "'" + name + "'",
                          .hint = base::suggest(name, names)});
}

// The tensor that the options name, dense, [outputs x inputs].
tensor::Tensor read_tensor(ConverterOptions& options) {
  io::WeightsFile file = io::read_weights(options.weights);
  std::vector<std::string> names;
  for (const auto& [name, tensor] : file.tensors) names.push_back(name);
  if (options.tensor.empty() && names.size() == 1) options.tensor = names.front();
  const auto found = file.tensors.find(options.tensor);
  if (found == file.tensors.end()) {
    throw base::NotFoundError(
        {.place = "--tensor",
         .what = options.tensor.empty() ? "which tensor?" : "no such tensor in " + options.weights,
         .got = options.tensor.empty() ? "" : "'" + options.tensor + "'",
         .hint = base::suggest(options.tensor, names)});
  }
  const auto encoding = file.encodings.find(options.tensor);
  if (encoding == file.encodings.end()) return std::move(found->second);
  return compress::expand(found->second, encoding->second.block);
}

ConverterWeights study_weights(ConverterOptions& options) {
  const tensor::Tensor tensor = read_tensor(options);
  const Format format{.encoding = options.lab.encoding,
                      .weight_bits = options.weight_bits,
                      .input_bits = options.input_bits,
                      .cell_bits = options.lab.column.cell_bits,
                      .dac_bits = options.lab.column.dac_bits,
                      .rows = options.lab.rows,
                      .parallel_rows = options.lab.rows};
  check_format(format);
  ConverterWeights weights{
      .tensor = options.tensor, .inputs = tensor.shape().cols, .outputs = tensor.shape().rows};
  float largest = 0;
  for (const float w : tensor.values()) largest = std::max(largest, std::abs(w));
  weights.scale = double{largest} / ((1 << (options.weight_bits - 1)) - 1);
  std::vector<std::int32_t> rounded(tensor.values().size());  // [inputs x outputs]
  std::size_t zeros = 0;
  for (std::uint32_t o = 0; o < weights.outputs; ++o) {
    for (std::uint32_t i = 0; i < weights.inputs; ++i) {
      const double w = double{tensor.row(o)[i]};
      const auto level =
          largest > 0 ? static_cast<std::int32_t>(std::lround(w / weights.scale)) : 0;
      rounded[std::size_t{i} * weights.outputs + o] = level;
      zeros += level == 0 ? 1 : 0;
    }
  }
  weights.zero_share = static_cast<double>(zeros) / static_cast<double>(rounded.size());
  base::Rng rng(options.seed, "adc samples");
  std::vector<std::int32_t> samples(std::size_t{options.samples} * weights.inputs);
  for (std::int32_t& x : samples) {
    x = static_cast<std::int32_t>(rng.below(1U << options.input_bits));
  }
  weights.bounds = sim::adc::find_bounds(format, rounded, weights.outputs, samples);
  return weights;
}

std::vector<TileGain> tile_gains(const sim::adc::Lab& lab) {
  std::vector<TileGain> gains(lab.models.size());
  if (lab.bits > sim::adc::kMostConverterBits) return gains;
  target::Chip isaac = target::read_chip("isaac");
  isaac.adc->rate_gsps = lab.options.adc.rate_gsps;
  isaac.adc->node_nm = lab.options.adc.node_nm;
  isaac.adc->fom_fj = lab.options.adc.fom_fj;
  const auto studies = sim::cost::adc_scaling(isaac, lab.bits, lab.bits);
  for (std::size_t i = 0; i < gains.size(); ++i) {
    const sim::cost::AdcScalingPoint& point = studies.at(i).points.at(0);
    if (!point.refusal.empty()) continue;
    gains[i].per_w = point.power_gain;
    if (point.area_known) gains[i].per_mm2 = point.area_gain;
  }
  return gains;
}

}  // namespace

ConverterStudy study_converter(ConverterOptions options) {
  options.lab.encoding = encoding_of(options.encoding);
  if (!options.model.empty()) static_cast<void>(sim::adc::find_model(options.model));
  std::optional<ConverterWeights> weights;
  if (!options.weights.empty()) {
    static_cast<void>(make_lab(options.lab));  // what is wrong with the options comes first
    weights = study_weights(options);
    const bool offset = options.lab.encoding == WeightEncoding::offset;
    if (!options.lab.nonzeros && !offset) {
      options.lab.nonzeros = std::max(1U, weights->bounds.nonzeros);
    }
  }
  ConverterStudy study{
      .options = options, .lab = make_lab(options.lab), .tile_gains = {}, .weights = weights};
  study.tile_gains = tile_gains(study.lab);
  if (weights && options.lab.nonzeros && weights->bounds.nonzeros > *options.lab.nonzeros) {
    study.lab.warnings.push_back(
        "the weights have columns of " + std::to_string(weights->bounds.nonzeros) +
        " non-zeros, more than the given " + std::to_string(*options.lab.nonzeros));
  }
  return study;
}

}  // namespace sheaf::study
