// SPDX-License-Identifier: Apache-2.0
#include "tests/memory_plan/random_network.h"

#include <array>
#include <cmath>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace sheaf::test {
namespace {

using graph::Value;
using tensor::Shape;

constexpr std::array<std::uint32_t, 7> kWidths = {1, 3, 5, 16, 17, 32, 57};
constexpr std::array<Shape, 4> kMatrices = {
    {{3, 5}, {17, 16}, {16, 3}, {5, 32}}};  // columns, width
constexpr std::uint32_t kTableRows = 11;
constexpr double kMost = 4;  // that a value may reach before it is squashed

std::string table_of(std::uint32_t width, std::uint32_t rows = 1) {
  return "table" + std::to_string(width) + (rows == 1 ? "" : "x" + std::to_string(rows));
}

// Writes one cell: inputs, then ops on any earlier values, then outputs.
class CellWriter {
 public:
  CellWriter(const std::string& name, base::Rng& rng) : cell_(name), rng_(rng) {}

  graph::Cell write() {
    add_inputs();
    const std::uint32_t ops = 3 + rng_.below(18);
    for (std::uint32_t i = 0; i < ops; ++i) add_op();
    const std::uint32_t outputs = 1 + rng_.below(4);
    for (std::uint32_t i = 0; i < outputs; ++i) cell_.output(any().value);
    return cell_.build();
  }

 private:
  struct Sized {
    Value value;
    double bound;  // roughly
  };

  Shape any_matrix() { return kMatrices[rng_.below(kMatrices.size())]; }
  std::uint32_t any_width() { return kWidths[rng_.below(kWidths.size())]; }
  // Later values more often than earlier ones, so that cells grow deep.
  const Sized& any() {
    const auto size = static_cast<std::uint32_t>(values_.size());
    return values_[std::max(rng_.below(size), rng_.below(size))];
  }
  std::optional<Sized> any_of_width(std::uint32_t width, std::uint32_t rows = 1) {
    return any_of([=](Value v) { return v.width() == width && v.rows() == rows; });
  }
  Sized any_of_rows(std::uint32_t rows) {
    return *any_of([=](Value v) { return v.rows() == rows; });
  }
  template <typename Fits>
  std::optional<Sized> any_of(Fits fits) {
    std::vector<std::size_t> fitting;
    for (std::size_t i = 0; i < values_.size(); ++i) {
      if (fits(values_[i].value)) fitting.push_back(i);
    }
    if (fitting.empty()) return std::nullopt;
    return values_[fitting[rng_.below(static_cast<std::uint32_t>(fitting.size()))]];
  }

  void keep(Value value, double bound) {
    values_.push_back({value, bound});
    if (bound > kMost) values_.back() = {tanh(value), 1};
  }

  void add_inputs() {
    const std::uint32_t fixed = rng_.below(4);
    for (std::uint32_t i = 0; i < fixed; ++i) {
      keep(cell_.input("x" + std::to_string(i), any_width()), kMost);
    }
    const std::uint32_t matrices = rng_.below(3);
    for (std::uint32_t i = 0; i < matrices; ++i) {
      const Shape shape = any_matrix();
      keep(cell_.matrix_input("m" + std::to_string(i), shape.cols, shape.rows), kMost);
    }
    const std::uint32_t repeated = rng_.below(3);
    for (std::uint32_t i = 0; i < repeated; ++i) {
      values_.push_back({cell_.repeated_input("s" + std::to_string(i), any_width()), 2 * kMost});
    }
    if (rng_.below(3) == 0) {
      const Shape shape = any_matrix();
      keep(cell_.matrix_lookup(table_of(shape.cols, shape.rows), shape.cols, shape.rows), 1);
    }
    if (!any_of([](Value v) { return v.rows() == 1; }) || rng_.below(2) == 0) {
      const std::uint32_t width = any_width();
      keep(cell_.lookup(table_of(width), width), 1);
    }
    if (rng_.below(3) == 0) {
      const std::uint32_t width = any_width();
      keep(cell_.parameter(slot_for(1, width), width), 1);
    }
    if (rng_.below(4) == 0) keep(cell_.constant(rng_.uniform(-1, 1), any_width()), 1);
  }

  // A slot of this shape: now and then one that is in use already.
  std::string slot_for(std::uint32_t rows, std::uint32_t cols) {
    auto& names = slots_[{rows, cols}];
    if (!names.empty() && rng_.below(4) == 0) {
      return names[rng_.below(static_cast<std::uint32_t>(names.size()))];
    }
    names.push_back("w" + std::to_string(slot_count_++));
    return names.back();
  }

