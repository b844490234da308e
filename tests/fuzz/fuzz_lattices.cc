// SPDX-License-Identifier: Apache-2.0
//
// Whatever the bytes, io::read_lattices() and io::read_text_lattices() give lattices that hold
// together or throw a DataError. The input is read as integer lattices, and, cut at its first NUL,
// as a lexicon and a text.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <variant>

#include "sheaf/base/error.h"
#include "sheaf/io/lattices.h"

namespace {

// Position 0 has no arcs, every other has some; arcs come from earlier positions; ids have rows.
void require_holds(const std::vector<sheaf::nn::Instance>& instances, std::size_t rows) {
  for (const auto& instance : instances) {
    const auto& lattice = std::get<sheaf::nn::Lattice>(instance);
    if (lattice.positions() == 0 || lattice.arc_begin.back() != lattice.arcs.size()) std::abort();
    if (!lattice.labels.empty() && lattice.labels.size() != lattice.positions()) std::abort();
    for (std::uint32_t p = 0; p < lattice.positions(); ++p) {
      const std::uint32_t begin = lattice.arc_begin[p];
      const std::uint32_t end = lattice.arc_begin[p + 1];
      if ((p == 0) != (begin == end)) std::abort();
      for (std::uint32_t a = begin; a < end; ++a) {
        if (lattice.arcs[a].source >= p || lattice.arcs[a].id >= rows) std::abort();
      }
    }
  }
}

void read_integers(std::string_view text, std::uint32_t limit) {
  try {
    std::uint32_t rows = limit;
    const auto lattices = sheaf::io::read_lattices(text, "fuzz", rows);
    require_holds(lattices, rows);
  } catch (const sheaf::base::DataError&) {
  }
}

void read_names(std::string_view text) {
  sheaf::io::WordIndex words;
  sheaf::io::LabelIndex tags;
  try {
    const auto lattices = sheaf::io::read_lattices(text, "fuzz", words, tags);
    require_holds(lattices, words.vocabulary().size());
  } catch (const sheaf::base::DataError&) {
  }
}

void read_text(std::string_view text) {
  const std::size_t cut = text.find('\0');
  if (cut == std::string_view::npos) return;
  try {
    const sheaf::io::Lexicon lexicon(text.substr(0, cut), "lexicon");
    sheaf::io::WordIndex words;
    const auto lattices =
        sheaf::io::read_text_lattices(text.substr(cut + 1), "fuzz", lexicon, words);
    require_holds(lattices, words.vocabulary().size());
  } catch (const sheaf::base::DataError&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  read_integers(text, 0);
  read_integers(text, 100);
  read_names(text);
  read_text(text);
  return 0;
}
