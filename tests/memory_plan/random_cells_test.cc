// SPDX-License-Identifier: Apache-2.0
//
// Any cell that can be typed, through the whole engine, against its meaning.
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstring>

#include "sheaf/engine/compile.h"
#include "tests/backend/isas.h"
#include "tests/memory_plan/cell_evaluator.h"
#include "tests/memory_plan/random_network.h"

namespace sheaf {
namespace {

constexpr std::uint64_t kSeeds = 60;
constexpr double kLead = 5e-5;  // of a Viterbi step, below which rounding may decide

std::string cells_of(const graph::Network& network) {
  std::string text;
  for (graph::TypeId type = 0; type < network.type_count(); ++type) {
    if (type > 0 && network.type(type).cell == network.type(type - 1).cell) continue;
    if (network.type(type).cell->inputs().empty() && type < test::sources()) continue;
    text += network.type(type).cell->to_string();
  }
  return text;
}

// The first value that is not within 1e-5 of its meaning, in words; empty when there is none.
std::string first_difference(const graph::Graph& graph, const engine::Session& session,
                             const std::vector<test::CallValues>& wanted) {
  for (graph::NodeId node = 0; node < graph.size(); ++node) {
    if (wanted[node].lead < kLead) continue;
    for (std::uint32_t port = 0; port < wanted[node].ports.size(); ++port) {
      const graph::Cell& cell = *graph.network().type(graph.type(node)).cell;
      const auto got = test::without_padding(session.read({node, port}), cell.output_width(port));
      const test::Row& want = wanted[node].ports[port];
      if (got.size() != want.size()) return "a width";
      for (std::size_t j = 0; j < want.size(); ++j) {
        if (std::abs(got[j] - want[j]) <= 1e-5 * std::max(1.0, std::abs(want[j]))) continue;
        return "node " + std::to_string(node) + " (" + graph.network().type(graph.type(node)).name +
               ") port " + std::to_string(port) + " column " + std::to_string(j) + ": got " +
               std::to_string(got[j]) + ", expected " + std::to_string(want[j]);
      }
    }
  }
  return "";
}

class RandomCells : public testing::TestWithParam<std::string> {};

TEST_P(RandomCells, GiveWhatTheirOpsMean) {
  constexpr std::array kPolicies = {"sufficient", "agenda", "depth", "single"};
  std::size_t compared = 0;
  std::size_t all = 0;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    base::Rng rng(seed, "random cells");
    const graph::Network network = test::random_network(rng);
    graph::Graph graph = test::random_graph(network, 3, 40, rng);
    const auto wanted = test::evaluate(graph);
    const auto session =
        engine::compile(network, {.policy = kPolicies[seed % kPolicies.size()],
                                  .layout = seed % 3 == 0 ? memory_plan::LayoutMode::unplanned
                                                          : memory_plan::LayoutMode::planned,
                                  .isa = GetParam(),
                                  .dump_after = {},
                                  .dump = {},
                                  .verify = true});
    session->step(graph);
    ASSERT_EQ(first_difference(graph, *session, wanted), "") << "seed " << seed << "\n"
                                                             << cells_of(network);
    for (const test::CallValues& call : wanted) compared += call.lead < kLead ? 0 : 1;
    all += wanted.size();
  }
  EXPECT_GT(compared * 10, all * 9) << "too few values lead clearly";
}

// Every output of every call, bit by bit.
std::vector<std::vector<float>> all_values(const graph::Network& network, graph::Graph& graph,
                                           memory_plan::LayoutMode layout, const std::string& isa) {
  const auto session = engine::compile(network, {.policy = "sufficient",
                                                 .layout = layout,
                                                 .isa = isa,
                                                 .dump_after = {},
                                                 .dump = {},
                                                 .verify = true});
  session->step(graph);
  std::vector<std::vector<float>> values;
  for (graph::NodeId node = 0; node < graph.size(); ++node) {
    const graph::Cell& cell = *network.type(graph.type(node)).cell;
    for (std::uint32_t port = 0; port < cell.outputs().size(); ++port) {
      values.push_back(test::without_padding(session->read({node, port}), cell.output_width(port)));
    }
  }
  return values;
}

// The first value whose bits differ: its result, counted by node and port, and its column.
std::string first_difference(const std::vector<std::vector<float>>& a,
                             const std::vector<std::vector<float>>& b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t j = 0; j < a[i].size(); ++j) {
      if (std::memcmp(&a[i][j], &b[i][j], sizeof(float)) == 0) continue;
      return "result " + std::to_string(i) + " column " + std::to_string(j) + ": " +
             std::to_string(a[i][j]) + " and " + std::to_string(b[i][j]);
    }
  }
  return "";
}

TEST_P(RandomCells, HaveTheSameBitsPlannedAndUnplanned) {
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    base::Rng rng(seed, "random cells");
    const graph::Network network = test::random_network(rng);
    graph::Graph graph = test::random_graph(network, 3, 40, rng);
    const auto planned = all_values(network, graph, memory_plan::LayoutMode::planned, GetParam());
    const auto unplanned =
        all_values(network, graph, memory_plan::LayoutMode::unplanned, GetParam());
    ASSERT_EQ(first_difference(planned, unplanned), "") << "seed " << seed << "\n"
                                                        << cells_of(network);
  }
}

INSTANTIATE_TEST_SUITE_P(Isa, RandomCells, testing::ValuesIn(test::isas()), test::isa_name);

// Whose results jump where their operands hardly differ: what is compared to 1e-5 here can't tell
// them right (tests/engine/quantised_test.cc compares them exactly).
bool is_of_integers(ops::OpKind kind) {
  return kind == ops::OpKind::quantise || ops::is_quantised_product(kind);
}

TEST(RandomCells, ContainEveryOpOfFloats) {
  std::vector<bool> met(ops::all_ops().size(), false);
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    base::Rng rng(seed, "random cells");
    const graph::Network network = test::random_network(rng);
    for (graph::TypeId type = 0; type < network.type_count(); ++type) {
      for (const graph::CellOp& op : network.type(type).cell->ops()) {
        met[static_cast<std::size_t>(op.kind)] = true;
      }
    }
  }
  for (const ops::OpSchema& op : ops::all_ops()) {
    if (is_of_integers(op.kind)) continue;
    EXPECT_TRUE(met[static_cast<std::size_t>(op.kind)]) << op.name;
  }
}

}  // namespace
}  // namespace sheaf
