// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "sheaf/target/chip.h"

namespace sheaf::target {

// Throws ConfigError where parts of the chip contradict each other: what no single key shows.
// `places` says at which "file:line" the key of a path was given; without it messages name the
// path. Names of converter models and mesh energies are those of sheaf/sim, which checks them.
void validate(const Chip& chip, const std::map<std::string, std::string>& places = {});

}  // namespace sheaf::target
