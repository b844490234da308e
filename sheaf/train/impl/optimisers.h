// SPDX-License-Identifier: Apache-2.0
//
// The optimisers, each in a file of its name; optimiser.h has their formulas. Their options have
// been checked.
#pragma once

#include <memory>

#include "sheaf/train/optimiser.h"

namespace sheaf::train {

[[nodiscard]] std::unique_ptr<Optimiser> make_sgd(const OptimiserOptions& options);
[[nodiscard]] std::unique_ptr<Optimiser> make_adagrad(const OptimiserOptions& options);
[[nodiscard]] std::unique_ptr<Optimiser> make_adam(const OptimiserOptions& options);

}  // namespace sheaf::train
