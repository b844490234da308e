// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include "sheaf/report/trace.h"

namespace sheaf::cli {

// Writes a trace to a file; says on standard error how many slices there was no room for.
void save_trace(const std::string& path, std::span<const report::TraceLane> lanes);

}  // namespace sheaf::cli
