// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sheaf/engine/workload.h"

namespace sheaf::engine {

// The workload of model `lac`, whose dictionaries and, unless --weights names others, weights come
// with python3-jieba.
[[nodiscard]] Workload open_lac(const WorkloadOptions& options);

}  // namespace sheaf::engine
