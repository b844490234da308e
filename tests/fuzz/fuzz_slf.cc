// SPDX-License-Identifier: Apache-2.0
//
// Whatever the bytes, io::read_slf() gives lattices that hold together or throws a DataError.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <variant>

#include "sheaf/base/error.h"
#include "sheaf/io/slf.h"

namespace {

// Position 0 has no arcs, every other has some; arcs come from earlier positions; ids have rows.
bool holds(const sheaf::nn::Lattice& lattice, std::size_t rows) {
  if (lattice.positions() == 0 || lattice.arc_begin.back() != lattice.arcs.size()) return false;
  for (std::uint32_t p = 0; p < lattice.positions(); ++p) {
    const std::uint32_t begin = lattice.arc_begin[p];
    const std::uint32_t end = lattice.arc_begin[p + 1];
    if ((p == 0) != (begin == end)) return false;
    for (std::uint32_t a = begin; a < end; ++a) {
      if (lattice.arcs[a].source >= p || lattice.arcs[a].id >= rows) return false;
    }
  }
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  sheaf::io::WordIndex words;
  try {
    for (const auto& instance : sheaf::io::read_slf(text, "fuzz", words)) {
      const auto& lattice = std::get<sheaf::nn::Lattice>(instance);
      if (!holds(lattice, words.vocabulary().size())) std::abort();
    }
  } catch (const sheaf::base::DataError&) {
  }
  return 0;
}
