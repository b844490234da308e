// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <vector>

#include "sheaf/backend/cim/counted_products.h"

namespace sheaf::backend::cim {

// The products of a digital array: by digits of the inputs, as its multipliers make them, and
// exact. It has no converters, so conversions are 0.
class ArrayProducts final : public CountedProducts {
 public:
  void prepare(const runtime::IntegerMatrix& matrix) override;

 protected:
  [[nodiscard]] Size size_of(graph::ParameterId parameter) const override;
  sim::crossbar::Conversions product(const runtime::IntegerCall& call,
                                     std::span<const std::int32_t> inputs,
                                     std::span<std::int64_t> sums) override;

 private:
  struct Matrix {
    Size size;
    std::vector<std::int16_t> weights;
  };

  std::map<graph::ParameterId, Matrix> matrices_;
};

}  // namespace sheaf::backend::cim
