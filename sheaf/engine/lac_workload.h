// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sheaf/engine/workload.h"

namespace sheaf::engine {

// Throws UsageError for another hidden size than `lac` has.
void require_lac_size(const WorkloadOptions& options);

// The workload of model `lac`, whose dictionaries and, unless --weights names others, weights come
// with python3-jieba. It reads text only.
[[nodiscard]] Workload open_lac(const WorkloadOptions& options);

}  // namespace sheaf::engine
