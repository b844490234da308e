// SPDX-License-Identifier: Apache-2.0
//
// Convolutions forward, by the picture and by the weights, against the FMA peak of the same rounds:
// thread CPU time, interleaved round by round, medians. A sample is a minibatch of 32 pictures;
// every result is checked against sums in double precision first.
//
//   sheaf_conv [ISA] [ROUNDS]
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "sheaf/backend/cpu/fma_peak.h"
#include "sheaf/backend/cpu/spatial.h"
#include "sheaf/backend/cpu/spatial_pack.h"
#include "sheaf/base/clock.h"
#include "sheaf/base/rng.h"
#include "sheaf/base/stats.h"

namespace sheaf::bench {
namespace {

using backend::cpu::KernelTable;
using backend::cpu::PackedProduct;
using backend::cpu::ProductArgs;
using backend::cpu::SpatialArgs;
using memory_plan::Spatial;
using ops::OpKind;
using tensor::AlignedBuffer;
using tensor::padded;

constexpr std::size_t kPictures = 32;

struct Layer {
  const char* name;
  std::uint32_t size;  // pixels of a side
  std::uint32_t channels;
  std::uint32_t outputs;
};

// The yardstick, then the convolutions of the default VGG-8 (nn/vgg8.h).
constexpr std::array<Layer, 7> kLayers = {{
    {"16x16x64 -> 64", 16, 64, 64},
    {"vgg8 conv1, 28x28x1 -> 32", 28, 1, 32},
    {"vgg8 conv2, 28x28x32 -> 32", 28, 32, 32},
    {"vgg8 conv3, 14x14x32 -> 64", 14, 32, 64},
    {"vgg8 conv4, 14x14x64 -> 64", 14, 64, 64},
    {"vgg8 conv5, 7x7x64 -> 128", 7, 64, 128},
    {"vgg8 conv6, 7x7x128 -> 128", 7, 128, 128},
}};

AlignedBuffer random_buffer(std::size_t floats, base::Rng& rng) {
  AlignedBuffer buffer(floats);
  for (std::size_t i = 0; i < floats; ++i) buffer.data()[i] = rng.uniform(-0.1F, 0.1F);
  return buffer;
}

class Convolution {
 public:
  Convolution(const KernelTable& table, const Layer& layer)
      : table_(table),
        layer_(layer),
        window_{layer.size, layer.size, 3, 3, 1, 1},
        rng_(layer.size * layer.outputs + layer.channels),
        x_(random_buffer(kPictures * pixels() * padded(layer.channels), rng_)),
        y_(random_buffer(kPictures * pixels() * padded(layer.outputs), rng_)),
        delta_(random_buffer(kPictures * pixels() * padded(layer.outputs), rng_)),
        dx_(random_buffer(kPictures * pixels() * padded(layer.channels), rng_)),
        dw_(layer.outputs * terms()),
        forward_{.kind = OpKind::conv2d,
                 .window = window_,
                 .operands = {{{}, {pixels(), layer.channels}}},
                 .to = {},
                 .shape = {pixels(), layer.outputs},
                 .weights = 0},
        backward_{.kind = OpKind::conv2d_grad_input,
                  .window = window_,
                  .operands = {{{}, {pixels(), layer.outputs}}},
                  .to = {},
                  .shape = {pixels(), layer.channels},
                  .weights = 0},
        scratch_(std::max(
            {backend::cpu::spatial_scratch(forward_), backend::cpu::spatial_scratch(backward_),
             backend::cpu::conv2d_gradient_scratch(window_, layer.channels, layer.outputs)})) {
    tensor::Tensor weights({layer.outputs, terms()});
    for (float& w : weights.values()) w = rng_.uniform(-0.1F, 0.1F);
    parameters_.assign(parameters_.declare("W", weights.shape()), std::move(weights));
    forward_weights_ = backend::cpu::pack_spatial(forward_, {0}, parameters_, table.panel_width);
    backward_weights_ = backend::cpu::pack_spatial(backward_, {0}, parameters_, table.panel_width);
    for (std::size_t i = 0; i < kPictures; ++i) {
      x_list_.push_back(x_.data() + i * pixels() * padded(layer.channels));
      delta_list_.push_back(delta_.data() + i * pixels() * padded(layer.outputs));
    }
  }

  void forward() { run(forward_, forward_weights_, x_, y_); }
  void by_picture() { run(backward_, backward_weights_, delta_, dx_); }
  void by_weights() {
    std::fill_n(dw_.data(), dw_.size(), 0.0F);
    table_.spatial->conv2d_weights({.window = window_,
                                    .channels = layer_.channels,
                                    .outputs = layer_.outputs,
                                    .x = x_list_,
                                    .x_stride = padded(layer_.channels),
                                    .delta = delta_list_,
                                    .delta_stride = padded(layer_.outputs),
                                    .gradient = dw_.data(),
                                    .gradient_stride = terms(),
                                    .bias_gradient = nullptr,
                                    .scratch = scratch_.data()});
  }

  [[nodiscard]] double flops() const {
    return 2.0 * kPictures * pixels() * terms() * layer_.outputs;
  }

