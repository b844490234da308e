// SPDX-License-Identifier: Apache-2.0
//
// A static network as a list of layers, as people write it (configs/models/*.yaml, read by
// io/layer_list_file.h). layer_net.h makes an ordinary model of it.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sheaf::nn {

enum class LayerOp : std::uint8_t {
  conv,                 // to `size` channels
  depthwise,            // every channel by itself
  max_pool,             // windows of `kernel`
  average_pool,         // windows of `kernel`
  global_average_pool,  // over all pixels
  fc,                   // to `size` numbers; a picture is read as one row
  lstm,                 // of `size` cells, step by step
};

inline constexpr std::array<std::string_view, 7> kLayerOpNames = {
    "conv", "depthwise", "max_pool", "average_pool", "global_average_pool", "fc", "lstm"};

// Numbers of one picture, of one layer's result, and terms of one of them.
inline constexpr std::uint64_t kMostLayerNumbers = std::uint64_t{1} << 28;

struct ListedLayer {
  std::string place;  // where it was written, "file:line"
  std::string name;
  LayerOp op = LayerOp::fc;
  std::uint32_t size = 0;        // channels, numbers or cells
  std::uint32_t kernel = 1;      // side of a square window
  std::uint32_t stride = 1;      // of it
  std::uint32_t padding = 0;     // pixels of 0 around the picture
  std::uint32_t projection = 0;  // of an LSTM: width of what it returns, W_p m; 0: m itself
  bool peepholes = false;        // of an LSTM: gates read the memory cell too
  bool norm = false;             // batch normalisation instead of a bias
  bool relu = false;             // the result is rectified
  std::string from;              // the layer that it reads; empty: the one before
  std::string add;               // a layer whose result is added before rectifying; empty: none
};

struct LayerList {
  std::string place;  // "file:line" of `input`
  std::string name;
  std::string source;  // where layers and totals are from
  // A built-in model (nn::make_model) instead of layers; empty: there are layers.
  std::string builtin;
  // What it reads: pictures of height x width x channels, or `steps` rows of `width`. A built-in
  // model reads a sentence of `steps` rows of a table of `vocabulary` rows.
  std::uint32_t height = 0;
  std::uint32_t width = 0;
  std::uint32_t channels = 0;
  std::uint32_t steps = 0;
  std::uint32_t vocabulary = 1;
  std::vector<ListedLayer> layers;
};

}  // namespace sheaf::nn
