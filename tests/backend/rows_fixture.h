// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "tests/backend/isas.h"
#include "tests/backend/matrix.h"

namespace sheaf::backend::cpu {

using ops::OpKind;
using test::Matrix;

// Row kernels of the table that the test is given.
class Rows : public testing::TestWithParam<std::string> {
 protected:
  [[nodiscard]] RowsKernel kernel(OpKind kind) const {
    return choose_kernels(GetParam()).rows_kernel(kind);
  }
  [[nodiscard]] static RowsArgs args(const Matrix& a, const Matrix& b, Matrix& to) {
    return {.a = a.data(),
            .a_stride = a.stride(),
            .b = b.data(),
            .b_stride = b.stride(),
            .to = to.data(),
            .to_stride = to.stride(),
            .rows = to.rows(),
            .width = to.width(),
            .table = nullptr,
            .table_stride = 0,
            .scalar = 0};
  }
  [[nodiscard]] Matrix run(OpKind kind, const Matrix& a, const Matrix& b) const {
    Matrix to(a.rows(), a.width());
    kernel(kind)(args(a, b, to));
    return to;
  }
  [[nodiscard]] Matrix run(OpKind kind, const Matrix& a) const {
    Matrix to(a.rows(), a.width());
    RowsArgs given = args(a, a, to);
    given.b = nullptr;
    given.b_stride = 0;
    kernel(kind)(given);
    return to;
  }
  // One step of a CRF: `to` is twice as wide as `emissions`.
  [[nodiscard]] Matrix viterbi(const Matrix& previous, const Matrix& emissions,
                               const Matrix& transitions) const {
    Matrix to(previous.rows(), previous.width());
    RowsArgs given = args(previous, emissions, to);
    given.table = transitions.data();
    given.table_stride = transitions.stride();
    kernel(OpKind::viterbi_step)(given);
    return to;
  }
};

}  // namespace sheaf::backend::cpu
