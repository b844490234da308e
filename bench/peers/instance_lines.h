// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "sheaf/nn/model.h"

namespace sheaf::bench {

// Instances for programs in other languages: one line of JSON each, in the order of `indices`.
//
//   tree      {"left": [...], "right": [...], "word": [...]}: post-order; -1 where there is no
//             child; words of inner nodes are 0
//   lattice   {"begin": [...], "source": [...], "id": [...]}: arcs into position p are begin[p] to
//             begin[p + 1]
//   sentence  {"ids": [...]}, and where words are spelt "spelling": a list of characters by word,
//             empty for a word that has its own row
//   pair      {"source": [...], "target": [...]}
//
// With a model, whose instances they must be, also {"labels": [...]}: the right class of every
// output, -1 where there is none.
//
// Throws UsageError for instances of other kinds.
[[nodiscard]] std::string instance_lines(std::span<const nn::Instance> instances,
                                         std::span<const std::uint32_t> indices,
                                         const nn::Model* model = nullptr);

}  // namespace sheaf::bench
