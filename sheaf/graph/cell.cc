// SPDX-License-Identifier: Apache-2.0
#include "sheaf/graph/cell.h"

#include "sheaf/base/error.h"
#include "sheaf/ops/spatial_shape.h"

namespace sheaf::graph {

using ops::OpKind;

std::uint64_t Cell::flops() const {
  std::uint64_t total = 0;
  for (const CellOp& op : ops_) {
    ops::OpAttributes attributes{.width = op.width, .rows = op.rows, .window = op.window};
    if (ops::schema(op.kind).op_class == ops::OpClass::spatial) {
      const CellOp& from = ops_[op.operands[0]];
      const bool one_row = ops::is_conv2d(op.kind) && from.rows != op.window.pixels();
      attributes.product_cols = ops::spatial_terms(
          op.kind, op.window, one_row ? from.width / op.window.pixels() : from.width);
    } else if (op.kind == OpKind::matvec) {
      attributes.product_cols = ops_[op.operands[1]].width;
    } else {
      for (const ValueId operand : op.operands) attributes.product_cols += ops_[operand].width;
    }
    total += ops::flops(op.kind, attributes);
  }
  return total;
}

void Cell::verify() const {
  const std::string place = "cell " + name_;
  for (std::size_t i = 0; i < ops_.size(); ++i) {
    for (const ValueId operand : ops_[i].operands) {
      base::check(operand < i, place.c_str(), "an op reads a value that comes after it");
    }
    const ops::OpSchema& schema = ops::schema(ops_[i].kind);
    const auto slots = static_cast<int>(ops_[i].slots.size());
    base::check(ops_[i].columns.empty() || ops_[i].columns.size() == ops_[i].operands.size(),
                place.c_str(), "a transposed affine op names a column per operand");
    base::check(slots >= schema.min_parameters &&
                    (schema.max_parameters < 0 || slots <= schema.max_parameters),
                place.c_str(), "an op has not the parameter slots that it takes");
    base::check(!ops::is_quantised_product(ops_[i].kind) ||
                    ops_[i].slots.size() / 3 == ops_[i].operands.size(),
                place.c_str(), "a product of integers has three slots per operand and a bias");
    for (const SlotId slot : ops_[i].slots) {
      base::check(slot < slots_.size(), place.c_str(), "an op names a slot that does not exist");
    }
  }
  base::check(fixed_ <= inputs_.size(), place.c_str(), "more fixed inputs than inputs");
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    base::check(inputs_[i].repeated == (i >= fixed_), place.c_str(), "repeated inputs come last");
  }
  for (const ValueId output : outputs_) {
    base::check(output < ops_.size(), place.c_str(), "an output names no value");
  }
}

Cell Cell::with_outputs(std::span<const ValueId> values) const {
  Cell cell = *this;
  cell.outputs_.insert(cell.outputs_.end(), values.begin(), values.end());
  cell.verify();
  return cell;
}

std::string Cell::to_string() const {
  std::string text = "cell " + name_ + "\n";
  for (std::size_t i = 0; i < ops_.size(); ++i) {
    const CellOp& op = ops_[i];
    text += "  %" + std::to_string(i) + " = " + std::string(ops::schema(op.kind).name);
    if (!op.columns.empty()) text += "^T";
    if (op.kind == OpKind::input) {
      text += " " + inputs_[op.input].name + (inputs_[op.input].repeated ? "..." : "");
    }
    for (const ValueId operand : op.operands) text += " %" + std::to_string(operand);
    for (const SlotId slot : op.slots) text += " @" + slots_[slot].name;
    text += " : " + std::to_string(op.width);
    if (op.rows > 1) text += " x " + std::to_string(op.rows);
    text += "\n";
  }
  text += "  return";
  for (const ValueId output : outputs_) text += " %" + std::to_string(output);
  return text + "\n";
}

std::uint32_t Value::width() const { return builder_->width(id_); }
std::uint32_t Value::rows() const { return builder_->rows(id_); }

