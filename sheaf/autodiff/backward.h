// SPDX-License-Identifier: Apache-2.0
//
// The backward pass of a graph, as nodes of the same graph: calls of gradient cells.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sheaf/autodiff/cell_gradient.h"
#include "sheaf/graph/graph.h"
#include "sheaf/graph/network.h"

namespace sheaf::autodiff {

// A batch type and its gradient's.
struct TypeGradient {
  graph::TypeId type;
  CellGradient cell;
};

// The gradient types of a network.
class Differentiation {
 public:
  // Gives every type of `network` that has parameters or inputs a gradient type, "NAME.grad", whose
  // parameters are those of the type; the cells of types become ones that save what their gradients
  // need. Sessions that were compiled before have to be compiled again. Types in `losses` are
  // losses: their outputs, one column each, are summed. Types whose cells have no gradient get
  // none; to need it is an error then (append()).
  Differentiation(graph::Network& network, std::span<const graph::TypeId> losses);

  // Appends to `graph`, all of whose nodes are calls of the types above, the gradient nodes of the
  // sum of all loss nodes: in the reverse order of the nodes, each in the instance of its node.
  // gradient_nodes() tells them afterwards. A gradient that comes from several consumers is summed
  // in the order of these. Throws UnsupportedError, with the reason, for a node that needs a
  // gradient and whose type has none.
  void append(graph::Graph& graph);

  // By node of the graph that append() was given, as long as it was before: its gradient node, or
  // kNone where no loss depends on it.
  [[nodiscard]] std::span<const graph::NodeId> gradient_nodes() const { return gradient_nodes_; }
  static constexpr graph::NodeId kNone = ~0U;

  // By type of the network as it was; empty where a type has no gradient.
  [[nodiscard]] const std::optional<TypeGradient>& of(graph::TypeId type) const {
    return types_[type];
  }
  [[nodiscard]] graph::TypeId types() const { return static_cast<graph::TypeId>(types_.size()); }

 private:
  // The gradient of one output, which a gradient node has computed: a link of a list per output.
  struct Term {
    graph::Operand from;
    std::uint32_t next;
  };

  void add_types(graph::Network& network, std::span<const graph::TypeId> losses);
  void add_zeros(graph::Network& network);
  void number_outputs(const graph::Graph& graph);
  void append_gradient(graph::Graph& graph, graph::NodeId node);
  void pass_on(const graph::Graph& graph, graph::NodeId node);
  [[nodiscard]] bool has_terms(graph::NodeId node, std::uint32_t outputs) const;
  // A node of the instance that is being appended whose value is 0.
  [[nodiscard]] graph::Operand zero(graph::Graph& graph, graph::TypeId type, std::uint32_t port);

  std::vector<std::optional<TypeGradient>> types_;
  std::vector<std::string> reasons_;  // why a type has no gradient
  std::vector<bool> is_loss_;
  std::vector<std::uint32_t> outputs_;                    // of each type, before more were saved
  std::vector<std::vector<std::uint32_t>> zero_of_port_;  // by type and port: index of the zero
  std::vector<graph::TypeId> zeros_;                      // types without inputs, of value 0

  std::vector<graph::NodeId> gradient_nodes_;
  std::vector<std::uint32_t> first_output_;  // by node
  std::vector<std::uint32_t> first_term_;    // by output
  std::vector<Term> terms_;
  std::vector<graph::NodeId> zero_nodes_;  // by zero, of this instance
  std::vector<graph::Operand> operands_;
  std::vector<std::vector<graph::Operand>> by_port_;
};

}  // namespace sheaf::autodiff
