// SPDX-License-Identifier: Apache-2.0
//
// What `make demo` shows: three families of networks on real input, every policy, one table and one
// picture.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "sheaf/study/measure.h"

namespace sheaf::study {

struct DemoOptions {
  std::string text;               // Chinese sentences, one per line
  std::string trees;              // syntax trees in brackets
  std::string lexicon;            // Chinese word list
  std::uint32_t hidden = 256;     // of tree_lstm and lattice_lstm
  std::uint32_t instances = 256;  // at most, of each family
  MeasureOptions measure;
  std::function<void(std::string_view)> progress;  // told what begins; may be empty
};

struct DemoFamily {
  std::string name;  // chain, tree, lattice
  std::string model;
  std::string input;  // what it ran on, in words
  bool random_weights = false;
  std::vector<Measured> policies;
};

struct TaggedLine {
  std::string text;
  std::string tagged;
};

struct DemoResult {
  std::vector<DemoFamily> families;
  std::vector<TaggedLine> tagged;  // a few lines of the trained tagger
  double unknown_share = 0;        // characters of the text that the tagger's dictionary lacks
  std::string picture_svg;
  std::string picture_text;
  std::string picture_caption;  // what the picture shows, in words
};

[[nodiscard]] DemoResult run_demo(const DemoOptions& options);

// The table of all families and policies.
[[nodiscard]] std::string demo_table(const DemoResult& result);

}  // namespace sheaf::study