Value operator+(Value a, Value b) { return CellBuilder::apply(OpKind::add, {a, b}); }
Value operator-(Value a, Value b) { return CellBuilder::apply(OpKind::sub, {a, b}); }
Value operator*(Value a, Value b) { return CellBuilder::apply(OpKind::mul, {a, b}); }
Value one_minus(Value a) { return CellBuilder::apply(OpKind::one_minus, {a}); }
Value sigmoid(Value a) { return CellBuilder::apply(OpKind::sigmoid, {a}); }
Value tanh(Value a) { return CellBuilder::apply(OpKind::tanh, {a}); }
Value log_softmax(Value a) { return CellBuilder::apply(OpKind::log_softmax, {a}); }
Value concat(Value a, Value b) { return CellBuilder::apply(OpKind::concat, {a, b}); }
Value matvec(Value matrix, Value vector) {
  return CellBuilder::apply(OpKind::matvec, {matrix, vector});
}
Value scale(Value a, float factor) {
  return CellBuilder::apply(OpKind::scale, {a}, {.scalar = factor});
}
Value slice(Value a, std::uint32_t first, std::uint32_t width) {
  if (std::uint64_t{first} + width > a.width()) {
    throw base::UsageError({.place = "op slice",
                            .what = "columns",
                            .got = std::to_string(first) + " to " + std::to_string(first + width),
                            .expected = "at most " + std::to_string(a.width())});
  }
  return CellBuilder::apply(OpKind::slice, {a}, {.width = width, .column = first});
}
Value place(Value a, std::uint32_t first, std::uint32_t width) {
  CellBuilder& cell = *a.builder_;
  if (std::uint64_t{first} + a.width() > width) {
    throw base::UsageError(
        {.place = "op place",
         .what = "columns",
         .got = std::to_string(first) + " to " + std::to_string(std::uint64_t{first} + a.width()),
         .expected = "at most " + std::to_string(width)});
  }
  const std::uint32_t after = width - first - a.width();
  Value placed = a;
  if (first > 0) placed = concat(cell.constant(0, first, a.rows()), placed);
  if (after > 0) placed = concat(placed, cell.constant(0, after, a.rows()));
  return placed;
}
Value row_sum(Value a) { return CellBuilder::apply(OpKind::row_sum, {a}); }
Value broadcast(Value a, std::uint32_t width) {
  return CellBuilder::apply(OpKind::broadcast, {a}, {.width = width});
}
Value pick(Value a) { return CellBuilder::apply(OpKind::pick, {a}); }
Value one_hot(Value a, std::uint32_t width) {
  return CellBuilder::apply(OpKind::one_hot, {a}, {.width = width});
}

namespace {

// Of one value: its padded rows must be addressable with 32 bits.
constexpr std::uint64_t kMostFloats = std::uint64_t{1} << 27U;

}  // namespace

Value CellBuilder::append(CellOp op, ops::OpAttributes attributes) {
  std::vector<tensor::Shape> shapes;
  for (const ValueId operand : op.operands) {
    shapes.push_back({cell_.ops_[operand].rows, cell_.ops_[operand].width});
  }
  const tensor::Shape shape = ops::infer_shape(op.kind, shapes, attributes);
  op.width = shape.cols;
  op.rows = shape.rows;
  if (op.width == 0) {
    throw base::UsageError({.place = "cell " + cell_.name_,
                            .what = "width of " + std::string(ops::schema(op.kind).name),
                            .got = "0",
                            .expected = "a positive number of columns"});
  }
  if (op.rows == 0 || std::uint64_t{op.rows} * op.width > kMostFloats) {
    throw base::UsageError({.place = "cell " + cell_.name_,
                            .what = "matrix of " + std::string(ops::schema(op.kind).name),
                            .got = std::to_string(op.width) + " x " + std::to_string(op.rows),
                            .expected = "1 to " + std::to_string(kMostFloats) + " values"});
  }
  cell_.ops_.push_back(std::move(op));
  return {this, static_cast<ValueId>(cell_.ops_.size() - 1)};
}

Value CellBuilder::apply(OpKind kind, std::initializer_list<Value> operands,
                         Attributes attributes) {
  CellOp op{.kind = kind,
            .width = 0,
            .scalar = attributes.scalar,
            .column = attributes.column,
            .window = attributes.window};
  for (const Value& value : operands) {
    if (value.builder_ != operands.begin()->builder_) {
      throw base::UsageError({.place = "op " + std::string(ops::schema(kind).name),
                              .what = "operands belong to different cells"});
    }
    op.operands.push_back(value.id());
  }
  return operands.begin()->builder_->append(
      std::move(op),
      {.width = attributes.width, .rows = attributes.rows, .window = attributes.window});
}

ValueId CellBuilder::own(Value value) const {
  if (value.builder_ != this) {
    throw base::UsageError({.place = "cell " + cell_.name_, .what = "a value of another cell"});
  }
  return value.id();
}

SlotId CellBuilder::slot(const std::string& name, tensor::Shape shape) {
  for (std::size_t i = 0; i < cell_.slots_.size(); ++i) {
    if (cell_.slots_[i].name != name) continue;
    if (cell_.slots_[i].shape == shape) return static_cast<SlotId>(i);
    throw base::UsageError({.place = "cell " + cell_.name_,
                            .what = "slot '" + name + "' is used with two shapes",
                            .got = to_string(shape),
                            .expected = to_string(cell_.slots_[i].shape)});
  }
  cell_.slots_.push_back({name, shape});
  return static_cast<SlotId>(cell_.slots_.size() - 1);
}

Value CellBuilder::input(const std::string& name, std::uint32_t width) {
  return matrix_input(name, width, 1);
}

Value CellBuilder::matrix_input(const std::string& name, std::uint32_t width,
                                std::uint32_t columns) {
  if (cell_.fixed_ != cell_.inputs_.size()) {
    throw base::UsageError({.place = "cell " + cell_.name_,
                            .what = "input '" + name + "' comes after a repeated input",
                            .hint = "declare repeated inputs last"});
  }
  ++cell_.fixed_;
  cell_.inputs_.push_back({name, width, false, columns});
  return append({.kind = OpKind::input,
                 .width = 0,
                 .input = static_cast<std::uint32_t>(cell_.inputs_.size() - 1)},
                {.width = width, .rows = columns});
}

