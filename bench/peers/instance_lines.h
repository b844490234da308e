// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "sheaf/nn/dataset.h"

namespace sheaf::bench {

// Instances for programs in other languages: one line of JSON each, in the order of `indices`.
//
//   tree      {"left": [...], "right": [...], "word": [...]}: post-order; -1 where there is no
//             child; words of inner nodes are 0
//   lattice   {"begin": [...], "source": [...], "id": [...]}: arcs into position p are begin[p] to
//             begin[p + 1]
//   sentence  {"ids": [...]}
//   pair      {"source": [...], "target": [...]}
//
// Throws UsageError for instances of other kinds.
[[nodiscard]] std::string instance_lines(std::span<const nn::Instance> instances,
                                         std::span<const std::uint32_t> indices);

}  // namespace sheaf::bench
