// SPDX-License-Identifier: Apache-2.0
//
// Where the tool keeps what calibration measured.
#pragma once

#include <memory>
#include <string>

#include "sheaf/batching/cost_table.h"
#include "sheaf/engine/cost_file.h"
#include "sheaf/graph/network.h"

namespace sheaf::cli {

// Path of the cost file for `key`: in the folder sheaf of $XDG_CACHE_HOME, else of ~/.cache. Throws
// UsageError when neither XDG_CACHE_HOME nor HOME says where that is.
[[nodiscard]] std::string cost_path(const engine::CostKey& key);

// Measures a network and keeps the result in its file; says so on standard error. A file that
// cannot be written is no fault when `must_keep` is false: then it says that.
[[nodiscard]] std::shared_ptr<const batching::CostTable> measure_costs(
    const graph::Network& network, const std::string& isa, bool must_keep);

// The costs that the file has, else measures them.
[[nodiscard]] std::shared_ptr<const batching::CostTable> find_costs(const graph::Network& network,
                                                                    const std::string& isa);

}  // namespace sheaf::cli
