// SPDX-License-Identifier: Apache-2.0
//
// Data and options of small trainings.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "sheaf/base/philox.h"
#include "sheaf/train/training.h"
#include "tests/io/temp_folder.h"

namespace sheaf::train {

// Sentences in which a word has the tag of its first letter.
inline std::string tagged(std::uint32_t sentences, std::uint64_t seed) {
  static const std::vector<std::string> kWords = {"ab|A", "ac|A", "ad|A", "ba|B", "bc|B", "ca|C"};
  const base::Philox random(seed, "tagged");
  std::string text;
  for (std::uint32_t s = 0; s < sentences; ++s) {
    const std::uint32_t words = 1 + random.below(5, s, 0);
    for (std::uint32_t w = 0; w < words; ++w) {
      text += (w > 0 ? " " : "") + kWords[random.below(6, s, w + 1)];
    }
    text += '\n';
  }
  return text;
}

class Training : public testing::Test {
 protected:
  Training()
      : data_(folder_.write("train.txt", tagged(24, 1))),
        dev_(folder_.write("dev.txt", tagged(9, 2))) {}

  // For a folder of that name.
  [[nodiscard]] TrainingOptions options(const std::string& out) const {
    TrainingOptions options;
    options.data = {.model = "bilstm_tagger", .data = data_, .hidden = 8, .seed = 3};
    options.dev = dev_;
    options.optimiser.name = "adam";
    options.rate = 0.02;
    options.batch = 5;
    options.epochs = 4;
    options.out = folder_.path(out);
    options.checkpoint_every = 2;
    return options;
  }

  const test::TempFolder folder_;
  const std::string data_;
  const std::string dev_;
};

}  // namespace sheaf::train
