// SPDX-License-Identifier: Apache-2.0
#include "tests/memory_plan/cell_evaluator.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>

#include "tests/memory_plan/spatial_evaluator.h"

namespace sheaf::test {
namespace {

using graph::CellOp;
using ops::OpKind;

class CellEvaluator {
 public:
  CellEvaluator(const graph::Cell& cell, const graph::Binding& binding,
                const graph::ParameterStore& parameters)
      : cell_(cell), binding_(binding), parameters_(parameters) {}

  CallValues run(std::span<const Row> inputs, std::uint32_t payload) {
    for (const CellOp& op : cell_.ops()) {
      switch (op.kind) {
        case OpKind::input:
          values_.push_back(inputs[op.input]);
          break;
        case OpKind::lookup:
          values_.push_back(parameter_row(op.slots[0], payload));
          break;
        case OpKind::parameter:
          values_.push_back(parameter_row(op.slots[0], 0));
          break;
        case OpKind::constant:
          values_.emplace_back(op.rows * op.width, static_cast<double>(op.scalar));
          break;
        case OpKind::pick:
          values_.push_back({values_[op.operands[0]][payload]});
          break;
        case OpKind::one_hot:
          values_.emplace_back(op.width, 0.0);
          values_.back()[payload] = values_[op.operands[0]][0];
          break;
        case OpKind::dropout_mask:
          values_.push_back(dropout_mask(op, payload));
          break;
        default:
          values_.push_back(compute(op));
      }
    }
    CallValues result{{}, lead_};
    for (const graph::ValueId output : cell_.outputs()) result.ports.push_back(values_[output]);
    return result;
  }

 private:
  [[nodiscard]] Row parameter_row(graph::SlotId slot, std::uint32_t row) const {
    const auto values = parameters_[binding_[slot]].value.row(row);
    return {values.begin(), values.end()};
  }

  Row spatial(const CellOp& op) const {
    std::vector<tensor::Shape> shapes;
    std::vector<Row> operands;
    for (const graph::ValueId operand : op.operands) {
      shapes.push_back({cell_.ops()[operand].rows, cell_.ops()[operand].width});
      operands.push_back(values_[operand]);
    }
    const auto parameter = [&](std::size_t i) {
      if (i >= op.slots.size()) return Row{};
      const auto values = parameters_[binding_[op.slots[i]]].value.values();
      return Row(values.begin(), values.end());
    };
    return spatial_value(op, shapes, operands, parameter(0), parameter(1));
  }

  // Row by row; only a matrix times a vector and the ops on pictures join rows.
  Row compute(const CellOp& op) {
    if (ops::schema(op.kind).op_class == ops::OpClass::spatial) return spatial(op);
    if (op.kind == OpKind::matvec) return matvec(values_[op.operands[0]], values_[op.operands[1]]);
    Row result;
    for (std::uint32_t r = 0; r < op.rows; ++r) {
      std::vector<Row> operands;
      for (const graph::ValueId operand : op.operands) {
        const auto begin = values_[operand].begin() + r * cell_.ops()[operand].width;
        operands.emplace_back(begin, begin + cell_.ops()[operand].width);
      }
      const Row row = compute_row(op, operands);
      result.insert(result.end(), row.begin(), row.end());
    }
    return result;
  }

  Row compute_row(const CellOp& op, const std::vector<Row>& operands) {
    switch (op.kind) {
      case OpKind::affine:
        return affine(op, operands);
      case OpKind::concat:
        return concat(operands);
      case OpKind::log_softmax:
        return log_softmax(operands[0]);
      case OpKind::viterbi_step:
        return viterbi_step(op, operands);
      case OpKind::slice: {
        const auto begin = operands[0].begin() + op.column;
        return {begin, begin + op.width};
      }
      case OpKind::row_sum:
        return {std::accumulate(operands[0].begin(), operands[0].end(), 0.0)};
      case OpKind::broadcast:
        return Row(op.width, operands[0][0]);
      case OpKind::scale:
        return scaled(operands[0], static_cast<double>(op.scalar));
      case OpKind::log_softmax_grad:
        return log_softmax_grad(operands[0], operands[1]);
      default:
        break;
    }
    Row result(op.width);
    for (std::uint32_t j = 0; j < op.width; ++j) {
      result[j] = elementwise(op.kind, operands[0][j], operands.size() > 1 ? operands[1][j] : 0);
    }
    return result;
  }

