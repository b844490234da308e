// SPDX-License-Identifier: Apache-2.0
#include "sheaf/io/vocabulary.h"

#include <utility>

namespace sheaf::io {

WordIndex::WordIndex() : vocabulary_{kUnknownWord}, open_(true) { rows_[kUnknownWord] = 0; }

WordIndex::WordIndex(nn::Vocabulary vocabulary) : vocabulary_(std::move(vocabulary)), open_(false) {
  for (std::uint32_t i = 0; i < vocabulary_.size(); ++i) rows_.try_emplace(vocabulary_[i], i);
}

std::uint32_t WordIndex::row(std::string_view word) {
  const auto it = rows_.find(word);
  if (it != rows_.end()) return it->second;
  if (!open_) return 0;
  const auto row = static_cast<std::uint32_t>(vocabulary_.size());
  vocabulary_.emplace_back(word);
  rows_.emplace(word, row);
  return row;
}

}  // namespace sheaf::io
