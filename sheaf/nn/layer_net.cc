// SPDX-License-Identifier: Apache-2.0
#include "sheaf/nn/layer_net.h"

#include <algorithm>
#include <map>
#include <utility>

#include "sheaf/base/error.h"
#include "sheaf/base/nearest.h"
#include "sheaf/nn/layer_cells.h"
#include "sheaf/nn/picture_net.h"

namespace sheaf::nn {
namespace {

[[noreturn]] void refuse(const ListedLayer& layer, const std::string& what, std::string got,
                         std::string expected, std::string hint = {}) {
  throw base::ConfigError({.place = layer.place,
                           .what = layer.name + ": " + what,
                           .got = std::move(got),
                           .expected = std::move(expected),
                           .hint = std::move(hint)});
}

std::string picture_text(std::uint32_t height, std::uint32_t width, std::uint32_t channels) {
  return std::to_string(height) + " x " + std::to_string(width) + " x " + std::to_string(channels);
}

bool slides(LayerOp op) {
  return op != LayerOp::fc && op != LayerOp::lstm && op != LayerOp::global_average_pool;
}

// Refuses what would not fit into 32 bits before any op counts it.
void require_size(const ListedLayer& layer, std::uint64_t height, std::uint64_t width,
                  std::uint64_t channels) {
  std::uint64_t terms = layer.op == LayerOp::fc ? height * width * channels : channels;
  std::uint64_t results = layer.size;
  if (slides(layer.op)) {
    const std::uint64_t taps = std::uint64_t{layer.kernel} * layer.kernel;
    terms = taps * channels;
    const std::uint64_t padding = 2 * std::uint64_t{layer.padding};
    const std::uint64_t places =
        ((height + padding) / layer.stride + 1) * ((width + padding) / layer.stride + 1);
    results = places * (layer.op == LayerOp::conv ? layer.size : channels);
  }
  for (const std::uint64_t numbers : {terms, results}) {
    if (numbers <= kMostLayerNumbers) continue;
    refuse(layer, "numbers of its result, or terms of one of them", std::to_string(numbers),
           "at most " + std::to_string(kMostLayerNumbers));
  }
}

bool has_weights(LayerOp op) {
  return op == LayerOp::conv || op == LayerOp::depthwise || op == LayerOp::fc;
}

}  // namespace

LayerNet::LayerNet(LayerList list) : list_(std::move(list)) {
  const bool is_sequence = list_.steps != 0;
  if (is_sequence) {
    network_.parameters().declare(kFrames, {1, list_.width});
  } else {
    network_.parameters().declare(kPixels, {1, list_.height * list_.width * list_.channels});
  }
  for (const ListedLayer& layer : list_.layers) add_layer(layer);
  base::check(!layers_.empty(), "layer net", "a net without layers");
}

std::uint32_t LayerNet::find(const ListedLayer& layer, const std::string& name) const {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    if (list_.layers[i].name == name) return static_cast<std::uint32_t>(i);
    names.push_back(list_.layers[i].name);
  }
  refuse(layer, "layer that it reads", "'" + name + "'", "a layer above it",
         base::suggest(name, names));
}

