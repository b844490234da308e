// SPDX-License-Identifier: Apache-2.0
#include "sheaf/ops/op.h"

#include <array>
#include <string>

#include "sheaf/base/error.h"

namespace sheaf::ops {
namespace {

constexpr std::array kOps = {
    OpSchema{OpKind::input, "input", OpClass::source, 0, 0, 0},
    OpSchema{OpKind::lookup, "lookup", OpClass::source, 0, 1, 1},
    OpSchema{OpKind::parameter, "parameter", OpClass::source, 0, 1, 1},
    OpSchema{OpKind::constant, "constant", OpClass::source, 0, 0, 0},
    OpSchema{OpKind::affine, "affine", OpClass::product, -1, 1, -1},
    OpSchema{OpKind::concat, "concat", OpClass::elementwise, -1, 0, 0},
    OpSchema{OpKind::copy, "copy", OpClass::elementwise, 1, 0, 0},
    OpSchema{OpKind::add, "add", OpClass::elementwise, 2, 0, 0},
    OpSchema{OpKind::sub, "sub", OpClass::elementwise, 2, 0, 0},
    OpSchema{OpKind::mul, "mul", OpClass::elementwise, 2, 0, 0},
    OpSchema{OpKind::one_minus, "one_minus", OpClass::elementwise, 1, 0, 0},
    OpSchema{OpKind::sigmoid, "sigmoid", OpClass::elementwise, 1, 0, 0},
    OpSchema{OpKind::tanh, "tanh", OpClass::elementwise, 1, 0, 0},
    OpSchema{OpKind::log_softmax, "log_softmax", OpClass::row, 1, 0, 0},
    OpSchema{OpKind::viterbi_step, "viterbi_step", OpClass::row, 2, 1, 1},
};

[[noreturn]] void refuse(OpKind kind, const std::string& got, const std::string& expected) {
  throw base::UsageError({.place = "op " + std::string(schema(kind).name),
                          .what = "operand widths do not fit",
                          .got = got,
                          .expected = expected});
}

static_assert(kOps.size() == kOpKinds, "every op has one line, in the order of OpKind");

}  // namespace

std::span<const OpSchema> all_ops() { return kOps; }

const OpSchema& schema(OpKind kind) { return kOps[static_cast<std::size_t>(kind)]; }

std::uint32_t infer_width(OpKind kind, std::span<const std::uint32_t> operands,
                          const OpAttributes& attributes) {
  const OpSchema& op = schema(kind);
  const bool any = op.operands < 0;
  if (any ? operands.empty() : operands.size() != static_cast<std::size_t>(op.operands)) {
    refuse(kind, std::to_string(operands.size()) + " operands",
           any ? "one or more" : std::to_string(op.operands));
  }
  if (op.op_class == OpClass::source || op.op_class == OpClass::product) return attributes.width;
  if (kind == OpKind::concat) {
    std::uint32_t sum = 0;
    for (const std::uint32_t width : operands) sum += width;
    return sum;
  }
  if (kind == OpKind::viterbi_step) {
    // Scores and back pointers of the step before, emissions of this one.
    if (operands[0] != 2 * operands[1]) {
      refuse(kind, std::to_string(operands[0]), std::to_string(2 * operands[1]));
    }
    return operands[0];
  }
  for (const std::uint32_t width : operands) {
    if (width != operands[0]) refuse(kind, std::to_string(width), std::to_string(operands[0]));
  }
  return operands[0];
}

std::uint64_t flops(OpKind kind, const OpAttributes& attributes) {
  if (schema(kind).op_class != OpClass::product) return 0;
  return std::uint64_t{2} * attributes.product_cols * attributes.width;
}

}  // namespace sheaf::ops
