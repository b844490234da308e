// SPDX-License-Identifier: Apache-2.0
//
// Data of chosen shapes and sizes from a seed, for measurements and examples: `--data random:...`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sheaf/nn/dataset.h"

namespace sheaf::io {

struct RandomData {
  std::string kind;
  std::vector<nn::Instance> instances;
  nn::Vocabularies vocabularies;  // ids "0", "1", ... as names; labels "label0", "label1", ...
};

// Whether a --data option asks for random data.
[[nodiscard]] bool is_random_data(std::string_view data);

// Makes what "random:KIND,key=value,..." asks for. The same text gives the same data on every
// machine, and the instances do not depend on their number. Kinds and keys, with their defaults:
//
//   trees         leaves=19 shape=random|balanced|left|right
//   lattices      positions=44 words=0.54 span=2-4   (words: share of positions with a word arc)
//   sentences     length=23 tags=9 spelt=0 characters=60   (spelt: share of words that are spelt)
//   pairs         length=12 target=256   (target: rows of the target's vocabulary)
//   dependencies  length=12 shape=random|chain|flat relations=40
//   dags          nodes=30 degree=2 window=10   (predecessors of a node, among the `window` before)
//
// and everywhere n=256, seed=1, vocabulary=1000 (dags: 20). leaves, positions, span, length, nodes
// and degree are a mean M (uniform over 1 to 2 M - 1) or a range MIN-MAX. Throws UsageError that
// names the key.
[[nodiscard]] RandomData random_data(std::string_view data);

}  // namespace sheaf::io
