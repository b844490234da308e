// SPDX-License-Identifier: Apache-2.0
#include "sheaf/compress/encode.h"

#include <algorithm>
#include <optional>

#include "sheaf/base/error.h"
#include "sheaf/base/nearest.h"
#include "sheaf/compress/block_circulant/block_circulant.h"

namespace sheaf::compress {
namespace {

constexpr const char* kPlace = "--encode";
constexpr std::size_t kMostNames = 12;

// With backtracking to the last star.
bool matches_whole(std::string_view pattern, std::string_view name) {
  std::size_t p = 0;
  std::size_t n = 0;
  std::size_t star = pattern.npos;
  std::size_t resume = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = n;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == name[n])) {
      ++p;
      ++n;
    } else if (star != pattern.npos) {
      p = star + 1;
      n = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

[[noreturn]] void refuse_pattern(const EncodeRule& rule, const graph::Network& network,
                                 std::span<const graph::ParameterId> weights) {
  std::string names;
  for (std::size_t i = 0; i < weights.size() && i < kMostNames; ++i) {
    names += (i == 0 ? "" : ", ") + network.parameters()[weights[i]].name;
  }
  if (weights.size() > kMostNames) {
    names += ", ... (" + std::to_string(weights.size()) + " in all)";
  }
  throw base::UsageError({.place = kPlace,
                          .what = "pattern that no weight of a product matches",
                          .got = "'" + rule.pattern + "'",
                          .expected = "one of their names",
                          .hint = "there are " + names});
}

double apply(const EncodeRule& rule, graph::ParameterId id, graph::ParameterStore& parameters) {
  const graph::Parameter& parameter = parameters[id];
  if (parameter.encoding == rule.encoding) return 0;
  if (!parameter.encoding.is_dense()) {
    throw base::UsageError(
        {.place = kPlace,
         .what = "encoding of " + parameter.name,
         .got = to_string(rule.encoding),
         .expected = to_string(parameter.encoding) + ", which the weights have"});
  }
  if (parameter.value.shape().size() == 0) {
    parameters.encode(id, rule.encoding);
    return 0;
  }
  const double error = projection_error(parameter.value, rule.encoding.block);
  tensor::Tensor stored = project(parameter.value, rule.encoding.block);
  parameters.encode(id, rule.encoding);
  parameters.assign(id, std::move(stored));
  return error;
}

// Before anything is changed.
void require_fitting(const EncodeRule& rule, const graph::Parameter& parameter) {
  if (tensor::fits(rule.encoding, parameter.shape)) return;
  throw base::UsageError(
      {.place = kPlace,
       .what = "shape of " + parameter.name,
       .got = to_string(parameter.shape),
       .expected = "rows and columns that " + std::to_string(rule.encoding.block) + " divides",
       .hint = "use another pattern or a smaller k"});
}

}  // namespace

EncodeRule parse_encode_rule(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == text.npos || equals == 0) {
    throw base::UsageError({.place = kPlace,
                            .what = "rule",
                            .got = "'" + text + "'",
                            .expected = "PATTERN=ENCODING",
                            .hint = "for example 'W_*=block_circulant:k=8'"});
  }
  return {text, text.substr(0, equals), tensor::parse_encoding(text.substr(equals + 1), kPlace)};
}

bool matches(std::string_view pattern, std::string_view name) {
  const std::size_t dot = name.rfind('.');
  if (pattern.find('.') == pattern.npos && dot != name.npos) name = name.substr(dot + 1);
  return matches_whole(pattern, name);
}

std::vector<graph::ParameterId> product_weights(const graph::Network& network) {
  enum class Use : std::uint8_t { none, weight, other };
  std::vector<Use> uses(network.parameters().size(), Use::none);
  for (graph::TypeId t = 0; t < network.type_count(); ++t) {
    const graph::BatchType& type = network.type(t);
    for (const graph::CellOp& op : type.cell->ops()) {
      for (std::size_t i = 0; i < op.slots.size(); ++i) {
        Use& use = uses[type.binding[op.slots[i]]];
        const bool product =
            op.kind == ops::OpKind::affine || op.kind == ops::OpKind::quantised_affine;
        const bool weight = product && i < op.operands.size();
        if (!weight) use = Use::other;
        if (weight && use == Use::none) use = Use::weight;
      }
    }
  }
  std::vector<graph::ParameterId> weights;
  for (graph::ParameterId id = 0; id < uses.size(); ++id) {
    if (uses[id] == Use::weight) weights.push_back(id);
  }
  return weights;
}

void require_product_weights(const graph::Network& network, const std::string& file) {
  const std::vector<graph::ParameterId> weights = product_weights(network);
  for (graph::ParameterId id = 0; id < network.parameters().size(); ++id) {
    const graph::Parameter& parameter = network.parameters()[id];
    if (parameter.encoding.is_dense()) continue;
    if (std::binary_search(weights.begin(), weights.end(), id)) continue;
    throw base::DataError({.place = file + ": " + parameter.name,
                           .what = "encoding of what is no weight of a product",
                           .got = to_string(parameter.encoding),
                           .expected = to_string(tensor::kDense)});
  }
}

std::vector<Encoded> encode(std::span<const EncodeRule> rules, graph::Network& network) {
  const std::vector<graph::ParameterId> weights = product_weights(network);
  graph::ParameterStore& parameters = network.parameters();
  std::vector<const EncodeRule*> chosen(weights.size(), nullptr);
  for (const EncodeRule& rule : rules) {
    bool any = false;
    for (std::size_t i = 0; i < weights.size(); ++i) {
      if (!matches(rule.pattern, parameters[weights[i]].name)) continue;
      any = true;
      chosen[i] = &rule;
    }
    if (!any) refuse_pattern(rule, network, weights);
  }
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (chosen[i] != nullptr) require_fitting(*chosen[i], parameters[weights[i]]);
  }
  std::vector<Encoded> encoded;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (chosen[i] == nullptr) continue;
    const double error = apply(*chosen[i], weights[i], parameters);
    if (!chosen[i]->encoding.is_dense()) encoded.push_back({weights[i], error});
  }
  return encoded;
}

}  // namespace sheaf::compress
