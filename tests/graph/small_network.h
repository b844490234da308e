// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "sheaf/graph/graph.h"

namespace sheaf::graph {

// Types for graphs that are written by hand.
struct SmallNetwork {
  static constexpr TypeId kLeaf = 0;  // looks one of 10 rows up: [3]
  static constexpr TypeId kPair = 1;  // two inputs of 3: [3], [5]
  static constexpr TypeId kSums = 2;  // an input of 3, then repeated inputs of 3 and 5: [3]
  Network network;

  SmallNetwork() {
    network.parameters().declare("words", {10, 3});
    network.add_type("leaf", std::make_shared<Cell>(leaf_cell()), {{"table", "words"}});
    network.add_type("pair", std::make_shared<Cell>(pair_cell()));
    network.add_type("sums", std::make_shared<Cell>(sums_cell()));
  }

 private:
  static Cell leaf_cell() {
    CellBuilder cell("leaf");
    return cell.output(cell.lookup("table", 3)).build();
  }
  static Cell pair_cell() {
    CellBuilder cell("pair");
    const auto left = cell.input("left", 3);
    const auto right = cell.input("right", 3);
    return cell.output(left + right).output(cell.affine(5, {{"W", left}})).build();
  }
  static Cell sums_cell() {
    CellBuilder cell("sums");
    const auto x = cell.input("x", 3);
    const auto h = cell.repeated_input("h", 3);
    const auto c = cell.repeated_input("c", 5);
    return cell.output(x + h + cell.affine(3, {{"U", c}})).build();
  }
};

}  // namespace sheaf::graph
