// SPDX-License-Identifier: Apache-2.0
//
// The parts of study_accelerators(), each in a file of its own.
#pragma once

#include <string>
#include <vector>

#include "sheaf/backend/cim/layer_shape.h"
#include "sheaf/study/accelerators.h"

namespace sheaf::study {

[[nodiscard]] AcceleratorCell word(std::string text);
// With four significant digits.
[[nodiscard]] AcceleratorCell number(double value);
// "2.1x".
[[nodiscard]] AcceleratorCell times(double value);

[[nodiscard]] std::vector<AcceleratorTable> study_reboc(const AcceleratorOptions& options);
[[nodiscard]] std::vector<AcceleratorTable> study_tinyadc();
[[nodiscard]] AcceleratorTable study_cannon();
[[nodiscard]] AcceleratorTable study_smartdeal(const AcceleratorOptions& options);
[[nodiscard]] AcceleratorTable study_rivals(const AcceleratorOptions& options);

}  // namespace sheaf::study
