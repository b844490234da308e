// SPDX-License-Identifier: Apache-2.0
//
// Gradients of the weights of convolutions, over lists of nodes.
#include <gtest/gtest.h>

#include "sheaf/backend/cpu/spatial.h"
#include "tests/backend/isas.h"
#include "tests/backend/matrix.h"
#include "tests/memory_plan/spatial_evaluator.h"

namespace sheaf::backend::cpu {
namespace {

using ops::Window;
using test::Matrix;
using test::Row;

struct Case {
  Window window;
  std::uint32_t channels;
  std::uint32_t outputs;
};

const std::vector<Case>& cases() {
  static const std::vector<Case> kCases = {
      {{5, 7, 3, 3, 1, 1}, 3, 5},   {{6, 6, 3, 3, 1, 1}, 16, 32}, {{9, 8, 5, 5, 1, 2}, 1, 6},
      {{8, 8, 3, 3, 2, 1}, 4, 33},  {{7, 3, 1, 1, 1, 0}, 20, 17}, {{5, 6, 2, 3, 1, 1}, 2, 16},
      {{9, 10, 2, 2, 3, 0}, 32, 3}, {{4, 90, 3, 2, 2, 0}, 5, 48}, {{1, 1, 1, 1, 1, 0}, 7, 9},
  };
  return kCases;
}

constexpr std::size_t kNodes = 5;

class WeightGradient : public testing::TestWithParam<std::string> {
 protected:
  // Nodes of a case; `outputs`: columns of delta.
  void draw(const Case& c, std::uint32_t outputs) {
    base::Rng rng(c.window.pixels() + c.channels);
    x_.clear();
    delta_.clear();
    for (std::size_t i = 0; i < kNodes; ++i) {
      x_.push_back(Matrix::random(c.window.pixels(), c.channels, rng));
      delta_.push_back(Matrix::random(c.window.out_pixels(), outputs, rng));
    }
  }

  // Adds the nodes [begin, end).
  void add(const Case& c, bool depthwise, std::size_t begin, std::size_t end,
           std::vector<float>& gradient, std::vector<float>& bias) {
    const KernelTable& table = choose_kernels(GetParam());
    const std::uint32_t outputs = depthwise ? c.channels : c.outputs;
    tensor::AlignedBuffer scratch(depthwise
                                      ? depthwise_gradient_scratch(c.window, c.channels)
                                      : conv2d_gradient_scratch(c.window, c.channels, outputs));
    std::vector<const float*> x;
    std::vector<const float*> delta;
    for (std::size_t i = begin; i < end; ++i) {
      x.push_back(x_[i].row(0).data());
      delta.push_back(delta_[i].row(0).data());
    }
    const WeightGradientKernel kernel =
        depthwise ? table.spatial->depthwise_weights : table.spatial->conv2d_weights;
    kernel({.window = c.window,
            .channels = c.channels,
            .outputs = outputs,
            .x = x,
            .x_stride = x_[0].stride(),
            .delta = delta,
            .delta_stride = delta_[0].stride(),
            .gradient = gradient.data(),
            .gradient_stride = gradient.size() / outputs,
            .bias_gradient = bias.data(),
            .scratch = scratch.data()});
  }

  static Row values(const Matrix& matrix) {
    Row row;
    for (std::size_t i = 0; i < matrix.rows(); ++i) {
      row.insert(row.end(), matrix.row(i).begin(), matrix.row(i).end());
    }
    return row;
  }

  void expect_sums(const Case& c, bool depthwise) {
    const std::uint32_t outputs = depthwise ? c.channels : c.outputs;
    draw(c, outputs);
    const std::size_t terms = std::size_t{c.window.taps()} * (depthwise ? 1 : c.channels);
    std::vector<float> gradient(outputs * terms, 0.5F);
    std::vector<float> bias(outputs, -0.25F);
    add(c, depthwise, 0, kNodes, gradient, bias);
    Row meant(gradient.size(), 0.5);
    Row meant_bias(outputs, -0.25);
    for (std::size_t n = 0; n < kNodes; ++n) {
      const Row x = values(x_[n]);
      const Row delta = values(delta_[n]);
      const Row of_node =
          depthwise ? test::depthwise_weight_gradient(c.window, c.channels, x, delta)
                    : test::conv2d_weight_gradient(c.window, c.channels, outputs, x, delta);
      for (std::size_t i = 0; i < meant.size(); ++i) meant[i] += of_node[i];
      for (std::size_t i = 0; i < delta.size(); ++i) meant_bias[i % outputs] += delta[i];
    }
    for (std::size_t i = 0; i < meant.size(); ++i) ASSERT_NEAR(gradient[i], meant[i], 2e-5) << i;
    for (std::size_t i = 0; i < outputs; ++i) ASSERT_NEAR(bias[i], meant_bias[i], 2e-5) << i;
  }

  std::vector<Matrix> x_, delta_;
};

TEST_P(WeightGradient, AddsTheSumsOverAllNodes) {
  for (const Case& c : cases()) expect_sums(c, false);
}

TEST_P(WeightGradient, OfADepthwiseConvolutionAddsTheSumsOverAllNodes) {
  for (const Case& c : cases()) expect_sums(c, true);
}

TEST_P(WeightGradient, OfAListInTwoPartsHasTheSameBits) {
  for (const Case& c : cases()) {
    for (const bool depthwise : {false, true}) {
      const std::uint32_t outputs = depthwise ? c.channels : c.outputs;
      draw(c, outputs);
      const std::size_t terms = std::size_t{c.window.taps()} * (depthwise ? 1 : c.channels);
      std::vector<float> whole(outputs * terms, 0.0F);
      std::vector<float> whole_bias(outputs, 0.0F);
      std::vector<float> parts = whole;
      std::vector<float> parts_bias = whole_bias;
      add(c, depthwise, 0, kNodes, whole, whole_bias);
      add(c, depthwise, 0, 2, parts, parts_bias);
      add(c, depthwise, 2, kNodes, parts, parts_bias);
      EXPECT_EQ(whole, parts);
      EXPECT_EQ(whole_bias, parts_bias);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Isa, WeightGradient, testing::ValuesIn(test::isas()), test::isa_name);

}  // namespace
}  // namespace sheaf::backend::cpu
