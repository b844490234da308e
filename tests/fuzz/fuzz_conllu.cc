// SPDX-License-Identifier: Apache-2.0
//
// Whatever the bytes, io::read_conllu() gives trees whose heads lead to a root, or throws a
// DataError.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <variant>

#include "sheaf/base/error.h"
#include "sheaf/io/conllu.h"

namespace {

using sheaf::nn::DependencyTree;

// From every word the heads lead to a root, in fewer steps than there are words.
bool holds(const DependencyTree& tree, std::size_t rows, std::size_t relations) {
  const std::size_t words = tree.words.size();
  if (words == 0 || tree.heads.size() != words || tree.labels.size() != words) return false;
  for (std::size_t w = 0; w < words; ++w) {
    if (tree.words[w] >= rows || tree.labels[w] >= relations) return false;
    std::size_t steps = 0;
    for (std::uint32_t at = tree.heads[w]; at != DependencyTree::kRoot; at = tree.heads[at]) {
      if (at >= words || ++steps >= words) return false;
    }
  }
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  sheaf::io::WordIndex words;
  sheaf::io::LabelIndex relations;
  try {
    for (const auto& instance : sheaf::io::read_conllu(text, "fuzz", words, relations)) {
      const auto& tree = std::get<DependencyTree>(instance);
      if (!holds(tree, words.vocabulary().size(), relations.names().size())) std::abort();
    }
  } catch (const sheaf::base::DataError&) {
  }
  return 0;
}
