// SPDX-License-Identifier: Apache-2.0
#include "sheaf/backend/cpu/integer_pack.h"

#include <algorithm>
#include <cmath>

#include "sheaf/backend/cpu/integer_products.h"
#include "sheaf/backend/cpu/pack.h"
#include "sheaf/base/error.h"
#include "sheaf/tensor/quantisation.h"

namespace sheaf::backend::cpu {
namespace {

using memory_plan::IntegerProduct;

tensor::AlignedBuffer zeros(std::size_t floats) {
  tensor::AlignedBuffer buffer(tensor::round_up(floats, kIntegerAlignment));
  std::fill_n(buffer.data(), buffer.size(), 0.0F);
  return buffer;
}

std::span<const float> scales_of(const graph::Parameter& parameter) {
  require_encoding(parameter, tensor::kDense);
  for (const float scale : parameter.value.values()) {
    if (scale > 0 && std::isfinite(scale)) continue;
    throw base::UsageError({.place = "parameter " + parameter.name,
                            .what = "scale of integers",
                            .got = std::to_string(scale),
                            .expected = "a positive number"});
  }
  return parameter.value.values();
}

// Row by row, as a dense matrix.
std::vector<std::int16_t> expanded(const graph::Parameter& parameter) {
  const std::uint32_t k = parameter.encoding.is_dense() ? 1 : parameter.encoding.block;
  std::vector<std::int16_t> values;
  values.reserve(parameter.shape.size());
  for (std::uint32_t j = 0; j < parameter.shape.rows; ++j) {
    const auto stored = parameter.value.row(j / k);
    const std::uint32_t a = j % k;
    for (std::uint32_t i = 0; i < parameter.shape.cols; ++i) {
      const std::uint32_t b = i % k;
      values.push_back(static_cast<std::int16_t>(stored[i - b + (a + k - b) % k]));
    }
  }
  return values;
}

void require_integers(const graph::Parameter& parameter, tensor::Bits bits) {
  const auto most = static_cast<float>(tensor::most_integer(bits.weight));
  for (const float w : parameter.value.values()) {
    if (std::abs(w) <= most && w == std::nearbyint(w)) continue;
    throw base::UsageError({.place = "parameter " + parameter.name,
                            .what = "weight of a product of integers",
                            .got = std::to_string(w),
                            .expected = "an integer of " + std::to_string(bits.weight) + " bits",
                            .hint = "quantise the network (passes/quantise.h)"});
  }
  const std::int64_t sum = tensor::largest_sum(parameter.value, bits.input);
  if (sum <= tensor::kMostSum) return;
  throw base::UsageError(
      {.place = "parameter " + parameter.name,
       .what = "sums of products with inputs of " + std::to_string(bits.input) + " bits",
       .got = "up to " + std::to_string(sum),
       .expected = "at most " + std::to_string(tensor::kMostSum),
       .hint = "use fewer bits"});
}

}  // namespace

IntegerFactors pack_factors(const IntegerProduct& product, const graph::Binding& binding,
                            const graph::ParameterStore& parameters) {
  IntegerFactors packed{{}, zeros(product.shape.cols)};
  for (const IntegerProduct::Term& term : product.terms) {
    const auto rows = scales_of(parameters[binding[term.scales]]);
    const float input = scales_of(parameters[binding[term.input_scale]])[0];
    tensor::AlignedBuffer factors = zeros(product.shape.cols);
    std::transform(rows.begin(), rows.end(), factors.data(), [&](float s) { return input * s; });
    packed.factors.push_back(std::move(factors));
  }
  if (product.bias != IntegerProduct::kNoBias) {
    require_encoding(parameters[binding[product.bias]], tensor::kDense);
    const auto bias = parameters[binding[product.bias]].value.values();
    std::copy(bias.begin(), bias.end(), packed.bias.data());
  }
  return packed;
}

void IntegerWeights::prepare(const graph::Network& network,
                             const memory_plan::CompiledNetwork& compiled,
                             runtime::IntegerProducts& unit) {
  const graph::ParameterStore& parameters = network.parameters();
  std::vector<tensor::Bits> bits(parameters.size());
  for (graph::TypeId type = 0; type < network.type_count(); ++type) {
    for (const IntegerProduct& product : compiled.types[type].cell->integer_products) {
      for (const IntegerProduct::Term& term : product.terms) {
        tensor::Bits& of = bits[network.type(type).binding[term.weights]];
        of.input = std::max(of.input, product.bits.input);
        of.weight = std::max(of.weight, product.bits.weight);
      }
    }
  }
  held_.resize(parameters.size());
  for (graph::ParameterId id = 0; id < parameters.size(); ++id) {
    const graph::Parameter& parameter = parameters[id];
    const Held now{bits[id], parameter.version, parameter.encoding};
    if (bits[id].weight == 0 || held_[id] == now) continue;
    require_integers(parameter, bits[id]);
    const std::vector<std::int16_t> values = expanded(parameter);
    unit.prepare({.parameter = id,
                  .name = parameter.name,
                  .version = parameter.version,
                  .outputs = parameter.shape.rows,
                  .inputs = parameter.shape.cols,
                  .values = values,
                  .bits = bits[id],
                  .encoding = parameter.encoding});
    held_[id] = now;
  }
}

}  // namespace sheaf::backend::cpu
