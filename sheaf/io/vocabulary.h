// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "sheaf/nn/dataset.h"

namespace sheaf::io {

// Turns words into rows of an embedding table. An *open* index gives every new word the next row; a
// *closed* one gives row 0,
// "<unk>", to words that it does not know. In both, row 0 is "<unk>".
class WordIndex {
 public:
  // Open.
  WordIndex();
  // Closed.
  explicit WordIndex(nn::Vocabulary vocabulary);

  [[nodiscard]] std::uint32_t row(std::string_view word);
  [[nodiscard]] const nn::Vocabulary& vocabulary() const { return vocabulary_; }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view word) const {
      return std::hash<std::string_view>{}(word);
    }
  };
  nn::Vocabulary vocabulary_;
  std::unordered_map<std::string, std::uint32_t, Hash, std::equal_to<>> rows_;
  bool open_;
};

inline constexpr const char* kUnknownWord = "<unk>";

}  // namespace sheaf::io
