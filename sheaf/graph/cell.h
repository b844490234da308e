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
#include "sheaf/tensor/quantisation.h"
#include "sheaf/tensor/tensor.h"

namespace sheaf::graph {

using ValueId = std::uint32_t;
using SlotId = std::uint32_t;

// One op of a cell; its index is the id of the value that it makes.
struct CellOp {
  ops::OpKind kind;
  std::uint32_t width;            // columns of the result
  std::vector<ValueId> operands;  // earlier values
  // Parameter slots; of an affine op: one per operand, then perhaps a bias; of products of
  // integers: ops::is_quantised_product().
  std::vector<SlotId> slots;
  float scalar = 0;  // value of a constant, factor of a scale, probability p of a dropout mask
  std::uint32_t input = 0;   // which input, for OpKind::input
  std::uint32_t rows = 1;    // rows of the result; more than one: a matrix, column by column
  std::uint32_t column = 0;  // the first column that a slice takes
  // Of an affine op with transposed weights, sum of W_i^T x_i, where each W_i is [width of x_i x
  // any]: the first of the `width` columns of each W_i that it uses. Empty: an ordinary one.
  std::vector<std::uint32_t> columns = {};
  ops::Window window = {};  // of an op that slides one over a picture
  tensor::Bits bits = {};   // of integers: what a `quantise` makes, what a product multiplies
};

struct CellInput {
  std::string name;
  std::uint32_t width;
  bool repeated;  // its value is the sum over as many operands as the node has, in operand order
  std::uint32_t rows = 1;
};

struct ParameterSlot {
  std::string name;
  tensor::Shape shape;   // rows = 0: any number (a table, whose rows depend on the vocabulary)
  bool is_data = false;  // it holds what the model is given: there is no gradient by it
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
  [[nodiscard]] std::uint32_t output_rows(std::size_t port) const {
    return ops_[outputs_[port]].rows;
  }

  // Inputs with exactly one operand; the repeated ones come after them.
  [[nodiscard]] std::uint32_t fixed_inputs() const { return fixed_; }
  [[nodiscard]] std::uint32_t repeated_inputs() const {
    return static_cast<std::uint32_t>(inputs_.size()) - fixed_;
  }

  // Products only, of one call.
  [[nodiscard]] std::uint64_t flops() const;

  // The cell with these values as further outputs.
  [[nodiscard]] Cell with_outputs(std::span<const ValueId> values) const;

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
  [[nodiscard]] std::uint32_t rows() const;

  friend Value operator+(Value a, Value b);
  friend Value operator-(Value a, Value b);
  friend Value operator*(Value a, Value b);
  friend Value one_minus(Value a);
  friend Value sigmoid(Value a);
  friend Value tanh(Value a);
  friend Value log_softmax(Value a);
  friend Value concat(Value a, Value b);
  // M v: y_r = sum over c of M_rc v_c, one chain per element.
  friend Value matvec(Value matrix, Value vector);
  // a times `factor`.
  friend Value scale(Value a, float factor);
  // Columns [first, first + width) of a.
  friend Value slice(Value a, std::uint32_t first, std::uint32_t width);
  // a in columns [first, first + its width) of `width`, 0 elsewhere.
  friend Value place(Value a, std::uint32_t first, std::uint32_t width);
  // The sum of a row, and one column repeated.
  friend Value row_sum(Value a);
  friend Value broadcast(Value a, std::uint32_t width);
  // Column `payload` of a; a in column `payload` of `width`, 0 elsewhere.
  friend Value pick(Value a);
  friend Value one_hot(Value a, std::uint32_t width);
  friend Value relu(Value a);
  // delta where a > 0, else 0: the gradient of relu(a); its result may stand for `a`.
  friend Value relu_grad(Value a, Value delta);
  friend Value reciprocal_sqrt(Value a);
  // The sum of the rows of a matrix, from the first on, as one row.
  friend Value sum_rows(Value a);
  // Every row of a matrix, plus or times one row.
  friend Value add_row(Value a, Value row);
  friend Value mul_row(Value a, Value row);

 private:
  friend class CellBuilder;
  Value(CellBuilder* builder, ValueId id) : builder_(builder), id_(id) {}
  CellBuilder* builder_;
  ValueId id_;
};

// Writes a cell. Every call throws UsageError when widths or rows do not fit.
//
// A value is one row of `width` floats, or a matrix: `columns` such rows, each of them one column
// of the matrix. Ops but `matvec` and those on pictures work on every column: affine(M) is W M + b,
// b added to each column; concat(A, B) is [A; B], A above B.
class CellBuilder {
 public:
  explicit CellBuilder(std::string name) { cell_.name_ = std::move(name); }

  // An input with exactly one operand. Must come before the repeated ones.
  Value input(const std::string& name, std::uint32_t width);
  // An input whose value is the sum of any number of operands; of none: 0.
  Value repeated_input(const std::string& name, std::uint32_t width);

  // The same of matrices.
  Value repeated_matrix_input(const std::string& name, std::uint32_t width, std::uint32_t columns);

  // An input, with exactly one operand, that is a matrix of `width` rows and `columns` columns.
  Value matrix_input(const std::string& name, std::uint32_t width, std::uint32_t columns);

  // Row `payload` of the table in `slot`.
  Value lookup(const std::string& slot, std::uint32_t width);
  // The same as a matrix, which the row holds column by column.
  Value matrix_lookup(const std::string& slot, std::uint32_t width, std::uint32_t columns);
  // The same as lookup(), of a table that holds data: pixels, for instance.
  Value data_lookup(const std::string& slot, std::uint32_t width);
  // The vector in `slot`, the same for every call.
  Value parameter(const std::string& slot, std::uint32_t width);
  Value constant(float scalar, std::uint32_t width, std::uint32_t columns = 1);

