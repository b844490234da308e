// SPDX-License-Identifier: Apache-2.0
#include "sheaf/nn/lattice_lstm.h"

#include "sheaf/nn/cells.h"

namespace sheaf::nn {

using graph::Cell;
using graph::CellBuilder;

Cell lattice_lstm_start(std::uint32_t hidden) {
  CellBuilder cell("lattice_start");
  return cell.output(cell.parameter("h", hidden)).output(cell.parameter("c", hidden)).build();
}

Cell lattice_lstm_arc(std::uint32_t hidden) {
  CellBuilder cell("lattice_arc");
  const auto x = cell.lookup(kEmbedding, hidden);
  const auto h = cell.repeated_input("h", hidden);
  const auto c = cell.repeated_input("c", hidden);
  const auto [h_new, c_new] = lstm_step(cell, x, {h, c});
  return cell.output(h_new).output(c_new).build();
}

LatticeLstm::LatticeLstm(const ModelOptions& options)
    : LatticeModel("lattice_lstm", options,
                   {lattice_lstm_arc(options.hidden), lattice_lstm_start(options.hidden)}) {}

}  // namespace sheaf::nn
