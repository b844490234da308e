// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sheaf/nn/layer_list.h"
#include "sheaf/nn/model.h"

namespace sheaf::nn {

// The table whose rows are the steps of a sequence: data, which are not trained.
inline constexpr const char* kFrames = "frames";

// A LayerList as a model: a batch type per layer, named after it, whose weights have no values and
// take no memory until they get some. Output: what the last layer returns, at every step of a
// sequence; none where that is a picture of several pixels.
//
// Slots. conv, depthwise, fc: "W" and "b", or with `norm` "W", "gamma", "beta", "mean" and
// "variance". lstm: "U_k" (by the input), "W_k" (by the state), "b_k" and "p_k" (peepholes) for
// k = i, f, g, o, and "W_p".
class LayerNet final : public Model {
 public:
  // Throws ConfigError at the layer's place where it does not fit what it reads: "[file:line]
  // conv3: window: got 7 x 7, expected 1 x 1 to 5 x 5".
  explicit LayerNet(LayerList list);
  [[nodiscard]] std::string_view name() const override { return list_.name; }
  // A Picture, or a Sentence whose ids are rows of kFrames.
  void append(const Instance& instance, std::uint32_t index, graph::Graph& graph) const override;

 private:
  // Rows (pixels) and columns of what a layer returns. Pictures of height x width pixels.
  struct Value {
    std::uint32_t height, width, channels;
    [[nodiscard]] std::uint32_t pixels() const { return height * width; }
  };
  static constexpr std::uint32_t kInput = ~std::uint32_t{0};
  struct Layer {
    graph::TypeId type;
    std::uint32_t from;  // index of a layer, or kInput
    std::uint32_t add;   // index of a layer, or kInput: none
    bool recurrent;
    Value value;
  };

  [[nodiscard]] std::uint32_t find(const ListedLayer& layer, const std::string& name) const;
  void add_layer(const ListedLayer& listed);
  void mark_output(graph::Operand last, graph::Graph& graph) const;
  void add_step(graph::Graph& graph, std::vector<graph::Operand>& values,
                std::vector<graph::NodeId>& before, bool is_first, std::uint32_t row) const;

  LayerList list_;
  std::vector<Layer> layers_;
};

// A LayerNet, or the built-in model that the list names. Throws ConfigError.
[[nodiscard]] std::unique_ptr<Model> make_listed_model(const LayerList& list);

// An instance as large as the list says: row 0 of the pictures, or `steps` times row 0.
[[nodiscard]] Instance listed_instance(const LayerList& list);

// Numbers that training changes: all but tables and the statistics of normalisations.
[[nodiscard]] std::uint64_t trained_numbers(const graph::Network& network);

}  // namespace sheaf::nn