  void add_op() {
    switch (rng_.below(14)) {
      case 0:
      case 1:
      case 2:
        return add_affine();
      case 9:
        return add_matvec();
      case 10:
        return add_rectifier();
      case 11:
      case 12:
        return add_spatial();
      case 13:
        return rng_.below(3) == 0 ? add_gradient() : add_of_columns();
      case 3: {
        const Sized a = any();
        const Sized b = any_of_rows(a.value.rows());
        return keep(concat(a.value, b.value), std::max(a.bound, b.bound));
      }
      case 4:
      case 5:
        return add_binary();
      case 6: {
        const Sized a = any();
        return keep(one_minus(a.value), 1 + a.bound);
      }
      case 7: {
        const Sized a = any();
        if (rng_.below(5) == 0) {
          return keep(graph::CellBuilder::apply(ops::OpKind::copy, {a.value}), a.bound);
        }
        return keep(rng_.below(2) == 0 ? sigmoid(a.value) : tanh(a.value), 1);
      }
      default:
        return rng_.below(2) == 0 ? add_viterbi() : add_log_softmax();
    }
  }

  void add_affine() {
    const std::uint32_t width = any_width();
    const Sized a = any();
    const Sized b = any_of_rows(a.value.rows());
    const Sized c = any_of_rows(a.value.rows());
    const std::string bias = rng_.below(2) == 0 ? slot_for(1, width) : "";
    const auto term = [&](const Sized& x) {
      return std::pair{slot_for(width, x.value.width()), x.value};
    };
    switch (rng_.below(3)) {
      case 0:
        return keep(cell_.affine(width, {term(a)}, bias), a.bound + 1);
      case 1:
        return keep(cell_.affine(width, {term(a), term(b)}, bias), std::max(a.bound, b.bound) + 1);
      default:
        return keep(cell_.affine(width, {term(a), term(b), term(c)}, bias), 3 + a.bound);
    }
  }

  void add_binary() {
    const Sized a = any();
    const Sized b = *any_of_width(a.value.width(), a.value.rows());
    switch (rng_.below(3)) {
      case 0:
        return keep(a.value + b.value, a.bound + b.bound);
      case 1:
        return keep(a.value - b.value, a.bound + b.bound);
      default:
        return keep(a.value * b.value, a.bound * b.bound);
    }
  }

  void add_log_softmax() {
    const Sized a = any();
    keep(log_softmax(a.value), 2 * a.bound + std::log(a.value.width()));
  }

  // Of a matrix and a vector that fits, which an affine makes where there is none.
  void add_matvec() {
    const std::optional<Sized> matrix = any_of([](Value v) { return v.rows() > 1; });
    if (!matrix) return add_affine();
    const std::uint32_t columns = matrix->value.rows();
    std::optional<Sized> vector = any_of_width(columns);
    if (!vector) {
      const Sized x = any_of_rows(1);
      const Value fitting = cell_.affine(columns, {{slot_for(columns, x.value.width()), x.value}});
      vector = Sized{tanh(fitting), 1};
    }
    keep(matvec(matrix->value, vector->value), columns * matrix->bound * vector->bound);
  }

  // Ops on some columns; those that read the payload want a row with a column for each.
  void add_of_columns() {
    const Sized a = any();
    const std::uint32_t width = a.value.width();
    const std::uint32_t column = rng_.below(width);
    const bool payload = a.value.rows() == 1 && width >= kTableRows;
    switch (rng_.below(payload ? 7 : 4)) {
      case 0:
        return keep(slice(a.value, column, width - column), a.bound);
      case 1:
        return keep(scale(a.value, 0.5F), a.bound);
      case 2:
        return keep(row_sum(a.value), width * a.bound);
      case 3:
        return keep(broadcast(slice(a.value, column, 1), any_width()), a.bound);
      case 4:
        return keep(pick(a.value), a.bound);
      case 5:
        return keep(one_hot(slice(a.value, column, 1), width), a.bound);
      default:
        return keep(a.value * cell_.dropout_mask(slot_for(1, 2), 0.25F, width), 2 * a.bound);
    }
  }

  void add_gradient() {
    const Sized a = any();
    const Sized delta = *any_of_width(a.value.width(), a.value.rows());
    const auto gradient = [&](ops::OpKind kind, Value y) {
      keep(graph::CellBuilder::apply(kind, {y, delta.value}), (1 + a.value.width()) * delta.bound);
    };
    switch (rng_.below(3)) {
      case 0:
        return gradient(ops::OpKind::sigmoid_grad, sigmoid(a.value));
      case 1:
        return gradient(ops::OpKind::tanh_grad, tanh(a.value));
      default:
        return gradient(ops::OpKind::log_softmax_grad, log_softmax(a.value));
    }
  }

