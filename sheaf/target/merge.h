// SPDX-License-Identifier: Apache-2.0
//
// Trees of chips laid over each other, before they are read.
#pragma once

#include <string>

#include "sheaf/base/yaml.h"

namespace sheaf::target {

// `base` with all that `over` says instead; a map of which `over` says nothing ("router:") is taken
// away. Maps are merged key by key; where
// `over` names all of a map, in its order. A section that `over`
// changes has the source that `over` gives it, followed by that of the rest. Figures that `base`
// publishes, and the rounding of its sums, are its own and left out. Throws ConfigError where
// `over` gives no source.
[[nodiscard]] base::YamlNode merged(base::YamlNode base, const base::YamlNode& over);

// Writes down what figures of the tree belong to where it does not say so itself, so that changes
// leave it alone: the size of the array whose energy is given, the rate of the converter whose
// power is.
void state_what_was_measured(base::YamlNode& root);

// Applies one change, "crossbar.rows=256", to the tree. Throws UsageError when it is none.
void apply_change(base::YamlNode& root, const std::string& change);

}  // namespace sheaf::target
