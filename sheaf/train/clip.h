// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sheaf/graph/gradients.h"

namespace sheaf::train {

// The euclidean norm of all gradients together, summed in double in a fixed order (parameter by
// parameter, in eight interleaved sums): finite if and only if every gradient is.
[[nodiscard]] double global_norm(const graph::Gradients& gradients);

// Scales all gradients by `factor`, in float32.
void scale(graph::Gradients& gradients, float factor);

// The factor that makes a norm at most `most`, as torch.nn.utils.clip_grad_norm_ computes it:
// min(1, most / (norm + 1e-6)).
[[nodiscard]] float clip_factor(double norm, double most);

// Moves every number of the gradients into [-most, most]; NaN stays.
void clip_values(graph::Gradients& gradients, float most);

}  // namespace sheaf::train
