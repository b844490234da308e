// SPDX-License-Identifier: Apache-2.0
#include "sheaf/engine/quantise_model.h"

#include <algorithm>
#include <set>
#include <utility>

#include <nlohmann/json.hpp>

#include "sheaf/base/error.h"
#include "sheaf/compress/encode.h"
#include "sheaf/engine/compile.h"
#include "sheaf/engine/magnitudes.h"
#include "sheaf/passes/copy_network.h"
#include "sheaf/passes/fold_batch_norm.h"
#include "sheaf/passes/quantise.h"
#include "sheaf/tensor/aligned_buffer.h"

namespace sheaf::engine {
namespace {

constexpr const char* kKey = "quantised";
constexpr std::uint32_t kBatch = 16;

void require(const QuantiseOptions& options, std::span<const nn::Instance> instances) {
  if (instances.empty()) {
    throw base::UsageError({.place = "quantise",
                            .what = "calibration",
                            .got = "no instances",
                            .expected = "one or more"});
  }
  if (options.percentile > 0 && options.percentile <= 100) return;
  throw base::UsageError({.place = "quantise",
                          .what = "percentile",
                          .got = std::to_string(options.percentile),
                          .expected = "more than 0 and at most 100"});
}

std::vector<std::string> chosen_weights(const graph::Network& network,
                                        const QuantiseOptions& options) {
  std::vector<std::string> weights = passes::quantisable_weights(network);
  const std::size_t all = weights.size();
  for (const std::string& pattern : options.keep_float) {
    const auto fits = [&](const std::string& name) { return compress::matches(pattern, name); };
    if (std::none_of(weights.begin(), weights.end(), fits)) {
      throw base::UsageError(
          {.place = "quantise",
           .what = "pattern of weights that stay floats",
           .got = "'" + pattern + "'",
           .expected = "one that fits one of " + std::to_string(all) + " weights of products"});
    }
    std::erase_if(weights, fits);
  }
  return passes::whole_products(network, std::move(weights));
}

// The magnitudes of every input of `observed` in a run over the instances.
std::vector<Magnitudes> measure(const nn::Model& model, std::span<const nn::Instance> instances,
                                const passes::ObservedNetwork& observed, const std::string& isa) {
  std::vector<Magnitudes> magnitudes(observed.inputs.size());
  std::vector<std::vector<std::size_t>> of_type(observed.network.type_count());
  for (std::size_t i = 0; i < observed.inputs.size(); ++i) {
    of_type[observed.inputs[i].type].push_back(i);
  }
  const auto session = compile(observed.network, {.isa = isa});
  graph::Graph graph(observed.network);
  for (std::size_t begin = 0; begin < instances.size(); begin += kBatch) {
    graph.clear();
    session->begin();
    const std::size_t end = std::min(begin + kBatch, instances.size());
    for (std::size_t i = begin; i < end; ++i) {
      model.append(instances[i], static_cast<std::uint32_t>(i - begin), graph);
    }
    session->step(graph);
    for (graph::NodeId node = 0; node < graph.size(); ++node) {
      for (const std::size_t i : of_type[graph.type(node)]) {
        const std::uint32_t port = observed.inputs[i].port;
        const graph::Cell& cell = *observed.network.type(graph.type(node)).cell;
        const auto values = session->read({node, port});
        const std::uint32_t width = cell.output_width(port);
        for (std::uint32_t row = 0; row < cell.output_rows(port); ++row) {
          magnitudes[i].add(values.subspan(row * tensor::padded(width), width));
        }
      }
    }
  }
  return magnitudes;
}

// What folding batch normalisations makes of a network does not depend on its values.
graph::Network folded_form(const graph::Network& network) {
  graph::Network filled = passes::copy_network(network);
  graph::ParameterStore& parameters = filled.parameters();
  for (graph::ParameterId id = 0; id < parameters.size(); ++id) {
    if (parameters[id].value.shape() == parameters[id].stored_shape()) continue;
    tensor::Tensor zeros(parameters[id].stored_shape());
    std::fill(zeros.values().begin(), zeros.values().end(), 0.0F);
    parameters.assign(id, std::move(zeros));
  }
  return passes::fold_batch_norms(filled);
}

}  // namespace

Quantisation quantise_model(nn::Model& model, std::span<const nn::Instance> instances,
                            const QuantiseOptions& options) {
  require(options, instances);
  graph::Network folded = passes::fold_batch_norms(model.network());
  const std::vector<std::string> chosen = chosen_weights(folded, options);
  const auto run = instances.first(std::min<std::size_t>(instances.size(), options.instances));
  const std::vector<passes::ProductInput> inputs = passes::product_inputs(folded, chosen);
  const std::vector<Magnitudes> magnitudes =
      measure(model, run, passes::observe_product_inputs(folded, chosen), options.isa);

  std::set<std::string> unseen;
  std::map<std::pair<graph::TypeId, graph::ValueId>, float> bounds;
  for (std::size_t i = 0; i < magnitudes.size(); ++i) {
    const passes::ProductInput& input = inputs[i];
    bounds[{input.type, input.value}] = magnitudes[i].percentile(options.percentile);
    if (magnitudes[i].count() == 0) unseen.insert(input.weights.begin(), input.weights.end());
  }
  Quantisation result{options.bits, chosen, {}};
  std::erase_if(result.weights, [&](const std::string& name) { return unseen.contains(name); });
  result.weights = passes::whole_products(folded, std::move(result.weights));
  for (const std::string& name : chosen) {
    const auto& kept = result.weights;
    if (std::find(kept.begin(), kept.end(), name) == kept.end()) result.unseen.push_back(name);
  }
  std::vector<float> in_order;
  for (const auto& input : passes::product_inputs(folded, result.weights)) {
    in_order.push_back(bounds.at({input.type, input.value}));
  }
  model.network() = passes::quantise(std::move(folded), options.bits, result.weights, in_order);
  return result;
}

std::map<std::string, std::string, std::less<>> quantised_metadata(
    const Quantisation& quantisation) {
  nlohmann::ordered_json json;
  json["bits"] = to_string(quantisation.bits);
  json["weights"] = quantisation.weights;
  return {{kKey, json.dump()}};
}

std::optional<Quantisation> take_quantised_form(
    const std::map<std::string, std::string, std::less<>>& metadata, const std::string& file,
    nn::Model& model) {
  const auto it = metadata.find(kKey);
  if (it == metadata.end()) return std::nullopt;
  Quantisation quantisation;
  try {
    const auto json = nlohmann::json::parse(it->second);
    quantisation.bits = tensor::parse_bits(json.at("bits").get<std::string>(), file);
    quantisation.weights = json.at("weights").get<std::vector<std::string>>();
    model.network() = passes::quantised_form(folded_form(model.network()), quantisation.bits,
                                             quantisation.weights);
  } catch (const std::exception& fault) {
    throw base::DataError({.place = file,
                           .what = "metadata '" + std::string(kKey) + "'",
                           .got = fault.what(),
                           .expected = "bits and weights of the model"});
  }
  return quantisation;
}

}  // namespace sheaf::engine
