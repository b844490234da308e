// SPDX-License-Identifier: Apache-2.0
#include "sheaf/backend/cpu/circulant_pack.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace sheaf::backend::cpu {
namespace {

// Transforms of blocks of k numbers, in double.
class Transform {
 public:
  explicit Transform(std::uint32_t k) : k_(k), cos_(k), sin_(k) {
    for (std::uint32_t j = 0; j < k; ++j) {
      const double angle = 2 * std::numbers::pi * j / k;
      cos_[j] = std::cos(angle);
      sin_[j] = std::sin(angle);
    }
  }

  // The coefficients of a pair, scaled, to to[0] and to[lanes].
  void pair(const float* values, std::uint32_t f, float* to, std::uint32_t lanes) const {
    if (f == 0) {
      to[0] = static_cast<float>(sum(values, 0, cos_) / k_);
      to[lanes] = static_cast<float>(sum(values, k_ / 2, cos_) / k_);
    } else {
      to[0] = static_cast<float>(2 * sum(values, f, cos_) / k_);
      to[lanes] = static_cast<float>(2 * sum(values, f, sin_) / k_);
    }
  }

 private:
  [[nodiscard]] double sum(const float* values, std::uint32_t f,
                           const std::vector<double>& wave) const {
    double sum = 0;
    for (std::uint32_t d = 0; d < k_; ++d) sum += values[d] * wave[f * d & (k_ - 1)];
    return sum;
  }

  std::uint32_t k_;
  std::vector<double> cos_, sin_;
};

// Where the blocks of a product go.
class Packer {
 public:
  Packer(const memory_plan::Product& product, std::uint32_t lanes)
      : k_(product.encoding.block),
        lanes_(lanes),
        inputs_(product.k / k_),
        transform_(product.encoding.block) {
    for (const memory_plan::ProductPart& part : product.parts) {
      for (std::uint32_t j = 0; j < part.width; j += k_) {
        packed_.columns.push_back(part.column + j);
      }
    }
    const std::size_t outputs = tensor::round_up(packed_.columns.size(), std::max(lanes, 1U));
    packed_.panels = tensor::AlignedBuffer(outputs * inputs_ * k_);
    packed_.bias = tensor::AlignedBuffer(product.n);
    std::fill_n(packed_.panels.data(), packed_.panels.size(), 0.0F);
    std::fill_n(packed_.bias.data(), packed_.bias.size(), 0.0F);
  }

  void put(std::size_t output, std::size_t input, const float* values) {
    float* const to = packed_.panels.data();
    if (lanes_ == 0) {
      std::copy_n(values, k_, to + (output * inputs_ + input) * k_);
      return;
    }
    const std::size_t first = output / lanes_ * (k_ / 2);
    for (std::uint32_t f = 0; f < k_ / 2; ++f) {
      const std::size_t pair = ((first + f) * inputs_ + input) * 2;
      transform_.pair(values, f, to + pair * lanes_ + output % lanes_, lanes_);
    }
  }

  [[nodiscard]] PackedProduct& packed() { return packed_; }

 private:
  std::uint32_t k_;
  std::uint32_t lanes_;
  std::size_t inputs_;  // blocks
  Transform transform_;
  PackedProduct packed_;
};

}  // namespace

PackedProduct pack_circulant(const memory_plan::Product& product, const graph::Binding& binding,
                             const graph::ParameterStore& parameters, std::uint32_t lanes) {
  Packer packer(product, lanes);
  const std::uint32_t k = product.encoding.block;
  std::size_t output = 0;
  for (const memory_plan::ProductPart& part : product.parts) {
    for (const memory_plan::ProductPart::Term& term : part.terms) {
      const graph::Parameter& weight = parameters[binding[term.slot]];
      require_encoding(weight, product.encoding);
      for (std::uint32_t i = 0; i < part.width / k; ++i) {
        const auto row = weight.value.row(i);
        for (std::uint32_t j = 0; j < term.width; j += k) {
          packer.put(output + i, (term.first_k + j) / k, row.data() + j);
        }
      }
    }
    output += part.width / k;
    if (part.bias == memory_plan::ProductPart::kNoBias) continue;
    require_encoding(parameters[binding[part.bias]], tensor::kDense);
    const auto bias = parameters[binding[part.bias]].value.values();
    std::copy(bias.begin(), bias.end(), packer.packed().bias.data() + part.column);
  }
  return std::move(packer.packed());
}

}  // namespace sheaf::backend::cpu