  // W_1 x_1 + W_2 x_2 + ... + b, summed from the left, one chain per element. `bias` may be empty.
  Value affine(std::uint32_t width, std::initializer_list<std::pair<std::string, Value>> terms,
               const std::string& bias = {});

  struct TransposedTerm {
    std::string slot;
    tensor::Shape shape;       // of the slot; its rows are the width of the value
    std::uint32_t column = 0;  // the first of the columns that are used
    Value value;
  };
  // Sum of W_i^T x_i over columns [column, column + width) of each W_i, summed from the left, one
  // chain per element.
  Value transposed_affine(std::uint32_t width, const std::vector<TransposedTerm>& terms);

  // Of `width` columns, each 0 with probability p and 1 / (1 - p) otherwise: a function of the two
  // numbers in `slot` [1 x 2], whose bits are the key, of the payload, and of the column.
  Value dropout_mask(const std::string& slot, float p, std::uint32_t width);

  // One step of Viterbi decoding over T tags. `previous` is [scores | back pointers], 2T wide;
  // `slot` holds transitions [from x to], T x T. The result is again [scores | back pointers]:
  // score_j = max_i (previous_i + transition_ij) + emission_j, back_j the smallest such i.
  Value viterbi_step(Value previous, Value emissions, const std::string& slot);

  // ---- pictures: a row per pixel, a column per channel (ops/window.h)

  // Convolution to `channels` channels: the sum over the taps of the window, row by row, and the
  // channels of each, from the bias on. `weights`: [channels x (taps * channels of the picture)].
  // The picture may be one row that holds its pixels one after the other.
  Value conv2d(Value picture, std::uint32_t channels, const ops::Window& window,
               const std::string& weights, const std::string& bias = {});
  // The gradient by the picture, of `channels` channels, of a conv2d with this window and these
  // weights.
  Value conv2d_grad_input(Value delta, std::uint32_t channels, const ops::Window& window,
                          const std::string& weights);
  // Convolution of every channel by itself. `weights`: [channels x taps].
  Value depthwise_conv2d(Value picture, const ops::Window& window, const std::string& weights,
                         const std::string& bias = {});
  Value depthwise_conv2d_grad_input(Value delta, const ops::Window& window,
                                    const std::string& weights);
  Value max_pool(Value picture, const ops::Window& window);
  Value max_pool_grad(Value picture, Value delta, const ops::Window& window);
  Value average_pool(Value picture, const ops::Window& window);
  Value average_pool_grad(Value delta, const ops::Window& window);

  // The same values in `rows` rows of `width`: a picture as one row, or one row as a picture.
  Value reshape(Value a, std::uint32_t rows, std::uint32_t width);
  Value repeat_row(Value a, std::uint32_t rows);

  // ---- products of integers (docs/quantised.md)

  // The integers nearest to a / s, s being the number in slot `scale` [1 x 1]; `bits` as in
  // tensor/quantisation.h.
  Value quantise(Value a, std::uint32_t bits, const std::string& scale);

  struct QuantisedTerm {
    std::string weights;  // slot of integers of `weight_bits`: [out x width of the value]
    std::string scales;   // slot of what their rows are to be multiplied with: [1 x out]
    Value value;          // what quantise() gave, whose scale is taken, too
  };
  // b, plus, from the left, s_i t_i (W_i q_i): the sums of products exact integers, s_i the scale
  // of q_i, t_i those of the rows of W_i. Throws UsageError for a value that quantise() has not
  // given, and for values of different bits.
  Value quantised_affine(std::uint32_t width, const std::vector<QuantisedTerm>& terms,
                         std::uint32_t weight_bits, const std::string& bias = {});
  // The same of a convolution; weights and picture as conv2d() has them.
  Value quantised_conv2d(const QuantisedTerm& term, std::uint32_t channels,
                         const ops::Window& window, std::uint32_t weight_bits,
                         const std::string& bias = {});

  // One of the ops without parameters: what the operators on Value call.
  struct Attributes {
    std::uint32_t width = 0;   // where the operands do not say it
    std::uint32_t column = 0;  // of a slice
    float scalar = 0;          // of a scale
    std::uint32_t rows = 1;    // where the operands do not say it
    ops::Window window = {};
  };
  static Value apply(ops::OpKind kind, std::initializer_list<Value> operands,
                     Attributes attributes);
  static Value apply(ops::OpKind kind, std::initializer_list<Value> operands) {
    return apply(kind, operands, {});
  }

  // Value `v` of another cell again: the same op, of the same slots, on other operands. An input
  // becomes the next input of this cell.
  Value repeat(const Cell& of, ValueId v, std::span<const Value> operands);

  CellBuilder& output(Value value);

  // The finished cell, verified.
  [[nodiscard]] Cell build();

  [[nodiscard]] std::uint32_t width(ValueId value) const { return cell_.ops_[value].width; }
  [[nodiscard]] std::uint32_t rows(ValueId value) const { return cell_.ops_[value].rows; }

 private:
  Value append(CellOp op, ops::OpAttributes attributes = {});
  Value slide(ops::OpKind kind, std::initializer_list<Value> operands, const ops::Window& window);
  SlotId slot(const std::string& name, tensor::Shape shape);
  // Appends the slots of a product of integers, and sets its bits.
  void add_terms(CellOp& op, const std::vector<QuantisedTerm>& terms, tensor::Shape weights,
                 std::uint32_t weight_bits, const std::string& bias);
  // The id of a value, which must be of this cell.
  [[nodiscard]] ValueId own(Value value) const;
  Cell cell_;
};

}  // namespace sheaf::graph