  // `matrix`: column by column.
  static Row matvec(const Row& matrix, const Row& vector) {
    Row result(matrix.size() / vector.size(), 0.0);
    for (std::size_t i = 0; i < matrix.size(); ++i) {
      result[i % result.size()] += matrix[i] * vector[i / result.size()];
    }
    return result;
  }

  static double elementwise(OpKind kind, double a, double b) {
    switch (kind) {
      case OpKind::copy:
        return a;
      case OpKind::add:
        return a + b;
      case OpKind::sub:
        return a - b;
      case OpKind::mul:
        return a * b;
      case OpKind::one_minus:
        return 1 - a;
      case OpKind::sigmoid:
        return 1 / (1 + std::exp(-a));
      case OpKind::tanh:
        return std::tanh(a);
      case OpKind::sigmoid_grad:
        return b * a * (1 - a);
      case OpKind::tanh_grad:
        return b * (1 - a * a);
      case OpKind::relu:
        return std::max(a, 0.0);
      case OpKind::relu_grad:
        return a > 0 ? b : 0;
      case OpKind::reciprocal_sqrt:
        return 1 / std::sqrt(a);
      default:
        return std::numeric_limits<double>::quiet_NaN();
    }
  }

  [[nodiscard]] Row affine(const CellOp& op, const std::vector<Row>& operands) const {
    if (!op.columns.empty()) return transposed_affine(op, operands);
    const bool biased = op.slots.size() > op.operands.size();
    Row result = biased ? parameter_row(op.slots.back(), 0) : Row(op.width, 0.0);
    for (std::uint32_t j = 0; j < op.width; ++j) {
      for (std::size_t t = 0; t < op.operands.size(); ++t) {
        const Row& x = operands[t];
        const Row weights = parameter_row(op.slots[t], j);
        for (std::size_t k = 0; k < x.size(); ++k) result[j] += weights[k] * x[k];
      }
    }
    return result;
  }

  [[nodiscard]] Row transposed_affine(const CellOp& op, const std::vector<Row>& operands) const {
    Row result(op.width, 0.0);
    for (std::size_t t = 0; t < op.operands.size(); ++t) {
      for (std::uint32_t k = 0; k < operands[t].size(); ++k) {
        const Row weights = parameter_row(op.slots[t], k);
        for (std::uint32_t j = 0; j < op.width; ++j) {
          result[j] += weights[op.columns[t] + j] * operands[t][k];
        }
      }
    }
    return result;
  }

  static Row scaled(Row a, double factor) {
    for (double& value : a) value *= factor;
    return a;
  }

  static Row log_softmax_grad(const Row& y, const Row& dy) {
    const double sum = std::accumulate(dy.begin(), dy.end(), 0.0);
    Row result;
    for (std::size_t j = 0; j < y.size(); ++j) result.push_back(dy[j] - std::exp(y[j]) * sum);
    return result;
  }

