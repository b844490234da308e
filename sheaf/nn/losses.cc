// SPDX-License-Identifier: Apache-2.0
#include "sheaf/nn/losses.h"

namespace sheaf::nn {

using graph::Cell;
using graph::CellBuilder;

std::shared_ptr<const Cell> cross_entropy(std::uint32_t classes) {
  CellBuilder cell("cross_entropy");
  cell.output(scale(pick(cell.input("log_p", classes)), -1));
  return std::make_shared<const Cell>(cell.build());
}

std::shared_ptr<const Cell> weighted_cross_entropy(std::uint32_t classes) {
  CellBuilder cell("weighted_cross_entropy");
  const auto weight = cell.data_lookup("weights", 1);
  cell.output(scale(pick(cell.input("log_p", classes)), -1) * weight);
  return std::make_shared<const Cell>(cell.build());
}

std::shared_ptr<const Cell> hinge(std::uint32_t classes) {
  CellBuilder cell("hinge");
  const auto s = cell.input("scores", classes);
  const auto margins = s - broadcast(pick(s), classes) + cell.constant(1, classes);
  // The label itself is 1 of the sum, and the gradients of its two scores cancel.
  const auto sum = row_sum(relu(margins)) - cell.constant(1, 1);
  cell.output(scale(sum, 1.0F / static_cast<float>(classes)));
  return std::make_shared<const Cell>(cell.build());
}

std::shared_ptr<const Cell> square_error(std::uint32_t width) {
  CellBuilder cell("square_error");
  const auto difference = cell.input("y", width) - cell.input("t", width);
  cell.output(scale(row_sum(difference * difference), 0.5F));
  return std::make_shared<const Cell>(cell.build());
}

}  // namespace sheaf::nn
