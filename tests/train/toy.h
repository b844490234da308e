// SPDX-License-Identifier: Apache-2.0
//
// Small tensors, stores and gradients, and a convex problem whose gradients need no engine.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "sheaf/base/philox.h"
#include "sheaf/graph/parameter.h"
#include "sheaf/train/gradient_source.h"

namespace sheaf::test {

inline tensor::Tensor tensor_of(tensor::Shape shape, const std::vector<float>& values) {
  tensor::Tensor tensor(shape);
  std::copy(values.begin(), values.end(), tensor.values().begin());
  return tensor;
}

inline std::vector<float> values_of(const tensor::Tensor& tensor) {
  return {tensor.values().begin(), tensor.values().end()};
}

inline graph::ParameterId add_parameter(graph::ParameterStore& store, const std::string& name,
                                        tensor::Shape shape, const std::vector<float>& values) {
  const graph::ParameterId id = store.declare(name, shape);
  store.assign(id, tensor_of(shape, values));
  return id;
}

inline graph::ParameterGradient dense(tensor::Shape shape, const std::vector<float>& values) {
  graph::ParameterGradient gradient;
  gradient.dense = tensor_of(shape, values);
  return gradient;
}

inline graph::ParameterGradient sparse(std::vector<std::uint32_t> rows, std::uint32_t columns,
                                       const std::vector<float>& values) {
  graph::ParameterGradient gradient;
  gradient.row_values = tensor_of({static_cast<std::uint32_t>(rows.size()), columns}, values);
  gradient.rows = std::move(rows);
  return gradient;
}

inline graph::Gradients one(graph::ParameterGradient gradient) {
  graph::Gradients gradients;
  gradients.push_back(std::move(gradient));
  return gradients;
}

// The bytes of all parameters, for comparisons bit by bit.
inline std::string bits_of(const graph::ParameterStore& store) {
  std::string bytes;
  for (const graph::Parameter& parameter : store) {
    const auto values = parameter.value.values();
    bytes.append(reinterpret_cast<const char*>(values.data()), values.size_bytes());
  }
  return bytes;
}

// Logistic regression: instance i has the word i % kWords and the label of a fixed direction;
// p = sigmoid(w . table[word] + b). Three parameters: w [1 x kWidth], b [1 x 1] and the table,
// whose gradient is sparse.
class Toy final : public train::GradientSource {
 public:
  static constexpr std::uint32_t kWidth = 5;
  static constexpr std::uint32_t kWords = 7;

  explicit Toy(std::uint32_t instances) : instances_(instances) {
    const base::Philox random(1, "toy");
    for (const auto& [name, shape] : std::vector<std::pair<std::string, tensor::Shape>>{
             {"w", {1, kWidth}}, {"b", {1, 1}}, {"table", {kWords, kWidth}}}) {
      const graph::ParameterId id = store.declare(name, shape);
      tensor::Tensor value(shape);
      for (std::size_t i = 0; i < shape.size(); ++i) {
        value.values()[i] = random.uniform(id, i) - 0.5F;
      }
      store.assign(id, std::move(value));
    }
  }

  train::StepLoss run(std::span<const std::uint32_t> instances, std::uint64_t step,
                      graph::Gradients& gradients) override;

  std::string explain_non_finite() override { return "instance 3, cell 'toy'"; }

  [[nodiscard]] std::uint32_t instances() const { return instances_; }
  // The mean loss of all instances, and the share of them that are right.
  [[nodiscard]] double loss() const;
  [[nodiscard]] double accuracy() const;

  graph::ParameterStore store;
  std::uint64_t runs = 0;
  std::function<void(std::uint64_t step)> before_run;  // may throw
  std::function<void(train::StepLoss&, graph::Gradients&, std::uint64_t step)> after_run;

 private:
  [[nodiscard]] static bool label(std::uint32_t instance) { return instance % kWords < 4; }
  [[nodiscard]] double probability(std::uint32_t instance) const;

  std::uint32_t instances_;
};

}  // namespace sheaf::test
