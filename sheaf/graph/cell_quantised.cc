// SPDX-License-Identifier: Apache-2.0
//
// Of CellBuilder: products of integers.
#include "sheaf/base/error.h"
#include "sheaf/graph/cell.h"
#include "sheaf/ops/spatial_shape.h"

namespace sheaf::graph {

using ops::OpKind;

namespace {

void require_bits(const char* what, std::uint32_t bits) {
  if (tensor::are_bits(bits)) return;
  throw base::UsageError({.place = "op quantise",
                          .what = what,
                          .got = std::to_string(bits),
                          .expected = std::to_string(tensor::kLeastBits) + " to " +
                                      std::to_string(tensor::kMostBits)});
}

}  // namespace

Value CellBuilder::quantise(Value a, std::uint32_t bits, const std::string& scale) {
  require_bits("bits of an input", bits);
  // Kernels read the largest magnitude as the op's number.
  return append({.kind = OpKind::quantise,
                 .width = 0,
                 .operands = {own(a)},
                 .slots = {slot(scale, {1, 1})},
                 .scalar = static_cast<float>(tensor::most_integer(bits)),
                 .bits = {bits, 0}});
}

void CellBuilder::add_terms(CellOp& op, const std::vector<QuantisedTerm>& terms,
                            tensor::Shape weights, std::uint32_t weight_bits,
                            const std::string& bias) {
  require_bits("bits of a weight", weight_bits);
  for (const QuantisedTerm& term : terms) {
    const CellOp& of = cell_.ops_[own(term.value)];
    const std::uint32_t first = op.operands.empty() ? of.bits.input : op.bits.input;
    if (of.kind != OpKind::quantise || of.bits.input != first) {
      throw base::UsageError({.place = "cell " + cell_.name_,
                              .what = "what " + term.weights + " multiplies",
                              .got = std::string(ops::schema(of.kind).name),
                              .expected = "quantised values of equally many bits"});
    }
    op.bits = {first, weight_bits};
    op.operands.push_back(term.value.id());
  }
  const auto columns = [&](const QuantisedTerm& term) {
    return weights.cols != 0 ? weights.cols : term.value.width();
  };
  for (const QuantisedTerm& term : terms) {
    op.slots.push_back(slot(term.weights, {weights.rows, columns(term)}));
  }
  for (const QuantisedTerm& term : terms) op.slots.push_back(slot(term.scales, {1, weights.rows}));
  for (const QuantisedTerm& term : terms) {
    op.slots.push_back(cell_.ops_[term.value.id()].slots[0]);
  }
  if (!bias.empty()) op.slots.push_back(slot(bias, {1, weights.rows}));
}

Value CellBuilder::quantised_affine(std::uint32_t width, const std::vector<QuantisedTerm>& terms,
                                    std::uint32_t weight_bits, const std::string& bias) {
  CellOp op{.kind = OpKind::quantised_affine, .width = 0};
  add_terms(op, terms, {width, 0}, weight_bits, bias);
  return append(std::move(op), {.width = width});
}

Value CellBuilder::quantised_conv2d(const QuantisedTerm& term, std::uint32_t channels,
                                    const ops::Window& window, std::uint32_t weight_bits,
                                    const std::string& bias) {
  const tensor::Shape shape{term.value.rows(), term.value.width()};
  const ops::OpAttributes attributes{.width = channels, .window = window};
  // Before the slots are declared: their shapes follow from it.
  static_cast<void>(ops::infer_shape(OpKind::quantised_conv2d, {&shape, 1}, attributes));
  const auto columns = static_cast<std::uint32_t>(window.taps() * (shape.size() / window.pixels()));
  CellOp op{.kind = OpKind::quantised_conv2d, .width = 0, .window = window};
  add_terms(op, {term}, {channels, columns}, weight_bits, bias);
  return append(std::move(op), attributes);
}

}  // namespace sheaf::graph