  [[nodiscard]] static std::uint32_t mix(std::uint32_t x) {
    x = (x ^ (x >> 16U)) * 0x21f0aaadU;
    x = (x ^ (x >> 15U)) * 0x735a2d97U;
    return x ^ (x >> 15U);
  }
  [[nodiscard]] Row dropout_mask(const CellOp& op, std::uint32_t payload) const {
    const auto key = parameters_[binding_[op.slots[0]]].value.values();
    const auto bits_of = [](float value) { return std::bit_cast<std::uint32_t>(value); };
    Row mask;
    for (std::uint32_t j = 0; j < op.width; ++j) {
      const std::uint32_t row = mix(payload ^ bits_of(key[0]));
      const double uniform = (mix(mix(j ^ row) + bits_of(key[1])) >> 8U) * 0x1p-24;
      const double p = static_cast<double>(op.scalar);
      mask.push_back(uniform >= p ? 1 / (1 - p) : 0);
    }
    return mask;
  }

  static Row concat(const std::vector<Row>& operands) {
    Row result;
    for (const Row& operand : operands) {
      result.insert(result.end(), operand.begin(), operand.end());
    }
    return result;
  }

  static Row log_softmax(const Row& a) {
    const double most = *std::max_element(a.begin(), a.end());
    double sum = 0;
    for (const double value : a) sum += std::exp(value - most);
    Row result;
    for (const double value : a) result.push_back(value - most - std::log(sum));
    return result;
  }

  Row viterbi_step(const CellOp& op, const std::vector<Row>& operands) {
    const Row& previous = operands[0];
    const Row& emissions = operands[1];
    const std::size_t tags = emissions.size();
    Row result(2 * tags);
    for (std::size_t j = 0; j < tags; ++j) {
      std::vector<double> scores;
      for (std::uint32_t i = 0; i < tags; ++i) {
        scores.push_back(previous[i] + parameter_row(op.slots[0], i)[j]);
      }
      const auto best = std::max_element(scores.begin(), scores.end());
      result[j] = *best + emissions[j];
      result[tags + j] = static_cast<double>(best - scores.begin());
      for (auto it = scores.begin(); it != scores.end(); ++it) {
        if (it != best) lead_ = std::min(lead_, *best - *it);
      }
    }
    return result;
  }

  const graph::Cell& cell_;
  const graph::Binding& binding_;
  const graph::ParameterStore& parameters_;
  std::vector<Row> values_;
  double lead_ = std::numeric_limits<double>::infinity();
};

}  // namespace

CallValues evaluate(const graph::Cell& cell, const graph::Binding& binding,
                    const graph::ParameterStore& parameters, std::span<const Row> inputs,
                    std::uint32_t payload) {
  return CellEvaluator(cell, binding, parameters).run(inputs, payload);
}

std::vector<float> without_padding(std::span<const float> value, std::uint32_t width) {
  std::vector<float> values;
  for (std::size_t at = 0; at < value.size(); at += tensor::padded(width)) {
    const auto row = value.subspan(at, width);
    values.insert(values.end(), row.begin(), row.end());
  }
  return values;
}

std::vector<CallValues> evaluate(const graph::Graph& graph) {
  std::vector<CallValues> values;
  for (graph::NodeId node = 0; node < graph.size(); ++node) {
    const graph::BatchType& type = graph.network().type(graph.type(node));
    const graph::Cell& cell = *type.cell;
    std::vector<Row> inputs;
    for (const graph::CellInput& input : cell.inputs())
      inputs.emplace_back(input.rows * input.width, 0.0);
    double lead = std::numeric_limits<double>::infinity();
    std::uint32_t i = 0;
    for (const graph::Operand& operand : graph.operands(node)) {
      const std::uint32_t fixed = cell.fixed_inputs();
      const std::uint32_t input =
          i < fixed ? i : fixed + (i - fixed) % std::max(cell.repeated_inputs(), 1U);
      const Row& row = values[operand.node].ports[operand.port];
      for (std::size_t j = 0; j < row.size(); ++j) inputs[input][j] += row[j];
      lead = std::min(lead, values[operand.node].lead);
      ++i;
    }
    values.push_back(
        evaluate(cell, type.binding, graph.network().parameters(), inputs, graph.payload(node)));
    values.back().lead = std::min(values.back().lead, lead);
  }
  return values;
}

}  // namespace sheaf::test