  void add_rectifier() {
    const Sized a = any();
    const Sized b = *any_of_width(a.value.width(), a.value.rows());
    switch (rng_.below(3)) {
      case 0:
        return keep(relu(a.value), a.bound);
      case 1:
        return keep(relu_grad(a.value, b.value), b.bound);
      default:
        const Value half = sigmoid(a.value);  // reciprocal_sqrt() wants what is positive
        return keep(reciprocal_sqrt(half) * half, 1);
    }
  }

  // On a picture of that many pixels.
  ops::Window any_window(std::uint32_t pixels) {
    if (pixels == 16 && rng_.below(2) == 0) return {4, 4, 3, 3, 1, 1};
    if (pixels == 16) return {4, 4, 2, 2, 2, 0};
    if (pixels >= 3 && rng_.below(2) == 0) return {pixels, 1, 3, 1, 2, 0};
    return {1, pixels, 1, 1, 1, 0};
  }

  // Of a value with as many columns as `like`.
  Sized with_rows(const Sized& like, std::uint32_t rows) {
    if (const auto fitting = any_of_width(like.value.width(), rows)) return *fitting;
    return {cell_.repeat_row(sum_rows(like.value), rows), like.value.rows() * like.bound};
  }

  void add_spatial() {
    const Sized a = any();
    const std::uint32_t width = a.value.width();
    const std::uint32_t rows = a.value.rows();
    const ops::Window window = any_window(rows);
    const auto taps = static_cast<double>(window.taps());
    switch (rng_.below(9)) {
      case 0: {
        const Sized row = with_rows(a, 1);
        if (rng_.below(2) == 0) {
          return keep(add_row(a.value, row.value), a.bound + row.bound);
        }
        return keep(mul_row(a.value, row.value), a.bound * row.bound);
      }
      case 1:
        return keep(cell_.reshape(a.value, 1, rows * width), a.bound);
      case 2: {
        const Value delta = with_rows(a, window.out_pixels()).value;
        return keep(tanh(cell_.max_pool_grad(a.value, delta, window)), 1);
      }
      case 3:
        return keep(cell_.max_pool(a.value, window), a.bound);
      case 4: {
        const Value mean = cell_.average_pool(a.value, window);
        return keep(rng_.below(2) == 0 ? mean : cell_.average_pool_grad(mean, window), a.bound);
      }
      case 5:
      case 6: {
        const std::uint32_t outputs = any_width();
        const std::string weights = slot_for(outputs, window.taps() * width);
        const std::string bias = rng_.below(2) == 0 ? slot_for(1, outputs) : "";
        const Value y = tanh(cell_.conv2d(a.value, outputs, window, weights, bias));
        if (rng_.below(2) == 0) return keep(y, 1);
        return keep(cell_.conv2d_grad_input(y, width, window, weights), outputs * taps);
      }
      case 7: {
        const std::string weights = slot_for(width, window.taps());
        const Value y = tanh(cell_.depthwise_conv2d(a.value, window, weights, slot_for(1, width)));
        if (rng_.below(2) == 0) return keep(y, 1);
        return keep(cell_.depthwise_conv2d_grad_input(y, window, weights), taps);
      }
      default:
        return keep(sum_rows(a.value), rows * a.bound);
    }
  }

  void add_viterbi() {
    const Sized emissions = any_of_rows(1);
    const std::uint32_t tags = emissions.value.width();
    std::optional<Sized> previous = any_of_width(2 * tags);
    if (!previous) {
      const Sized half = *any_of_width(tags);
      previous = Sized{concat(half.value, emissions.value), std::max(half.bound, emissions.bound)};
    }
    keep(cell_.viterbi_step(previous->value, emissions.value, slot_for(tags, tags)),
         std::max<double>(tags, previous->bound + emissions.bound));
  }