void LayerNet::add_layer(const ListedLayer& listed) {
  const auto index = static_cast<std::uint32_t>(layers_.size());
  Layer layer{.type = 0,
              .from = index == 0 ? kInput : index - 1,
              .add = kInput,
              .recurrent = listed.op == LayerOp::lstm,
              .value = {}};
  if (!listed.from.empty()) layer.from = find(listed, listed.from);
  if (!listed.add.empty()) layer.add = find(listed, listed.add);
  for (std::uint32_t i = 0; i < index; ++i) {
    if (list_.layers[i].name == listed.name) {
      refuse(listed, "name", "that of a layer above", "one of its own");
    }
  }
  const bool is_sequence = list_.steps != 0;
  const Value input =
      is_sequence ? Value{1, 1, list_.width} : Value{list_.height, list_.width, list_.channels};
  const Value x = layer.from == kInput ? input : layers_[layer.from].value;
  const char* table = is_sequence ? kFrames : kPixels;
  const LayerOperand operand{x.height, x.width, x.channels, layer.from == kInput ? table : nullptr};
  if (is_sequence && slides(listed.op)) {
    refuse(listed, "input", "steps of a sequence", "a picture");
  }
  if (!is_sequence && layer.recurrent) refuse(listed, "input", "a picture", "steps of a sequence");
  if ((listed.norm || !listed.add.empty()) && !has_weights(listed.op)) {
    refuse(listed, "norm or add", "set", "on conv, depthwise or fc only");
  }

  require_size(listed, x.height, x.width, x.channels);

  // What the ops say of a misfit is said of the layer.
  try {
    auto cell = std::make_shared<const graph::Cell>(
        layer.recurrent ? listed_lstm_cell(listed, operand) : layer_cell(listed, operand));
    const std::uint32_t pixels = cell->output_rows(0);
    layer.value = {1, 1, cell->output_width(0)};
    if (slides(listed.op)) {
      const ops::Window window{x.height,      x.width,       listed.kernel,
                               listed.kernel, listed.stride, listed.padding};
      layer.value.height = window.out_height();
      layer.value.width = window.out_width();
    }
    base::check(layer.value.pixels() == pixels, "layer net", "pixels of a layer");
    std::map<std::string, std::string> shared;
    if (layer.from == kInput) shared[table] = table;
    layer.type = network_.add_type(listed.name, std::move(cell), shared);
  } catch (const base::UsageError& error) {
    refuse(listed, error.fault().what, error.fault().got, error.fault().expected,
           "it reads " + picture_text(x.height, x.width, x.channels));
  }
  if (layer.add != kInput) {
    const Value& sum = layers_[layer.add].value;
    const Value& own = layer.value;
    if (sum.height != own.height || sum.width != own.width || sum.channels != own.channels) {
      refuse(listed, "result of " + listed.add + ", which it adds",
             picture_text(sum.height, sum.width, sum.channels),
             picture_text(own.height, own.width, own.channels));
    }
  }
  layers_.push_back(layer);
}

// Appends one call of every layer. `before`: of recurrent layers, their call at the step before.
void LayerNet::add_step(graph::Graph& graph, std::vector<graph::Operand>& values,
                        std::vector<graph::NodeId>& before, bool is_first,
                        std::uint32_t row) const {
  std::vector<graph::Operand> operands;
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const Layer& layer = layers_[i];
    operands.clear();
    if (layer.from != kInput) operands.push_back(values[layer.from]);
    if (layer.add != kInput) operands.push_back(values[layer.add]);
    if (layer.recurrent && !is_first) {
      operands.push_back({before[i], 0});
      operands.push_back({before[i], 1});
    }
    before[i] = graph.add(layer.type, operands, layer.from == kInput ? row : 0);
    values[i] = {before[i]};
  }
}

// A graph's outputs are rows: a picture is computed, but nobody can ask for it.
void LayerNet::mark_output(graph::Operand last, graph::Graph& graph) const {
  if (layers_.back().value.pixels() == 1) graph.mark_output(last);
}

void LayerNet::append(const Instance& instance, std::uint32_t index, graph::Graph& graph) const {
  graph.begin_instance(index);
  std::vector<graph::Operand> values(layers_.size());
  std::vector<graph::NodeId> before(layers_.size());
  if (list_.steps == 0) {
    add_step(graph, values, before, true, require<Picture>(instance, name()).row);
    mark_output(values.back(), graph);
    return;
  }
  bool is_first = true;
  for (const std::uint32_t row : require<Sentence>(instance, name()).ids) {
    add_step(graph, values, before, is_first, row);
    mark_output(values.back(), graph);
    is_first = false;
  }
}

std::unique_ptr<Model> make_listed_model(const LayerList& list) {
  if (list.builtin.empty()) return std::make_unique<LayerNet>(list);
  try {
    return make_model(list.builtin, {.vocabulary = list.vocabulary});
  } catch (const base::UsageError& error) {
    const base::Fault& fault = error.fault();
    throw base::ConfigError({.place = list.place,
                             .what = "builtin",
                             .got = "'" + list.builtin + "'",
                             .expected = fault.expected,
                             .hint = fault.hint});
  }
}

Instance listed_instance(const LayerList& list) {
  if (list.steps == 0) return Picture{};
  Sentence sentence;
  sentence.ids.assign(list.steps, 0);
  return sentence;
}

std::uint64_t trained_numbers(const graph::Network& network) {
  const auto ends = [](const std::string& name, std::string_view end) {
    return name.size() >= end.size() &&
           name.compare(name.size() - end.size(), end.size(), end) == 0;
  };
  std::uint64_t numbers = 0;
  for (const graph::Parameter& parameter : network.parameters()) {
    const std::string& name = parameter.name;
    if (name == kPixels || name == kFrames || name == kEmbedding) continue;
    if (ends(name, ".mean") || ends(name, ".variance")) continue;
    numbers += parameter.shape.size();
  }
  return numbers;
}

}  // namespace sheaf::nn
