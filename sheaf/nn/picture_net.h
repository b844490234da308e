// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sheaf/nn/model.h"

namespace sheaf::nn {

// Pictures that a model is given.
struct PictureShape {
  std::uint32_t height = 28;
  std::uint32_t width = 28;
  std::uint32_t channels = 1;
  std::uint32_t classes = 10;
  std::uint32_t pictures = 1;  // rows of the table
};

// A square convolution of stride 1, a rectifier and, perhaps, the largest of every 2 x 2 pixels.
struct ConvolutionLayer {
  std::uint32_t channels;
  std::uint32_t kernel;
  std::uint32_t padding;
  bool pools;
};

struct PictureLayers {
  std::vector<ConvolutionLayer> convolutions;
  std::vector<std::uint32_t> hidden;  // widths of the fully connected layers before the classes
  bool batch_norm = false;            // between convolution and rectifier
};

// Convolutions, then fully connected layers: a call per convolution and one of `head` per picture.
// Output: log-softmax over the classes. As a rectifier and a maximum may change places, pixels are
// pooled before they are rectified.
//
// With batch normalisation (S. Ioffe, C. Szegedy, 2015) append() makes graphs that normalise by the
// running statistics, "convI.mean" and "convI.variance"; append_minibatch() makes those that
// normalise by the statistics of the minibatch, with which to train.
class PictureNet : public Model {
 public:
  [[nodiscard]] std::string_view name() const final { return name_; }
  void append(const Instance& instance, std::uint32_t index, graph::Graph& graph) const final;

  void targets(const Instance& instance, std::vector<std::uint32_t>& labels) const final;

  // With batch normalisation.
  [[nodiscard]] bool joins_minibatch() const final { return !norms_.empty(); }
  // Layer by layer. Returns the node of every layer that has made its statistics, shared by all
  // instances.
  std::vector<graph::NodeId> append_minibatch(std::span<const Instance> instances,
                                              graph::Graph& graph) const final;

  // Ports of those nodes.
  static constexpr std::uint32_t kMeanPort = 2;
  static constexpr std::uint32_t kVariancePort = 3;

  [[nodiscard]] std::vector<std::string> running_statistics() const final;
  void update_running_statistics(std::span<const graph::NodeId> nodes, std::size_t instances,
                                 const ReadValue& read) final;
  // Moves the running statistics of layer `layer` (from 0) by `share` towards those of a
  // minibatch, made of `count` pixels: its variance becomes that of a sample, count / (count - 1).
  void update_running_statistics(std::size_t layer, std::span<const float> mean,
                                 std::span<const float> variance, double count, float share = 0.1F);
  // Pixels of a picture after convolution `layer`, before they are pooled.
  [[nodiscard]] std::uint32_t pixels_after(std::size_t layer) const { return pixels_[layer]; }

  // Weights uniform in +-sqrt(6 / terms) (K. He et al., 2015), biases 0, normalisations that change
  // nothing; the pixels keep their values. A parameter's numbers depend on seed and name only.
  void initialise(std::uint64_t seed);

  // With batch normalisation: types of convolutions with the running statistics folded in, as they
  // are now (passes/fold_batch_norm.h), which append() uses from then on.
  void use_folded(std::span<const graph::TypeId> types);
  // The types that append() calls, by convolution.
  [[nodiscard]] std::span<const graph::TypeId> convolution_types() const { return convolutions_; }

 protected:
  PictureNet(std::string_view name, const PictureShape& shape, const PictureLayers& layers);

 private:
  void add_layer(const ConvolutionLayer& layer, std::uint32_t number, bool batch_norm);
  void require_pixels(const ConvolutionLayer& layer, std::uint32_t number) const;
  void add_head(const PictureShape& shape, const std::vector<std::uint32_t>& hidden);
  std::vector<graph::NodeId> append_normalised(std::size_t layer,
                                               std::span<const Instance> instances,
                                               std::vector<graph::Operand>& values,
                                               graph::Graph& graph) const;

  std::string name_;
  std::uint32_t height_, width_, channels_;  // of what the next layer reads
  std::vector<std::uint32_t> pixels_;
  std::vector<graph::TypeId> convolutions_;  // by layer
  std::vector<graph::TypeId> sums_, norms_, applies_;
  graph::TypeId head_ = 0;
};

}  // namespace sheaf::nn
