// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
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
  // None of a word that has no row of its own.
  [[nodiscard]] std::optional<std::uint32_t> find(std::string_view word) const;
  [[nodiscard]] const nn::Vocabulary& vocabulary() const { return vocabulary_; }

  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view word) const {
      return std::hash<std::string_view>{}(word);
    }
  };

 private:
  nn::Vocabulary vocabulary_;
  std::unordered_map<std::string, std::uint32_t, Hash, std::equal_to<>> rows_;
  bool open_;
};

inline constexpr const char* kUnknownWord = "<unk>";

// Turns the names of classes into numbers. An *open* index gives every new name the next number; a
// *closed* one refuses names that it does not know, or, *lenient*, takes them for no label. No
// number is kept for unknown names.
class LabelIndex {
 public:
  enum class Unknown : std::uint8_t { refused, no_label };

  // Open.
  LabelIndex() = default;
  // Closed.
  explicit LabelIndex(const nn::Vocabulary& names, Unknown unknown = Unknown::refused);

  // nn::kNoLabel for a name that a lenient index lacks. Throws DataError with `place` and `what`
  // for one that another closed index lacks.
  [[nodiscard]] std::uint32_t number(std::string_view name, const std::string& place,
                                     const char* what);
  [[nodiscard]] const nn::Vocabulary& names() const { return names_; }

 private:
  nn::Vocabulary names_;
  std::unordered_map<std::string, std::uint32_t, WordIndex::Hash, std::equal_to<>> numbers_;
  bool open_ = true;
  Unknown unknown_ = Unknown::refused;
};

}  // namespace sheaf::io
