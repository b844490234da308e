// SPDX-License-Identifier: Apache-2.0
//
// The kernels as their definitions read: what the others are tested against, and what runs where
// nothing else can.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <numeric>

#include "sheaf/backend/cpu/circulant.h"
#include "sheaf/backend/cpu/integers.h"
#include "sheaf/backend/cpu/kernels.h"
#include "sheaf/backend/cpu/spatial.h"
#include "sheaf/tensor/quantisation.h"

namespace sheaf::backend::cpu {
namespace {

constexpr std::uint32_t kPanelWidth = 1;

void product(const ProductArgs& args) noexcept {
  for (std::size_t i = 0; i < args.rows; ++i) {
    for (std::size_t j = 0; j < args.n; ++j) {
      float sum = args.initial[i * args.initial_stride + j];
      const float* w = args.panels + j * args.k;
      for (const ProductArgs::Range& range : args.ranges) {
        for (std::size_t k = 0; k < range.k; ++k)
          sum = std::fma(range.a[i * range.stride + k], *w++, sum);
      }
      args.out[i * args.out_stride + j] = sum;
    }
  }
}

void matvec(const MatVecArgs& args) noexcept {
  for (std::size_t j = 0; j < args.width; ++j) {
    float sum = 0;
    for (std::size_t c = 0; c < args.rows; ++c)
      sum = std::fma(args.vector[c], args.matrix[c * args.stride + j], sum);
    args.to[j] = sum;
  }
}

template <float (*kOp)(float, float, float)>
void elementwise(const RowsArgs& args) noexcept {
  for (std::size_t i = 0; i < args.rows; ++i) {
    for (std::size_t j = 0; j < args.width; ++j) {
      const float a = args.a == nullptr ? 0 : args.a[i * args.a_stride + j];
      const float b = args.b == nullptr ? 0 : args.b[i * args.b_stride + j];
      args.to[i * args.to_stride + j] = kOp(a, b, args.scalar);
    }
  }
}

float copy(float a, float /*b*/, float /*s*/) { return a; }
float fill(float /*a*/, float /*b*/, float s) { return s; }
float add(float a, float b, float /*s*/) { return a + b; }
float sub(float a, float b, float /*s*/) { return a - b; }
float mul(float a, float b, float /*s*/) { return a * b; }
float one_minus(float a, float /*b*/, float /*s*/) { return 1 - a; }
float sigmoid(float a, float /*b*/, float /*s*/) { return 1 / (1 + std::exp(-a)); }
float tanh(float a, float /*b*/, float /*s*/) { return std::tanh(a); }
float relu(float a, float /*b*/, float /*s*/) { return a < 0 ? 0 : a; }
float relu_grad(float a, float b, float /*s*/) { return a > 0 ? b : 0; }
float reciprocal_sqrt(float a, float /*b*/, float /*s*/) { return 1 / std::sqrt(a); }

void log_softmax(const RowsArgs& args) noexcept {
  for (std::size_t i = 0; i < args.rows; ++i) {
    const float* a = args.a + i * args.a_stride;
    const float most = *std::max_element(a, a + args.width);
    float sum = 0;
    for (std::size_t j = 0; j < args.width; ++j) sum += std::exp(a[j] - most);
    const float log_sum = std::log(sum);
    for (std::size_t j = 0; j < args.width; ++j)
      args.to[i * args.to_stride + j] = (a[j] - most) - log_sum;
  }
}

void viterbi_step(const RowsArgs& args) noexcept {
  const std::size_t tags = args.width / 2;
  for (std::size_t row = 0; row < args.rows; ++row) {
    const float* previous = args.a + row * args.a_stride;
    const float* emissions = args.b + row * args.b_stride;
    float* to = args.to + row * args.to_stride;
    for (std::size_t j = 0; j < tags; ++j) {
      float best = previous[0] + args.table[j];
      std::size_t from = 0;
      for (std::size_t i = 1; i < tags; ++i) {
        const float score = previous[i] + args.table[i * args.table_stride + j];
        if (score > best) {
          best = score;
          from = i;
        }
      }
      to[j] = best + emissions[j];
      to[tags + j] = static_cast<float>(from);
    }
  }
}

float scale(float a, float /*b*/, float s) { return a * s; }
float sigmoid_grad(float y, float dy, float /*s*/) { return dy * (y * (1 - y)); }
float tanh_grad(float y, float dy, float /*s*/) { return dy * std::fma(-y, y, 1.0F); }

void row_sum(const RowsArgs& args) noexcept {
  for (std::size_t i = 0; i < args.rows; ++i) {
    const float* a = args.a + i * args.a_stride;
    args.to[i * args.to_stride] = std::accumulate(a, a + args.a_width, 0.0F);
  }
}

void broadcast(const RowsArgs& args) noexcept {
  for (std::size_t i = 0; i < args.rows; ++i) {
    std::fill_n(args.to + i * args.to_stride, args.width, args.a[i * args.a_stride]);
  }
}

void pick(const RowsArgs& args) noexcept {
  for (std::size_t i = 0; i < args.rows; ++i) {
    args.to[i * args.to_stride] = args.a[i * args.a_stride + args.payloads[i]];
  }
}

void one_hot(const RowsArgs& args) noexcept {
  for (std::size_t i = 0; i < args.rows; ++i) {
    for (std::size_t j = 0; j < args.width; ++j) {
      args.to[i * args.to_stride + j] = j == args.payloads[i] ? args.a[i * args.a_stride] : 0;
    }
  }
}

void log_softmax_grad(const RowsArgs& args) noexcept {
  for (std::size_t i = 0; i < args.rows; ++i) {
    const float* y = args.a + i * args.a_stride;
    const float* dy = args.b + i * args.b_stride;
    const float sum = std::accumulate(dy, dy + args.width, 0.0F);
    for (std::size_t j = 0; j < args.width; ++j) {
      args.to[i * args.to_stride + j] = std::fma(-std::exp(y[j]), sum, dy[j]);
    }
  }
}

std::uint32_t mix(std::uint32_t x) {
  x = (x ^ (x >> 16U)) * 0x21f0aaadU;
  x = (x ^ (x >> 15U)) * 0x735a2d97U;
  return x ^ (x >> 15U);
}

void dropout_mask(const RowsArgs& args) noexcept {
  std::array<std::uint32_t, 2> key{};
  std::memcpy(key.data(), args.table, sizeof key);
  for (std::size_t i = 0; i < args.rows; ++i) {
    const std::uint32_t row = mix(args.payloads[i] ^ key[0]);
    for (std::size_t j = 0; j < args.width; ++j) {
      const std::uint32_t bits = mix(mix(static_cast<std::uint32_t>(j) ^ row) + key[1]);
      const float uniform = static_cast<float>(bits >> 8U) * 0x1p-24F;
      args.to[i * args.to_stride + j] = uniform >= args.scalar ? 1 / (1 - args.scalar) : 0;
    }
  }
}

void quantise(const RowsArgs& args) noexcept {
  const auto most = static_cast<std::int32_t>(args.scalar);
  for (std::size_t i = 0; i < args.rows; ++i) {
    for (std::size_t j = 0; j < args.width; ++j) {
      const float x = args.a[i * args.a_stride + j];
      args.to[i * args.to_stride + j] =
          static_cast<float>(tensor::quantise(x, args.table[0], most));
    }
  }
}

void outer_product(const OuterProductArgs& args) noexcept {
  for (std::size_t i = 0; i < args.m; ++i) {
    for (std::size_t j = 0; j < args.n; ++j) {
      float& sum = args.out[i * args.out_stride + j];
      if (args.begins) sum = 0;
      for (std::size_t k = 0; k < args.k; ++k) {
        const float b = args.panels[j * args.k + k];
        sum = std::fma(args.a[(i * args.k + k) * kOuterTileStride], b, sum);
      }
    }
  }
}

// Eight chains, so that the loop does not wait for each multiply-add.
double fma_loop(std::size_t iterations, float* sink) noexcept {
  constexpr std::size_t kChains = 8;
  std::array<float, kChains> sums{};
  for (std::size_t i = 0; i < iterations; ++i) {
    for (float& sum : sums) sum = std::fma(sum, 0.5F, *sink);
  }
  for (const float sum : sums) *sink += sum * 1e-9F;
  return 2.0 * static_cast<double>(iterations * kChains);
}

// One line per op.
constexpr RowsKernels make_rows() {
  RowsKernels rows{};
  const auto set = [&rows](ops::OpKind kind, RowsKernel kernel) {
    rows[static_cast<std::size_t>(kind)] = kernel;
  };
  using ops::OpKind;
  set(OpKind::constant, elementwise<fill>);
  set(OpKind::copy, elementwise<copy>);
  set(OpKind::add, elementwise<add>);
  set(OpKind::sub, elementwise<sub>);
  set(OpKind::mul, elementwise<mul>);
  set(OpKind::one_minus, elementwise<one_minus>);
  set(OpKind::sigmoid, elementwise<sigmoid>);
  set(OpKind::tanh, elementwise<tanh>);
  set(OpKind::relu, elementwise<relu>);
  set(OpKind::relu_grad, elementwise<relu_grad>);
  set(OpKind::reciprocal_sqrt, elementwise<reciprocal_sqrt>);
  set(OpKind::log_softmax, log_softmax);
  set(OpKind::viterbi_step, viterbi_step);
  set(OpKind::scale, elementwise<scale>);
  set(OpKind::row_sum, row_sum);
  set(OpKind::broadcast, broadcast);
  set(OpKind::pick, pick);
  set(OpKind::one_hot, one_hot);
  set(OpKind::dropout_mask, dropout_mask);
  set(OpKind::sigmoid_grad, elementwise<sigmoid_grad>);
  set(OpKind::tanh_grad, elementwise<tanh_grad>);
  set(OpKind::log_softmax_grad, log_softmax_grad);
  set(OpKind::quantise, quantise);
  return rows;
}

}  // namespace

const KernelTable* reference_kernels() {
  static const KernelTable kTable = {
      .name = "reference",
      .panel_width = kPanelWidth,
      .product = product,
      .circulant_lanes = 0,
      .circulant = circulant_reference,
      .matvec = matvec,
      .outer_product = outer_product,
      .outer_tile_rows = 1,
      .rows = make_rows(),
      .spatial = reference_spatial(),
      .integers = reference_integers(),
      .fma_loop = fma_loop,
  };
  return &kTable;
}

}  // namespace sheaf::backend::cpu