  // <conv(x), delta> == <x, by_picture(delta)> == <W, by_weights(x, delta)>.
  [[nodiscard]] bool is_right() {
    forward();
    by_picture();
    by_weights();
    const double y = dot(y_, delta_, layer_.outputs);
    const double dx = dot(x_, dx_, layer_.channels);
    const auto weights = parameters_[0].value.values();
    double dw = 0;
    for (std::size_t i = 0; i < weights.size(); ++i) dw += double{weights[i]} * dw_.data()[i];
    const double error = std::max(std::abs(y - dx), std::abs(y - dw));
    return error < 1e-3 * std::max(1.0, std::abs(y));
  }

 private:
  [[nodiscard]] std::uint32_t pixels() const { return layer_.size * layer_.size; }
  [[nodiscard]] std::uint32_t terms() const { return 9 * layer_.channels; }

  void run(const Spatial& step, const PackedProduct& weights, const AlignedBuffer& from,
           AlignedBuffer& to) {
    const tensor::Shape in = step.operands[0].shape;
    for (std::size_t i = 0; i < kPictures; ++i) {
      table_.spatial->ops[static_cast<std::size_t>(step.kind)](
          {.window = step.window,
           .a = {from.data() + i * in.rows * padded(in.cols), padded(in.cols), in},
           .b = {},
           .to = to.data() + i * step.shape.rows * padded(step.shape.cols),
           .to_stride = padded(step.shape.cols),
           .shape = step.shape,
           .weights = weights.panels.data(),
           .bias = weights.bias.data(),
           .product = table_.product,
           .ranges = ranges_.data(),
           .scratch = scratch_.data()});
    }
  }

  [[nodiscard]] double dot(const AlignedBuffer& a, const AlignedBuffer& b,
                           std::uint32_t width) const {
    double sum = 0;
    for (std::size_t i = 0; i < kPictures * pixels(); ++i) {
      for (std::uint32_t j = 0; j < width; ++j) {
        const std::size_t at = i * padded(width) + j;
        sum += double{a.data()[at]} * b.data()[at];
      }
    }
    return sum;
  }

  const KernelTable& table_;
  Layer layer_;
  ops::Window window_;
  base::Rng rng_;
  AlignedBuffer x_, y_, delta_, dx_, dw_;
  Spatial forward_, backward_;
  AlignedBuffer scratch_;
  graph::ParameterStore parameters_;
  PackedProduct forward_weights_, backward_weights_;
  std::vector<const float*> x_list_, delta_list_;
  std::array<ProductArgs::Range, 3> ranges_;
};

bool measure(const KernelTable& table, const Layer& layer, std::size_t rounds) {
  Convolution conv(table, layer);
  if (!conv.is_right()) {
    std::fprintf(stderr, "%s: wrong result\n", layer.name);
    return false;
  }
  const base::ThreadCpuClock clock;
  std::array<std::vector<double>, 3> rates;  // GFLOP/s
  std::array<std::vector<double>, 3> shares;
  float sink = 1;
  for (std::size_t round = 0; round < rounds; ++round) {
    const auto rate = [&](double flops, auto run) {
      const std::uint64_t start = clock.now_ns();
      run();
      return flops / static_cast<double>(clock.now_ns() - start);
    };
    const std::size_t iterations = 100'000;
    const auto loop = [&] { table.fma_loop(iterations, &sink); };
    const double loop_flops = table.fma_loop(1, &sink) * static_cast<double>(iterations);
    const double peak = rate(loop_flops, loop);
    const std::array<double, 3> now = {rate(conv.flops(), [&] { conv.forward(); }),
                                       rate(conv.flops(), [&] { conv.by_picture(); }),
                                       rate(conv.flops(), [&] { conv.by_weights(); })};
    for (std::size_t i = 0; i < 3; ++i) {
      rates[i].push_back(now[i]);
      shares[i].push_back(100 * now[i] / peak);
    }
  }
  std::printf("%-28s", layer.name);
  for (std::size_t i = 0; i < 3; ++i) {
    std::printf("  %7.1f GF/s %5.1f %% (%.0f-%.0f)", base::median(rates[i]),
                base::median(shares[i]), base::quantile(shares[i], 0.1),
                base::quantile(shares[i], 0.9));
  }
  std::printf("\n");
  return true;
}

}  // namespace
}  // namespace sheaf::bench

int main(int argc, char** argv) {
  const std::string isa = argc > 1 ? argv[1] : "auto";
  const std::size_t rounds = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 31;
  const auto& table = sheaf::backend::cpu::choose_kernels(isa);
  std::printf(
      "%s, 3x3, stride 1, padding 1, batch 32, one thread; percent of the FMA peak "
      "(10th to 90th percentile)\n",
      std::string(table.name).c_str());
  std::printf("%-28s  %-33s  %-33s  %s\n", "", "forward", "by the picture", "by the weights");
  for (const auto& layer : sheaf::bench::kLayers) {
    if (!sheaf::bench::measure(table, layer, rounds)) return 1;
  }
  return 0;
}
