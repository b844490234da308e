// SPDX-License-Identifier: Apache-2.0
//
// Sets of path classes as rows of machine words.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace sheaf::batching {

using ClassId = std::uint32_t;

using SetWord = std::uint64_t;
using ClassSet = std::span<const SetWord>;
using MutableClassSet = std::span<SetWord>;

[[nodiscard]] constexpr std::size_t set_words(std::size_t classes) { return (classes + 63) / 64; }

[[nodiscard]] inline bool contains(ClassSet set, ClassId c) {
  return (set[c / 64] >> (c % 64) & 1U) != 0;
}
inline void put_in(MutableClassSet set, ClassId c) { set[c / 64] |= SetWord{1} << (c % 64); }
inline void take_out(MutableClassSet set, ClassId c) { set[c / 64] &= ~(SetWord{1} << (c % 64)); }

inline void unite(MutableClassSet set, ClassSet other) {
  for (std::size_t w = 0; w < set.size(); ++w) set[w] |= other[w];
}

inline void intersect(MutableClassSet set, ClassSet other) {
  for (std::size_t w = 0; w < set.size(); ++w) set[w] &= other[w];
}

// Named so that std::empty(), which finds spans too, is not meant.
[[nodiscard]] inline bool no_members(ClassSet set) {
  for (const SetWord word : set) {
    if (word != 0) return false;
  }
  return true;
}

[[nodiscard]] inline bool subset(ClassSet part, ClassSet whole) {
  for (std::size_t w = 0; w < part.size(); ++w) {
    if ((part[w] & ~whole[w]) != 0) return false;
  }
  return true;
}

// Calls visit(c) for the members from the largest to the smallest; visit may erase members.
template <typename Visit>
void for_each_descending(ClassSet set, const Visit& visit) {
  for (std::size_t w = set.size(); w-- > 0;) {
    SetWord rest = set[w];
    while (rest != 0) {
      const auto bit = static_cast<unsigned>(std::bit_width(rest)) - 1;
      rest &= ~(SetWord{1} << bit);
      visit(static_cast<ClassId>(w * 64 + bit));
      rest &= set[w];
    }
  }
}

// Calls visit(c) for the members from the smallest to the largest.
template <typename Visit>
void for_each_ascending(ClassSet set, const Visit& visit) {
  for (std::size_t w = 0; w < set.size(); ++w) {
    for (SetWord rest = set[w]; rest != 0; rest &= rest - 1) {
      visit(static_cast<ClassId>(w * 64 + static_cast<unsigned>(std::countr_zero(rest))));
    }
  }
}

// Rows of equal width in one array.
class ClassSets {
 public:
  explicit ClassSets(std::size_t words, std::size_t rows = 0)
      : words_(words), data_(rows * words, 0) {}

  void resize(std::size_t rows) { data_.resize(rows * words_, 0); }

  [[nodiscard]] ClassSet operator[](std::size_t row) const {
    return {data_.data() + row * words_, words_};
  }
  [[nodiscard]] MutableClassSet operator[](std::size_t row) {
    return {data_.data() + row * words_, words_};
  }

 private:
  std::size_t words_;
  std::vector<SetWord> data_;
};

}  // namespace sheaf::batching
