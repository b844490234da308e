// SPDX-License-Identifier: Apache-2.0
//
// What the tests of other engines' mistakes share: a network of cells written by hand, weights that
// are random, and a comparison of every way to run a graph with the value of each instance alone.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sheaf/engine/compile.h"

namespace sheaf::test {

// Adds the nodes of instance `i`; the last node's first port, a row, is its output.
using BuildInstance = std::function<void(graph::Graph& graph, std::uint32_t i)>;

// Every port of every node of an instance, without padding.
using InstanceValues = std::vector<std::vector<float>>;

class Rivals : public testing::Test {
 protected:
  static constexpr std::uint32_t kWidth = 5;  // of a word; odd, so that rows have padding
  static constexpr std::uint32_t kWords = 11;
  static constexpr std::uint32_t kInstances = 7;

  Rivals();

  // Declares type `name` of the cell that `write(builder)` writes.
  template <typename Write>
  graph::TypeId type(const std::string& name, Write write,
                     const std::map<std::string, std::string>& shared = {}) {
    graph::CellBuilder cell(name);
    write(cell);
    return network_.add_type(name, std::make_shared<graph::Cell>(cell.build()), shared);
  }
  // The type tanh(W x + b) from rows of `from` to rows of `to`.
  graph::TypeId squash(const std::string& name, std::uint32_t from = kWidth,
                       std::uint32_t to = kWidth);

  // A node that looks a word up.
  graph::Operand word(graph::Graph& graph, std::uint32_t row) const {
    return {graph.add(word_, {}, row % kWords)};
  }

  // Every weight random, or every one the same.
  void randomise(std::uint64_t seed = 1);
  void set_all(float weight);

  // The instances `first` .. `first + count - 1` in one graph.
  [[nodiscard]] graph::Graph graph_of(const BuildInstance& build, std::uint32_t count = kInstances,
                                      std::uint32_t first = 0) const;

  // Randomises the weights and runs kInstances instances in every way: policies x layouts x what is
  // kept x minibatches of 1, 3 and all x both orders of the instances, each policy and layout in
  // one session. All must agree bit by bit, and to 1e-5 with each instance evaluated alone in
  // double precision.
  void expect_unbatched_values(const BuildInstance& build);

  graph::Network network_;
  graph::TypeId word_;
};

[[nodiscard]] std::unique_ptr<engine::Session> session_of(
    const graph::Network& network, const std::string& policy,
    memory_plan::LayoutMode layout = memory_plan::LayoutMode::planned);

// Of every node in `graph`, which `session` has run.
[[nodiscard]] InstanceValues values_of(const engine::Session& session, const graph::Graph& graph);

// To 1e-5, relative to the larger of 1 and the value.
void expect_values_of_the_graph(const engine::Session& session, const graph::Graph& graph);

}  // namespace sheaf::test
