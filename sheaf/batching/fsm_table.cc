// SPDX-License-Identifier: Apache-2.0
#include "sheaf/batching/fsm_table.h"

#include <algorithm>
#include <array>

#include "sheaf/base/error.h"
#include "sheaf/base/nearest.h"

namespace sheaf::batching {
namespace {

const std::array<std::string, 4> kEncodingNames = {"base", "max", "sort", "phase"};

}  // namespace

std::span<const std::string> encoding_names() { return kEncodingNames; }

std::optional<StateEncoding> find_encoding(std::string_view text) {
  const auto it = std::find(kEncodingNames.begin(), kEncodingNames.end(), text);
  if (it == kEncodingNames.end()) return std::nullopt;
  return static_cast<StateEncoding>(it - kEncodingNames.begin());
}

StateEncoding parse_encoding(std::string_view text) {
  const auto encoding = find_encoding(text);
  if (!encoding) {
    throw base::UsageError({.place = "--encoding",
                            .what = "unknown state encoding",
                            .got = "'" + std::string(text) + "'",
                            .hint = base::suggest(text, kEncodingNames)});
  }
  return *encoding;
}

std::string_view name(StateEncoding encoding) {
  return kEncodingNames[static_cast<std::size_t>(encoding)];
}

void encode_state(StateEncoding encoding, const Frontier& frontier, StateKey& key) {
  key.clear();
  char16_t most = 0;
  for (std::size_t a = 0; a < frontier.type_count(); ++a) {
    const auto type = static_cast<graph::TypeId>(a);
    if (frontier.count(type) == 0) continue;
    if (key.empty() || frontier.count(type) > frontier.count(most)) most = type;
    key.push_back(type);
  }
  if (encoding == StateEncoding::max) key.push_back(most);
  if (encoding == StateEncoding::sort || encoding == StateEncoding::phase) {
    // By insertion: the types are few, and std::stable_sort would allocate memory.
    for (auto next = key.begin(); next != key.end(); ++next) {
      const auto place = std::upper_bound(key.begin(), next, *next, [&](char16_t a, char16_t b) {
        return frontier.count(a) > frontier.count(b);
      });
      std::rotate(place, next, next + 1);
    }
  }
  if (encoding == StateEncoding::phase && frontier.left() > 0) {
    const std::uint64_t run = frontier.size() - frontier.left();
    key.push_back(static_cast<char16_t>(kPhaseSymbol + kPhases * run / frontier.size()));
  }
}

}  // namespace sheaf::batching
