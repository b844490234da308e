// SPDX-License-Identifier: Apache-2.0
#include "sheaf/nn/tag_scheme.h"

#include <algorithm>

namespace sheaf::nn {
namespace {

// Of tags as they are written, M as I.
bool is_inside(const SpanTag& tag) { return tag.place == 'I' || tag.place == 'M'; }

// Whether the span of a tag is not over: closed schemes only.
bool is_open(const SpanTag& tag) { return tag.place == 'B' || is_inside(tag); }

// Whether a tag goes on with a span that began before.
bool goes_on(const SpanTag& tag) { return is_inside(tag) || tag.place == 'E'; }

}  // namespace

std::optional<SpanTag> parse_span_tag(std::string_view tag) {
  constexpr std::string_view kPlaces = "BIMES";
  if (tag == "O") return SpanTag{};
  if (tag.size() < 3 || tag[1] != '-' || kPlaces.find(tag[0]) == std::string_view::npos) return {};
  return SpanTag{tag[0], tag.substr(2)};
}

bool are_span_tags(const Vocabulary& tags) {
  const auto fits = [](const std::string& tag) { return parse_span_tag(tag).has_value(); };
  return std::all_of(tags.begin(), tags.end(), fits) &&
         std::any_of(tags.begin(), tags.end(), [](const std::string& tag) { return tag != "O"; });
}

std::optional<TagChain> legal_chain(const Vocabulary& names) {
  if (!are_span_tags(names)) return {};
  std::vector<SpanTag> tags;
  for (const std::string& name : names) tags.push_back(*parse_span_tag(name));
  // Whether the tags say where a span ends.
  const bool closed = std::any_of(tags.begin(), tags.end(), [](const SpanTag& tag) {
    return tag.place == 'M' || tag.place == 'E' || tag.place == 'S';
  });
  const auto count = static_cast<std::uint32_t>(tags.size());
  TagChain chain(count);
  for (std::uint32_t to = 0; to < count; ++to) {
    chain.start[to].legal = !goes_on(tags[to]);
    chain.stop[to].legal = !(closed && is_open(tags[to]));
    for (std::uint32_t from = 0; from < count; ++from) {
      const bool joined = is_open(tags[from]) && goes_on(tags[to]);
      const bool parted = !goes_on(tags[to]) && !(closed && is_open(tags[from]));
      chain.transitions[std::size_t{to} * count + from].legal =
          parted || (joined && tags[from].type == tags[to].type);
    }
  }
  return chain;
}

bool is_legal(const TagChain& chain, std::span<const std::uint32_t> tags) {
  if (tags.empty()) return true;
  bool legal = chain.start[tags.front()].legal && chain.stop[tags.back()].legal;
  for (std::size_t t = 1; t < tags.size(); ++t) {
    legal = legal && chain.transitions[std::size_t{tags[t]} * chain.tags + tags[t - 1]].legal;
  }
  return legal;
}

}  // namespace sheaf::nn