  graph::CellBuilder cell_;
  base::Rng& rng_;
  std::vector<Sized> values_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::vector<std::string>> slots_;
  std::uint32_t slot_count_ = 0;
};

graph::Cell source_cell(std::uint32_t width, std::uint32_t rows = 1) {
  const std::string table = table_of(width, rows);
  graph::CellBuilder cell("source of " + table);
  return cell.output(cell.matrix_lookup(table, width, rows)).build();
}

// One instance: a few rows of each width, then calls whose operands are any of the ports before.
void add_instance(std::uint32_t calls, graph::Graph& graph, base::Rng& rng) {
  const graph::Network& network = graph.network();
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::vector<graph::Operand>> ports;  // by shape
  const auto keep_ports = [&](graph::NodeId node) {
    const graph::Cell& cell = *network.type(graph.type(node)).cell;
    for (std::uint32_t port = 0; port < cell.outputs().size(); ++port) {
      ports[{cell.output_rows(port), cell.output_width(port)}].push_back({node, port});
    }
  };
  for (graph::TypeId type = 0; type < sources(); ++type) {
    for (int i = 0; i < 3; ++i) keep_ports(graph.add(type, {}, rng.below(kTableRows)));
  }
  const auto types = static_cast<std::uint32_t>(network.type_count());
  std::vector<graph::Operand> operands;
  for (std::uint32_t i = 0; i < calls; ++i) {
    const auto type = static_cast<graph::TypeId>(sources() + rng.below(types - sources()));
    const graph::Cell& cell = *network.type(type).cell;
    operands.clear();
    const auto add_operand = [&](std::uint32_t input) {
      const auto& fitting = ports[{cell.inputs()[input].rows, cell.inputs()[input].width}];
      operands.push_back(fitting[rng.below(static_cast<std::uint32_t>(fitting.size()))]);
    };
    for (std::uint32_t input = 0; input < cell.fixed_inputs(); ++input) add_operand(input);
    const std::uint32_t times = cell.repeated_inputs() == 0 ? 0 : rng.below(4);
    for (std::uint32_t t = 0; t < times; ++t) {
      for (std::uint32_t input = cell.fixed_inputs(); input < cell.inputs().size(); ++input) {
        add_operand(input);
      }
    }
    keep_ports(graph.add(type, operands, rng.below(kTableRows)));
  }
}

}  // namespace

std::uint32_t sources() { return static_cast<std::uint32_t>(kWidths.size() + kMatrices.size()); }

graph::Cell random_cell(const std::string& name, base::Rng& rng) {
  return CellWriter(name, rng).write();
}

namespace {

// Binds every table slot of a cell to the parameter of the same name.
std::map<std::string, std::string> tables_of(const graph::Cell& cell) {
  std::map<std::string, std::string> shared;
  for (const graph::ParameterSlot& slot : cell.slots()) {
    if (slot.shape.rows == 0) shared[slot.name] = slot.name;
  }
  return shared;
}

}  // namespace

graph::Network random_network(base::Rng& rng) {
  graph::Network network;
  for (const std::uint32_t width : kWidths) {
    network.parameters().declare(table_of(width), {kTableRows, width});
  }
  for (const Shape& matrix : kMatrices) {
    network.parameters().declare(table_of(matrix.cols, matrix.rows),
                                 {kTableRows, matrix.rows * matrix.cols});
  }
  for (const std::uint32_t width : kWidths) {
    const auto cell = std::make_shared<graph::Cell>(source_cell(width));
    network.add_type("source" + std::to_string(width), cell, tables_of(*cell));
  }
  for (const Shape& matrix : kMatrices) {
    const auto cell = std::make_shared<graph::Cell>(source_cell(matrix.cols, matrix.rows));
    network.add_type(table_of(matrix.cols, matrix.rows) + " source", cell, tables_of(*cell));
  }
  for (const char* name : {"first", "second"}) {
    const auto cell = std::make_shared<graph::Cell>(random_cell(name, rng));
    network.add_type(std::string(name) + "_a", cell, tables_of(*cell));
    network.add_type(std::string(name) + "_b", cell, tables_of(*cell));
  }
  fill_parameters(network.parameters(), rng);
  return network;
}

graph::Graph random_graph(const graph::Network& network, std::uint32_t instances,
                          std::uint32_t calls, base::Rng& rng) {
  graph::Graph graph(network);
  for (std::uint32_t i = 0; i < instances; ++i) {
    graph.begin_instance(i);
    add_instance(calls, graph, rng);
  }
  return graph;
}

void fill_parameters(graph::ParameterStore& parameters, base::Rng& rng) {
  for (graph::ParameterId id = 0; id < parameters.size(); ++id) {
    tensor::Tensor value(parameters[id].shape);
    const bool vector = value.shape().rows == 1;
    const float range = vector ? 1.0F : 1 / std::sqrt(static_cast<float>(value.shape().cols));
    for (float& x : value.values()) x = rng.uniform(-range, range);
    parameters.assign(id, std::move(value));
  }
}

}  // namespace sheaf::test
