// SPDX-License-Identifier: Apache-2.0
//
// Which parameters of a network are stored how: rules such as "W_*=block_circulant:k=8".
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sheaf/graph/network.h"

namespace sheaf::compress {

struct EncodeRule {
  std::string text;     // as it was given
  std::string pattern;  // * is any number of characters, ? is one
  tensor::Encoding encoding;
};

// PATTERN=ENCODING. Throws UsageError, place --encode.
[[nodiscard]] EncodeRule parse_encode_rule(const std::string& text);

// Whether the whole of `name` fits the pattern; one without a dot is compared with what follows the
// last dot of the name.
[[nodiscard]] bool matches(std::string_view pattern, std::string_view name);

// The weights of products, in the order of the parameters: what can be encoded. Not among them are
// biases, tables, and what an op reads as a value.
[[nodiscard]] std::vector<graph::ParameterId> product_weights(const graph::Network& network);

// Throws DataError, place `file`, when anything else is encoded: what a weight file may have said.
void require_product_weights(const graph::Network& network, const std::string& file);

// What became of a parameter.
struct Encoded {
  graph::ParameterId parameter;
  double error = 0;  // of the projection, relative to the norm of the dense matrix
};

// Stores product weights as the rules say; where several match, as the last one. A weight that has
// a dense value is projected; one without a value has none afterwards either. Throws UsageError for
// a rule that no weight matches, a weight that it does not fit, and one that is encoded in another
// way already.
std::vector<Encoded> encode(std::span<const EncodeRule> rules, graph::Network& network);

}  // namespace sheaf::compress
