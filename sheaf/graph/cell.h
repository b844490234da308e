// SPDX-License-Identifier: Apache-2.0
//
// A Cell is a static subgraph: written once with ordinary ops, compiled once, called by every node
// of its batch types. It names parameter slots, not parameters: which weights it runs with is a
// Binding's business (network.h).
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "sheaf/ops/op.h"
#include "sheaf/tensor/tensor.h"

namespace sheaf::graph {

using ValueId = std::uint32_t;
using SlotId = std::uint32_t;

// One op of a cell; its index is the id of the value that it makes.
struct CellOp {
  ops::OpKind kind;
  std::uint32_t width;            // columns of the result
  std::vector<ValueId> operands;  // earlier values
  std::vector<SlotId>
      slots;         // parameter slots; of an affine op: one per operand, then perhaps a bias
  float scalar = 0;  // value of a constant
  std::uint32_t input = 0;  // which input, for OpKind::input
};

struct CellInput {
  std::string name;
  std::uint32_t width;
  bool repeated;  // its value is the sum over as many operands as the node has, in operand order
};

struct ParameterSlot {
  std::string name;
  tensor::Shape shape;  // rows = 0: any number (a table, whose rows depend on the vocabulary)
};

class Cell {
 public:
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::span<const CellOp> ops() const { return ops_; }
  [[nodiscard]] std::span<const CellInput> inputs() const { return inputs_; }
  [[nodiscard]] std::span<const ValueId> outputs() const { return outputs_; }
  [[nodiscard]] std::span<const ParameterSlot> slots() const { return slots_; }
  [[nodiscard]] std::uint32_t output_width(std::size_t port) const {
    return ops_[outputs_[port]].width;
  }

  // Inputs with exactly one operand; the repeated ones come after them.
  [[nodiscard]] std::uint32_t fixed_inputs() const { return fixed_; }
  [[nodiscard]] std::uint32_t repeated_inputs() const {
    return static_cast<std::uint32_t>(inputs_.size()) - fixed_;
  }

  // Products only, of one call.
  [[nodiscard]] std::uint64_t flops() const;

  // Throws InternalError on a broken invariant (order of values, operand counts, slots).
  void verify() const;
  [[nodiscard]] std::string to_string() const;

 private:
  friend class CellBuilder;
  std::string name_;
  std::vector<CellOp> ops_;
  std::vector<CellInput> inputs_;
  std::vector<ValueId> outputs_;
  std::vector<ParameterSlot> slots_;
  std::uint32_t fixed_ = 0;
};

class CellBuilder;

// A value while a cell is being written: `z * h + one_minus(z) * c`.
class Value {
 public:
  [[nodiscard]] ValueId id() const { return id_; }
  [[nodiscard]] std::uint32_t width() const;

  friend Value operator+(Value a, Value b);
  friend Value operator-(Value a, Value b);
  friend Value operator*(Value a, Value b);
  friend Value one_minus(Value a);
  friend Value sigmoid(Value a);
  friend Value tanh(Value a);
  friend Value log_softmax(Value a);
  friend Value concat(Value a, Value b);

 private:
  friend class CellBuilder;
  Value(CellBuilder* builder, ValueId id) : builder_(builder), id_(id) {}
  CellBuilder* builder_;
  ValueId id_;
};

// Writes a cell. Every call throws UsageError when widths do not fit.
class CellBuilder {
 public:
  explicit CellBuilder(std::string name) { cell_.name_ = std::move(name); }

  // An input with exactly one operand. Must come before the repeated ones.
  Value input(const std::string& name, std::uint32_t width);
  // An input whose value is the sum of any number of operands; of none: 0.
  Value repeated_input(const std::string& name, std::uint32_t width);

  // Row `payload` of the table in `slot`.
  Value lookup(const std::string& slot, std::uint32_t width);
  // The vector in `slot`, the same for every call.
  Value parameter(const std::string& slot, std::uint32_t width);
  Value constant(float scalar, std::uint32_t width);

  // W_1 x_1 + W_2 x_2 + ... + b, summed from the left, one chain per element. `bias` may be empty.
  Value affine(std::uint32_t width, std::initializer_list<std::pair<std::string, Value>> terms,
               const std::string& bias = {});

  // One step of Viterbi decoding over T tags. `previous` is [scores | back pointers], 2T wide;
  // `slot` holds transitions [from x to], T x T. The result is again [scores | back pointers]:
  // score_j = max_i (previous_i + transition_ij) + emission_j, back_j the smallest such i.
  Value viterbi_step(Value previous, Value emissions, const std::string& slot);

  // One of the ops without parameters: what the operators on Value call.
  static Value apply(ops::OpKind kind, std::initializer_list<Value> operands);

  CellBuilder& output(Value value);

  // The finished cell, verified.
  [[nodiscard]] Cell build();

  // Columns of a value.
  [[nodiscard]] std::uint32_t width(ValueId value) const { return cell_.ops_[value].width; }

 private:
  Value append(CellOp op, ops::OpAttributes attributes = {});
  SlotId slot(const std::string& name, tensor::Shape shape);
  // The id of a value, which must be of this cell.
  [[nodiscard]] ValueId own(Value value) const;
  Cell cell_;
};

}  // namespace sheaf::graph
