// SPDX-License-Identifier: Apache-2.0
#include "sheaf/train/clip.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

namespace sheaf::train {
namespace {

constexpr std::size_t kLanes = 8;

double sum_of_squares(std::span<const float> values) {
  std::array<double, kLanes> sums{};
  const std::size_t whole = values.size() / kLanes * kLanes;
  for (std::size_t i = 0; i < whole; i += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      const double value = values[i + lane];
      sums[lane] += value * value;
    }
  }
  for (std::size_t i = whole; i < values.size(); ++i) {
    const double value = values[i];
    sums[i - whole] += value * value;
  }
  return ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
}

template <class Act>
void for_each_values(graph::Gradients& gradients, const Act& act) {
  for (graph::ParameterGradient& gradient : gradients) {
    act(gradient.is_sparse() ? gradient.row_values.values() : gradient.dense.values());
  }
}

}  // namespace

double global_norm(const graph::Gradients& gradients) {
  double sum = 0;
  for (const graph::ParameterGradient& gradient : gradients) {
    sum += sum_of_squares(gradient.is_sparse() ? gradient.row_values.values()
                                               : gradient.dense.values());
  }
  return std::sqrt(sum);
}

void scale(graph::Gradients& gradients, float factor) {
  for_each_values(gradients, [factor](std::span<float> values) {
    for (float& value : values) value *= factor;
  });
}

float clip_factor(double norm, double most) {
  constexpr double kAwayFromZero = 1e-6;
  return static_cast<float>(std::min(1.0, most / (norm + kAwayFromZero)));
}

void clip_values(graph::Gradients& gradients, float most) {
  for_each_values(gradients, [most](std::span<float> values) {
    for (float& value : values) {
      const float upper = value > most ? most : value;
      value = upper < -most ? -most : upper;
    }
  });
}

}  // namespace sheaf::train
