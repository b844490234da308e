// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "sheaf/graph/graph.h"

namespace sheaf::graph {

// Checks graphs of one network. Holds what it has to know of the types, so that checking a graph
// allocates nothing. For one thread.
class Verifier {
 public:
  // `network` must outlive the verifier.
  explicit Verifier(const Network& network);

  // Throws InternalError when, in `segment`, a node's operands do not fit its cell, come after it
  // or are not one of its instance's, and when a mark of the graph names no row. O(nodes +
  // operands + marks).
  void verify(const Graph& graph, Segment segment);

 private:
  // Rows and width of a value as one number.
  using Size = std::uint64_t;
  struct Type {
    std::uint32_t fixed;        // inputs with one operand
    std::uint32_t inputs;       // all
    std::uint32_t first_input;  // in inputs_
    std::uint64_t table_rows;   // of its smallest table
  };
  static constexpr Size kNoSize = 0;

  void learn_types();
  // The first node of the segment that does not fit, or segment.end.
  [[nodiscard]] NodeId first_misfit(const Graph& graph, Segment segment) const;
  [[nodiscard]] Size output_size(TypeId type, std::uint32_t port) const {
    return outputs_[type * ports_ + (port < ports_ ? port : ports_ - 1)];
  }
  // Throws for the fault of a node that has one.
  void refuse(const Graph& graph, NodeId node) const;
  void verify_marks(const Graph& graph, std::span<const Operand> marks) const;

  const Network* network_;
  std::uint64_t changes_ = 0;  // of the parameters, when the types were learned
  std::vector<Type> types_;
  std::vector<Size> inputs_;
  // [type][port]; of ports that a type does not have, the last one among them, kNoSize.
  std::vector<Size> outputs_;
  std::uint32_t ports_ = 1;  // more than any type has
};

}  // namespace sheaf::graph
