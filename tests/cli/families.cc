// SPDX-License-Identifier: Apache-2.0
#include "tests/cli/families.h"

#include "tests/cli/synthetic.h"
#include "tests/io/lac_folder.h"

namespace sheaf::test {
namespace {

Arguments tree_options(const TempFolder& folder) {
  return {"--model",  "tree_lstm", "--data", folder.write("trees", random_trees(150, 1)),
          "--hidden", "24"};
}

Arguments matrix_options(const TempFolder& folder) {
  return {"--model",  "mv_rnn", "--data", folder.write("trees", random_trees(80, 1)),
          "--hidden", "20"};
}

Arguments lattice_options(const TempFolder& folder) {
  return {"--model",  "lattice_lstm",
          "--data",   folder.write("lattices", random_lattices(100, 1)),
          "--hidden", "24"};
}

Arguments text_lattice_options(const TempFolder& folder) {
  return {"--model",   "lattice_lstm",
          "--data",    folder.write("text", random_text(100, 1)),
          "--lexicon", folder.write("lexicon", random_lexicon(1)),
          "--hidden",  "24"};
}

Arguments lac_options(const TempFolder& folder) {
  write_lac_folder(folder);
  return {"--model",   "lac",        "--data", folder.write("text", random_text(64, 1)),
          "--weights", folder.path()};
}

Arguments dev_options(const std::string& model, const std::string& name) {
  const std::string data = shared_data(name);
  if (data.empty()) return {};
  return {"--model", model, "--data", data, "--hidden", "64"};
}

Arguments dev_tree_options(const TempFolder& /*folder*/) {
  return dev_options("tree_lstm", "trees/dev.txt");
}

Arguments dev_lattice_options(const TempFolder& /*folder*/) {
  return dev_options("lattice_lstm", "lattice/dev.txt");
}

}  // namespace

std::vector<Family> synthetic_families() {
  return {{"Trees", tree_options, ""},
          {"TreesOfMatrices", matrix_options, ""},
          {"Lattices", lattice_options, ""},
          {"TextLattices", text_lattice_options, ""},
          {"Lac", lac_options, ""}};
}

std::vector<Family> dev_families() {
  return {{"SstDev", dev_tree_options, kNoSharedData},
          {"LatticeDev", dev_lattice_options, kNoSharedData}};
}

}  // namespace sheaf::test
