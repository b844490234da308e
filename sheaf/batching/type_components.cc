// SPDX-License-Identifier: Apache-2.0
#include "sheaf/batching/type_components.h"

#include <algorithm>
#include <numeric>

namespace sheaf::batching {
namespace {

// Which types' nodes may come after which, through any path: rows of bits.
class Reach {
 public:
  explicit Reach(const Dependencies& dependencies)
      : types_(dependencies.type_count()), words_((types_ + 63) / 64), bits_(types_ * words_, 0) {
    for (std::size_t a = 0; a < types_; ++a) {
      for (std::size_t b = 0; b < types_; ++b) {
        const bool follows =
            dependencies.type_follows(static_cast<graph::TypeId>(a), static_cast<graph::TypeId>(b));
        bits_[a * words_ + b / 64] |= std::uint64_t{follows} << (b % 64);
      }
    }
    for (std::size_t via = 0; via < types_; ++via) {
      for (std::size_t a = 0; a < types_; ++a) {
        if (!leads(a, via)) continue;
        for (std::size_t w = 0; w < words_; ++w) bits_[a * words_ + w] |= bits_[via * words_ + w];
      }
    }
  }

  [[nodiscard]] bool leads(std::size_t a, std::size_t b) const {
    return (bits_[a * words_ + b / 64] >> (b % 64) & 1U) != 0;
  }
  [[nodiscard]] bool same(std::size_t a, std::size_t b) const {
    return a == b || (leads(a, b) && leads(b, a));
  }

 private:
  std::size_t types_;
  std::size_t words_;
  std::vector<std::uint64_t> bits_;
};

}  // namespace

TypeComponents::TypeComponents(const Dependencies& dependencies) {
  const std::size_t types = dependencies.type_count();
  const Reach reach(dependencies);
  // A type that leads to another component has fewer types before it than the types there.
  std::vector<std::uint32_t> before(types, 0);
  for (std::size_t a = 0; a < types; ++a) {
    for (std::size_t b = 0; b < types; ++b) before[b] += reach.leads(a, b) && !reach.leads(b, a);
  }
  std::vector<graph::TypeId> order(types);
  std::iota(order.begin(), order.end(), graph::TypeId{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](graph::TypeId a, graph::TypeId b) { return before[a] < before[b]; });
  constexpr std::uint32_t kNone = ~0U;
  component_.assign(types, kNone);
  for (const graph::TypeId first : order) {
    if (component_[first] != kNone) continue;
    for (const graph::TypeId type : order) {
      if (!reach.same(first, type)) continue;
      component_[type] = size();
      types_.push_back(type);
    }
    begin_.push_back(static_cast<std::uint32_t>(types_.size()));
  }
}

}  // namespace sheaf::batching
