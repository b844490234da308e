// SPDX-License-Identifier: Apache-2.0
#include "sheaf/backend/cim/array_products.h"

#include "sheaf/sim/pe_array/booth.h"

namespace sheaf::backend::cim {

void ArrayProducts::prepare(const runtime::IntegerMatrix& matrix) {
  matrices_[matrix.parameter] = {.size = {.inputs = matrix.inputs, .outputs = matrix.outputs},
                                 .weights = {matrix.values.begin(), matrix.values.end()}};
}

CountedProducts::Size ArrayProducts::size_of(graph::ParameterId parameter) const {
  return matrices_.at(parameter).size;
}

sim::crossbar::Conversions ArrayProducts::product(const runtime::IntegerCall& call,
                                                  std::span<const std::int32_t> inputs,
                                                  std::span<std::int64_t> sums) {
  const Matrix& matrix = matrices_.at(call.parameter);
  for (std::size_t i = 0; i < call.count; ++i) {
    sim::pe_array::multiply(
        matrix.weights, inputs.subspan(i * matrix.size.inputs, matrix.size.inputs), call.input_bits,
        sums.subspan(i * matrix.size.outputs, matrix.size.outputs));
  }
  return {};
}

}  // namespace sheaf::backend::cim
