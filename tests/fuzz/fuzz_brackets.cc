// SPDX-License-Identifier: Apache-2.0
//
// Whatever the bytes, io::read_brackets() gives trees that hold together or throws a DataError.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <variant>

#include "sheaf/base/error.h"
#include "sheaf/io/brackets.h"

namespace {

// Children come before their parent, every node but the root has one parent, words have rows.
bool holds(const sheaf::nn::Tree& tree, std::size_t rows) {
  std::size_t children = 0;
  for (std::size_t k = 0; k < tree.nodes.size(); ++k) {
    const sheaf::nn::Tree::Node& node = tree.nodes[k];
    if (node.is_leaf()) {
      if (node.right != sheaf::nn::Tree::kLeaf || node.word >= rows) return false;
    } else {
      if (node.left >= node.right || node.right >= k) return false;
      children += 2;
    }
  }
  return children + 1 == tree.nodes.size();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  sheaf::io::WordIndex words;
  try {
    for (const auto& instance : sheaf::io::read_brackets(text, "fuzz", words)) {
      const auto& tree = std::get<sheaf::nn::Tree>(instance);
      if (!holds(tree, words.vocabulary().size())) std::abort();
    }
  } catch (const sheaf::base::DataError&) {
  }
  return 0;
}
