// SPDX-License-Identifier: Apache-2.0
#include "tests/train/toy.h"

#include <cmath>
#include <map>

namespace sheaf::test {

double Toy::probability(std::uint32_t instance) const {
  const auto w = store[0].value.values();
  const auto row = store[2].value.row(instance % kWords);
  double z = store[1].value.values()[0];
  for (std::uint32_t j = 0; j < kWidth; ++j) z += static_cast<double>(w[j]) * row[j];
  return 1 / (1 + std::exp(-z));
}

train::StepLoss Toy::run(std::span<const std::uint32_t> instances, std::uint64_t step,
                         graph::Gradients& gradients) {
  if (before_run) before_run(step);
  ++runs;
  train::StepLoss result{.loss = 0, .terms = instances.size()};
  const auto w = store[0].value.values();
  std::vector<double> dw(kWidth);
  double db = 0;
  std::map<std::uint32_t, std::vector<double>> rows;
  for (const std::uint32_t instance : instances) {
    const double p = probability(instance);
    result.loss -= std::log(label(instance) ? p : 1 - p);
    const double error = (p - (label(instance) ? 1 : 0)) / static_cast<double>(instances.size());
    const std::uint32_t word = instance % kWords;
    std::vector<double>& row = rows.try_emplace(word, kWidth, 0.0).first->second;
    for (std::uint32_t j = 0; j < kWidth; ++j) {
      dw[j] += error * store[2].value.row(word)[j];
      row[j] += error * w[j];
    }
    db += error;
  }
  gradients.clear();
  gradients.resize(3);
  gradients[0] = dense({1, kWidth}, std::vector<float>(dw.begin(), dw.end()));
  gradients[1] = dense({1, 1}, {static_cast<float>(db)});
  std::vector<std::uint32_t> words;
  std::vector<float> values;
  for (const auto& [word, row] : rows) {
    words.push_back(word);
    for (const double value : row) values.push_back(static_cast<float>(value));
  }
  gradients[2] = sparse(words, kWidth, values);
  if (after_run) after_run(result, gradients, step);
  return result;
}

double Toy::loss() const {
  double sum = 0;
  for (std::uint32_t i = 0; i < instances_; ++i) {
    sum -= std::log(label(i) ? probability(i) : 1 - probability(i));
  }
  return sum / instances_;
}

double Toy::accuracy() const {
  std::uint32_t right = 0;
  for (std::uint32_t i = 0; i < instances_; ++i) right += (probability(i) > 0.5) == label(i);
  return static_cast<double>(right) / instances_;
}

}  // namespace sheaf::test
