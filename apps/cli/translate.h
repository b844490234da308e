// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>

#include "apps/cli/options.h"
#include "sheaf/engine/beam.h"

namespace sheaf::cli {

// Translates all sources with --beam and the policy, layout, instruction set and threads that the
// flags name, --batch sentences at a time, and hands on the translations in the order of the data.
// Shows progress on a terminal. The model is lstm_nmt. Throws UnsupportedError for one whose
// vocabulary has no end of a sentence.
void translate_workload(const Flags& flags, const engine::Workload& workload,
                        const std::function<void(std::uint32_t, const engine::Decoded&)>& sink);

}  // namespace sheaf::cli