Value CellBuilder::repeated_input(const std::string& name, std::uint32_t width) {
  return repeated_matrix_input(name, width, 1);
}

Value CellBuilder::repeated_matrix_input(const std::string& name, std::uint32_t width,
                                         std::uint32_t columns) {
  cell_.inputs_.push_back({name, width, true, columns});
  return append({.kind = OpKind::input,
                 .width = 0,
                 .input = static_cast<std::uint32_t>(cell_.inputs_.size() - 1)},
                {.width = width, .rows = columns});
}

Value CellBuilder::lookup(const std::string& name, std::uint32_t width) {
  return matrix_lookup(name, width, 1);
}

Value CellBuilder::matrix_lookup(const std::string& name, std::uint32_t width,
                                 std::uint32_t columns) {
  return append({.kind = OpKind::lookup, .width = 0, .slots = {slot(name, {0, width * columns})}},
                {.width = width, .rows = columns});
}

Value CellBuilder::data_lookup(const std::string& name, std::uint32_t width) {
  const SlotId table = slot(name, {0, width});
  cell_.slots_[table].is_data = true;
  return lookup(name, width);
}

Value CellBuilder::parameter(const std::string& name, std::uint32_t width) {
  return append({.kind = OpKind::parameter, .width = 0, .slots = {slot(name, {1, width})}},
                {.width = width});
}

Value CellBuilder::constant(float scalar, std::uint32_t width, std::uint32_t columns) {
  return append({.kind = OpKind::constant, .width = 0, .scalar = scalar},
                {.width = width, .rows = columns});
}

Value CellBuilder::affine(std::uint32_t width,
                          std::initializer_list<std::pair<std::string, Value>> terms,
                          const std::string& bias) {
  CellOp op{.kind = OpKind::affine, .width = 0};
  for (const auto& [name, value] : terms) {
    op.operands.push_back(own(value));
    op.slots.push_back(slot(name, {width, value.width()}));
  }
  if (!bias.empty()) op.slots.push_back(slot(bias, {1, width}));
  return append(std::move(op), {.width = width});
}

Value CellBuilder::transposed_affine(std::uint32_t width,
                                     const std::vector<TransposedTerm>& terms) {
  CellOp op{.kind = OpKind::affine, .width = 0};
  for (const TransposedTerm& term : terms) {
    const bool fits =
        term.shape.rows == term.value.width() && term.column + width <= term.shape.cols;
    if (!fits) {
      throw base::UsageError({.place = "cell " + cell_.name_,
                              .what = "transposed slot '" + term.slot + "'",
                              .got = to_string(term.shape),
                              .expected = std::to_string(term.value.width()) + " rows and " +
                                          std::to_string(term.column + width) +
                                          " columns or more"});
    }
    op.operands.push_back(own(term.value));
    op.slots.push_back(slot(term.slot, term.shape));
    op.columns.push_back(term.column);
  }
  return append(std::move(op), {.width = width});
}

Value CellBuilder::dropout_mask(const std::string& name, float p, std::uint32_t width) {
  if (!(p >= 0 && p < 1)) {
    throw base::UsageError({.place = "op dropout_mask",
                            .what = "probability",
                            .got = std::to_string(p),
                            .expected = "at least 0 and below 1"});
  }
  return append(
      {.kind = OpKind::dropout_mask, .width = 0, .slots = {slot(name, {1, 2})}, .scalar = p},
      {.width = width});
}

Value CellBuilder::viterbi_step(Value previous, Value emissions, const std::string& name) {
  const std::uint32_t tags = emissions.width();
  return append({.kind = OpKind::viterbi_step,
                 .width = 0,
                 .operands = {own(previous), own(emissions)},
                 .slots = {slot(name, {tags, tags})}});
}

Value CellBuilder::repeat(const Cell& of, ValueId v, std::span<const Value> operands) {
  CellOp op = of.ops()[v];
  if (op.kind == OpKind::input) {
    const CellInput& input = of.inputs()[op.input];
    return input.repeated ? repeated_matrix_input(input.name, input.width, input.rows)
                          : matrix_input(input.name, input.width, input.rows);
  }
  op.operands.clear();
  for (const Value& value : operands) op.operands.push_back(own(value));
  for (SlotId& s : op.slots) {
    const ParameterSlot& from = of.slots()[s];
    s = slot(from.name, from.shape);
    cell_.slots_[s].is_data = from.is_data;
  }
  const ops::OpAttributes attributes{.width = op.width, .rows = op.rows, .window = op.window};
  return append(std::move(op), attributes);
}

CellBuilder& CellBuilder::output(Value value) {
  cell_.outputs_.push_back(own(value));
  return *this;
}

Cell CellBuilder::build() {
  if (cell_.outputs_.empty()) {
    throw base::UsageError({.place = "cell " + cell_.name_, .what = "has no output"});
  }
  cell_.verify();
  return cell_;
}

}  // namespace sheaf::graph
