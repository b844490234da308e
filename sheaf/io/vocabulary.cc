// SPDX-License-Identifier: Apache-2.0
#include "sheaf/io/vocabulary.h"

#include <utility>

#include "sheaf/base/error.h"
#include "sheaf/base/nearest.h"
#include "sheaf/io/file.h"

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

std::optional<std::uint32_t> WordIndex::find(std::string_view word) const {
  const auto it = rows_.find(word);
  if (it == rows_.end()) return std::nullopt;
  return it->second;
}

LabelIndex::LabelIndex(const nn::Vocabulary& names, Unknown unknown)
    : names_(names), open_(false), unknown_(unknown) {
  for (std::uint32_t i = 0; i < names_.size(); ++i) numbers_.try_emplace(names_[i], i);
}

std::uint32_t LabelIndex::number(std::string_view name, const std::string& place,
                                 const char* what) {
  const auto it = numbers_.find(name);
  if (it != numbers_.end()) return it->second;
  if (!open_ && unknown_ == Unknown::no_label) return nn::kNoLabel;
  if (!open_) {
    throw base::DataError(
        {.place = place,
         .what = what,
         .got = excerpt(name),
         .expected = "one of the " + std::to_string(names_.size()) + " that the weights have",
         .hint = base::suggest(name, names_)});
  }
  const auto number = static_cast<std::uint32_t>(names_.size());
  names_.emplace_back(name);
  numbers_.emplace(name, number);
  return number;
}

}  // namespace sheaf::io
