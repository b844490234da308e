// SPDX-License-Identifier: Apache-2.0
#include "sheaf/nn/lattice_gru.h"

#include "sheaf/nn/cells.h"

namespace sheaf::nn {
namespace {

using graph::Cell;
using graph::CellBuilder;

Cell start_cell(std::uint32_t hidden) {
  CellBuilder cell("lattice_gru_start");
  return cell.output(cell.parameter("h", hidden)).build();
}

Cell arc_cell(std::uint32_t hidden) {
  CellBuilder cell("lattice_gru_arc");
  const auto x = cell.lookup(kEmbedding, hidden);
  const auto h = cell.repeated_input("h", hidden);
  return cell.output(gru_step(cell, x, h)).build();
}

}  // namespace

LatticeGru::LatticeGru(const ModelOptions& options)
    : LatticeModel("lattice_gru", options, {arc_cell(options.hidden), start_cell(options.hidden)}) {
}

}  // namespace sheaf::nn
