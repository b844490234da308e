// SPDX-License-Identifier: Apache-2.0
//
// Names of tags that say where spans begin and end, and what may follow what.
#pragma once

#include <optional>
#include <string_view>

#include "sheaf/nn/dataset.h"
#include "sheaf/nn/tag_chain.h"

namespace sheaf::nn {

// A tag in two: one of B, I, M, E, S and, after a hyphen, the type of the span; 'O' and no type
// outside of spans.
struct SpanTag {
  char place = 'O';
  std::string_view type;
};

// Empty for a name that is no such tag.
[[nodiscard]] std::optional<SpanTag> parse_span_tag(std::string_view tag);

// Whether names of tags follow a scheme of spans: all are span tags, and not all are "O".
[[nodiscard]] bool are_span_tags(const Vocabulary& tags);

// The chain over these tags whose scores are 0 and whose legal links are those of their scheme.
// Where one of the tags is M, E or S, the scheme is BMES (BIOES, which has I for M):
//
//   B-X, M-X and I-X are followed by M-X, I-X or E-X, and nothing else is
//   a sequence does not end with B-X, M-X or I-X
//
// Otherwise it is BIO (IOB2; Ramshaw and Marcus 1995, Tjong Kim Sang and Veenstra 1999):
//
//   I-X follows B-X or I-X only
//
// Nothing where are_span_tags() says no.
[[nodiscard]] std::optional<TagChain> legal_chain(const Vocabulary& tags);

// Whether all links of a sequence are legal.
[[nodiscard]] bool is_legal(const TagChain& chain, std::span<const std::uint32_t> tags);

}  // namespace sheaf::nn
