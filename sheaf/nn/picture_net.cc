// SPDX-License-Identifier: Apache-2.0
#include "sheaf/nn/picture_net.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>

#include "sheaf/base/error.h"
#include "sheaf/base/rng.h"
#include "sheaf/nn/picture_cells.h"

namespace sheaf::nn {
namespace {

std::shared_ptr<const graph::Cell> shared(graph::Cell cell) {
  return std::make_shared<const graph::Cell>(std::move(cell));
}

std::string last_name(std::string_view parameter) {
  const std::size_t dot = parameter.rfind('.');
  return std::string(parameter.substr(dot == std::string_view::npos ? 0 : dot + 1));
}

}  // namespace

PictureNet::PictureNet(std::string_view name, const PictureShape& shape,
                       const PictureLayers& layers)
    : name_(name), height_(shape.height), width_(shape.width), channels_(shape.channels) {
  base::check(!layers.convolutions.empty(), "picture net", "a net without convolutions");
  network_.parameters().declare(kPixels,
                                {shape.pictures, shape.height * shape.width * shape.channels});
  std::uint32_t number = 0;
  for (const ConvolutionLayer& layer : layers.convolutions) {
    add_layer(layer, ++number, layers.batch_norm);
  }
  add_head(shape, layers.hidden);
}

void PictureNet::add_layer(const ConvolutionLayer& layer, std::uint32_t number, bool batch_norm) {
  const std::string name = "conv" + std::to_string(number);
  const ops::Window window{height_, width_, layer.kernel, layer.kernel, 1, layer.padding};
  require_pixels(layer, number);
  const LayerInput input{channels_, number == 1};
  std::map<std::string, std::string> pixels;
  if (input.is_table) pixels[kPixels] = kPixels;
  if (!batch_norm) {
    convolutions_.push_back(network_.add_type(
        name, shared(convolution_cell(name, input, layer.channels, window, layer.pools)), pixels));
  } else {
    convolutions_.push_back(network_.add_type(
        name, shared(normalised_cell(name, input, layer.channels, window, layer.pools)), pixels));
    pixels["W"] = name + ".W";
    sums_.push_back(network_.add_type(
        name + ".sums", shared(sums_cell(name + ".sums", input, layer.channels, window)), pixels));
    norms_.push_back(network_.add_type(name + ".statistics",
                                       shared(statistics_cell(layer.channels)),
                                       {{"gamma", name + ".gamma"}, {"beta", name + ".beta"}}));
    applies_.push_back(network_.add_type(
        name + ".apply", shared(apply_cell(name + ".apply", layer.channels, window, layer.pools))));
  }
  pixels_.push_back(window.out_pixels());
  const std::uint32_t step = layer.pools ? 2 : 1;
  height_ = window.out_height() / step;
  width_ = window.out_width() / step;
  channels_ = layer.channels;
}

// That something is left of a picture after the layer.
void PictureNet::require_pixels(const ConvolutionLayer& layer, std::uint32_t number) const {
  const std::uint32_t step = layer.pools ? 2 : 1;
  const std::uint32_t least = layer.kernel + step - 1;
  if (std::min(height_, width_) + 2 * layer.padding >= least) return;
  throw base::UsageError(
      {.place = "model " + name_,
       .what = "pixels that convolution " + std::to_string(number) + " reads",
       .got = std::to_string(height_) + " x " + std::to_string(width_),
       .expected = std::to_string(least - std::min(least, 2 * layer.padding)) + " or more each way",
       .hint = "use larger pictures"});
}

void PictureNet::add_head(const PictureShape& shape, const std::vector<std::uint32_t>& hidden) {
  head_ = network_.add_type("head",
                            shared(head_cell(height_ * width_, channels_, hidden, shape.classes)));
}

void PictureNet::append(const Instance& instance, std::uint32_t index, graph::Graph& graph) const {
  const Picture& picture = require<Picture>(instance, name());
  graph.begin_instance(index);
  graph::NodeId node = graph.add(convolutions_[0], {}, picture.row);
  for (std::size_t layer = 1; layer < convolutions_.size(); ++layer) {
    node = graph.add(convolutions_[layer], {{node}});
  }
  graph.mark_output({graph.add(head_, {{node}})});
}

void PictureNet::targets(const Instance& instance, std::vector<std::uint32_t>& labels) const {
  labels.push_back(require<Picture>(instance, name()).label);
}

std::vector<graph::NodeId> PictureNet::append_minibatch(std::span<const Instance> instances,
                                                        graph::Graph& graph) const {
  if (norms_.empty()) return Model::append_minibatch(instances, graph);
  std::vector<graph::NodeId> statistics;
  std::vector<graph::Operand> values(instances.size());
  for (std::size_t layer = 0; layer < norms_.size(); ++layer) {
    const auto nodes = append_normalised(layer, instances, values, graph);
    statistics.insert(statistics.end(), nodes.begin(), nodes.end());
  }
  for (std::uint32_t i = 0; i < instances.size(); ++i) {
    graph.begin_instance(i);
    graph.mark_output({graph.add(head_, {values[i]})});
  }
  return statistics;
}

// Replaces `values`, by instance, with what the layer makes of them.
std::vector<graph::NodeId> PictureNet::append_normalised(std::size_t layer,
                                                         std::span<const Instance> instances,
                                                         std::vector<graph::Operand>& values,
                                                         graph::Graph& graph) const {
  std::vector<graph::Operand> sums;
  for (std::uint32_t i = 0; i < instances.size(); ++i) {
    const Picture& picture = require<Picture>(instances[i], name());
    graph.begin_instance(i);
    const graph::NodeId node =
        layer == 0 ? graph.add(sums_[0], {}, picture.row) : graph.add(sums_[layer], {values[i]});
    values[i] = {node};
    for (std::uint32_t port = 1; port <= 3; ++port) sums.push_back({node, port});
  }
  graph.begin_instance(graph::kShared);
  const graph::NodeId norm = graph.add(norms_[layer], sums);
  for (std::uint32_t i = 0; i < instances.size(); ++i) {
    graph.begin_instance(i);
    values[i] = {graph.add(applies_[layer], {values[i], {norm, 0}, {norm, 1}})};
  }
  return {norm};
}

std::vector<std::string> PictureNet::running_statistics() const {
  std::vector<std::string> names;
  for (std::size_t layer = 1; layer <= norms_.size(); ++layer) {
    for (const char* name : {".mean", ".variance"}) {
      names.push_back("conv" + std::to_string(layer) + name);
    }
  }
  return names;
}

void PictureNet::update_running_statistics(std::span<const graph::NodeId> nodes,
                                           std::size_t instances, const ReadValue& read) {
  for (std::size_t layer = 0; layer < nodes.size(); ++layer) {
    update_running_statistics(layer, read({nodes[layer], kMeanPort}),
                              read({nodes[layer], kVariancePort}),
                              static_cast<double>(instances) * pixels_after(layer));
  }
}

void PictureNet::update_running_statistics(std::size_t layer, std::span<const float> mean,
                                           std::span<const float> variance, double count,
                                           float share) {
  graph::ParameterStore& parameters = network_.parameters();
  const std::string name = "conv" + std::to_string(layer + 1);
  const auto move = [&](const std::string& parameter, std::span<const float> to, double factor) {
    const auto values = parameters.change(parameters.find(name + parameter));
    for (std::size_t i = 0; i < values.size(); ++i) {
      values[i] += share * (static_cast<float>(to[i] * factor) - values[i]);
    }
  };
  move(".mean", mean, 1);
  move(".variance", variance, count / std::max(count - 1, 1.0));
}

void PictureNet::initialise(std::uint64_t seed) {
  graph::ParameterStore& parameters = network_.parameters();
  for (graph::ParameterId id = 0; id < parameters.size(); ++id) {
    const graph::Parameter& parameter = parameters[id];
    if (parameter.name == kPixels) continue;
    tensor::Tensor value(parameter.shape);
    const std::string last = last_name(parameter.name);
    const bool is_vector = parameter.shape.rows == 1;
    const float constant = last == "gamma" || last == "variance" ? 1.0F : 0.0F;
    const float range = std::sqrt(6.0F / static_cast<float>(parameter.shape.cols));
    base::Rng rng(seed, parameter.name);
    for (float& x : value.values()) x = is_vector ? constant : rng.uniform(-range, range);
    parameters.assign(id, std::move(value));
  }
}

void PictureNet::use_folded(std::span<const graph::TypeId> types) {
  base::check(types.size() == convolutions_.size(), "picture net",
              "folded types are not as many as convolutions");
  convolutions_.assign(types.begin(), types.end());
}

}  // namespace sheaf::nn
