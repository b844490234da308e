// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sheaf/tensor/encoding.h"
#include "sheaf/tensor/tensor.h"

namespace sheaf::graph {

using ParameterId = std::uint32_t;

// A named weight. Matrices are [out x in], vectors [1 x n], embedding tables [rows x width].
struct Parameter {
  std::string name;
  tensor::Shape shape;
  tensor::Encoding encoding;
  std::uint64_t version = 0;  // grows with every change; packed panels remember it
  tensor::Tensor value;       // of stored_shape(): as the encoding stores it

  [[nodiscard]] tensor::Shape stored_shape() const { return tensor::stored_shape(encoding, shape); }
};

// All parameters of a network, in the order in which they were declared.
class ParameterStore {
 public:
  // Declares `name`, or returns the one declared before. Throws UsageError when the shapes differ.
  ParameterId declare(const std::string& name, tensor::Shape shape);

  // Throws NotFoundError, suggesting the nearest name.
  [[nodiscard]] ParameterId find(std::string_view name) const;

  [[nodiscard]] const Parameter& operator[](ParameterId id) const { return parameters_[id]; }
  [[nodiscard]] std::size_t size() const { return parameters_.size(); }
  [[nodiscard]] auto begin() const { return parameters_.begin(); }
  [[nodiscard]] auto end() const { return parameters_.end(); }

  // Replaces a value, given as the parameter's encoding stores it, and raises its version. Throws
  // UsageError on another shape than stored_shape().
  void assign(ParameterId id, tensor::Tensor value);

  // The stored values, to be changed in place; raises the version. What is written through the span
  // after the parameter has been packed is not seen: ask again for every change.
  [[nodiscard]] std::span<float> change(ParameterId id);

  // Stores the parameter so from now on; it has no value until the next assign(). Sessions that
  // were compiled before have to be compiled again. Throws UsageError for a shape that does not
  // fit.
  void encode(ParameterId id, tensor::Encoding encoding);

  // Grows with every assign(), change() and encode(): equal counts, equal weights.
  [[nodiscard]] std::uint64_t changes() const { return changes_; }

 private:
  std::vector<Parameter> parameters_;
  std::map<std::string, ParameterId, std::less<>> by_name_;
  std::uint64_t changes_ = 0;
};

}  // namespace sheaf::graph
