// SPDX-License-Identifier: Apache-2.0
#include "sheaf/backend/cpu/cpu_backend.h"

#include <gtest/gtest.h>

#include "sheaf/base/error.h"
#include "sheaf/memory_plan/lower.h"
#include "sheaf/memory_plan/plan.h"
#include "tests/backend/isas.h"
#include "tests/backend/runner.h"
#include "tests/message_of.h"

namespace sheaf::backend::cpu {
namespace {

using graph::CellBuilder;
using test::Runner;

using Cell = std::shared_ptr<const graph::Cell>;

Cell built(CellBuilder& cell) { return std::make_shared<graph::Cell>(cell.build()); }

// x -> W x + b, and beside it a look-up, a parameter vector and Viterbi transitions.
Cell weighty_cell() {
  CellBuilder cell("weighty");
  const auto x = cell.input("x", 20);
  const auto previous = cell.input("previous", 10);
  cell.output(cell.affine(20, {{"W", x}}, "b") + cell.parameter("p", 20));
  cell.output(cell.viterbi_step(previous, cell.input("emissions", 5), "transitions"));
  return built(cell);
}

void set(graph::Network& network, const std::string& name, float value) {
  const graph::ParameterId id = network.parameters().find(name);
  tensor::Tensor tensor(network.parameters()[id].shape);
  for (float& x : tensor.values()) x = value;
  network.parameters().assign(id, std::move(tensor));
}

// Changes a weight behind the store's back: its version stays.
void set_without_version(graph::Network& network, const std::string& name, float value) {
  const graph::ParameterId id = network.parameters().find(name);
  for (const float& x : network.parameters()[id].value.values()) const_cast<float&>(x) = value;
}

TEST(CpuBackend, UsesNewWeightsAfterPrepare) {
  Runner runner(weighty_cell(), "auto");
  set(runner.network(), "cell.W", 0);
  set(runner.network(), "cell.b", 2);
  set(runner.network(), "cell.p", 0.5F);
  runner.prepare();
  EXPECT_EQ(runner.run(0, 3).at(2), std::vector<float>(20, 2.5F));
}

TEST(CpuBackend, UsesNewTransitionsAfterPrepare) {
  Runner runner(weighty_cell(), "auto");
  set(runner.network(), "source1.table", 1);
  set(runner.network(), "source2.table", 4);
  set(runner.network(), "cell.transitions", 20);
  runner.prepare();
  EXPECT_EQ(runner.run(0, 3, 1).at(2), (std::vector<float>{25, 25, 25, 25, 25, 0, 0, 0, 0, 0}));
}

TEST(CpuBackend, UsesANewTableAfterPrepare) {
  CellBuilder cell("lookup");
  cell.output(tanh(cell.input("x", 5)));
  Runner runner(built(cell), "auto");
  set(runner.network(), "source0.table", 0);
  runner.prepare();
  EXPECT_EQ(runner.run(7, 2).at(1), std::vector<float>(5, 0.0F));
}

TEST(CpuBackend, UsesPackedWeightsUntilPrepare) {
  Runner runner(weighty_cell(), "auto");
  const auto before = runner.run(0, 3);
  set(runner.network(), "cell.W", 0);
  EXPECT_EQ(runner.run(0, 3), before);
}

TEST(CpuBackend, DoesNotPackAgainWhatHasTheSameVersion) {
  Runner runner(weighty_cell(), "auto");
  const auto before = runner.run(0, 3);
  set_without_version(runner.network(), "cell.W", 0);
  runner.prepare();
  EXPECT_EQ(runner.run(0, 3), before);
  set(runner.network(), "cell.b", 0);  // another weight of the type: all of it is packed again
  set(runner.network(), "cell.p", 0);
  runner.prepare();
  EXPECT_EQ(runner.run(0, 3).at(0), std::vector<float>(20, 0.0F));
}

TEST(CpuBackend, TakesDenormalNumbersForZeroAndLeavesTheThreadAsItWas) {
  CellBuilder cell("small");
  cell.output(cell.input("x", 20) * cell.parameter("p", 20));
  Runner runner(built(cell), "auto");
  set(runner.network(), "source0.table", 1e-20F);
  set(runner.network(), "cell.p", 1e-20F);
  runner.prepare();
  EXPECT_EQ(runner.run(0, 3).at(2), std::vector<float>(20, 0));
  const volatile float small = 1e-20F;
  EXPECT_NE(small * small, 0);
}

TEST(CpuBackend, SupportsACellAndSaysHowMuchScratchItTakes) {
  const CpuBackend backend(choose_kernels("auto"));
  const runtime::Support support = backend.supports(memory_plan::lower(*weighty_cell()));
  EXPECT_TRUE(support.ok);
  EXPECT_GE(support.scratch_bytes, kBlockRows * 32 * sizeof(float));
}

TEST(CpuBackend, RefusesAnOpThatItsTableLacks) {
  KernelTable table = choose_kernels("reference");
  table.rows[static_cast<std::size_t>(ops::OpKind::viterbi_step)] = nullptr;
  const CpuBackend backend(table);
  graph::Network network;
  network.add_type("type", weighty_cell());
  const auto compiled = memory_plan::compile_network(network);
  EXPECT_EQ(test::message_of<base::UnsupportedError>(
                [&] { runtime::require_support(backend, compiled); }),
            "[cell weighty] backend cpu: got no kernel for op viterbi_step");
}

TEST(CpuBackend, ReserveKeepsWhatLiesInTheArena) {
  graph::Network network;
  network.parameters().declare("type.table", {3, 5});
  CellBuilder cell("lookup");
  cell.output(cell.lookup("table", 5));
  const graph::TypeId type = network.add_type("type", built(cell));
  set(network, "type.table", 3);
  const auto compiled = memory_plan::compile_network(network);
  CpuBackend backend(choose_kernels("auto"));
  backend.prepare(network, compiled);
  graph::Graph graph(network);
  graph.add(type, {}, 1);
  batching::Schedule schedule{.batches = {{type, 0, 1}}, .order = {0}};
  memory_plan::MemoryPlan plan;
  memory_plan::plan_segment(graph, graph.seal(), schedule, compiled, {}, plan);
  runtime::execute(plan, 0, backend);
  for (const memory_plan::Offset floats : {17U, 1000U, 100000U}) {
    backend.reserve(floats);
    const auto row = backend.read(0, 5);
    EXPECT_EQ(std::vector<float>(row.begin(), row.end()), std::vector<float>(5, 3.0F));
  }
}

class CpuBackendRows : public testing::TestWithParam<std::string> {
 protected:
  // Runs a cell's calls all together, then in pieces and alone: every row must stay as it is.
  static void expect_rows_apart(const Cell& cell) {
    Runner runner(cell, GetParam());
    for (std::uint32_t port = 0; port < cell->outputs().size(); ++port) {
      const auto all = runner.run(0, 150, port);
      for (const std::uint32_t rows : {1U, 3U, 12U, 64U, 65U, 129U}) {
        const auto some = runner.run(10, rows, port);
        for (std::uint32_t i = 0; i < rows; ++i) {
          ASSERT_EQ(some[i], all[10 + i]) << "port " << port << ", row " << i << " of " << rows;
        }
      }
    }
  }
};

INSTANTIATE_TEST_SUITE_P(Isa, CpuBackendRows, testing::ValuesIn(test::isas()), test::isa_name);

TEST_P(CpuBackendRows, BlocksDoNotChangeARow) {
  CellBuilder cell("gru");
  const auto x = cell.input("x", 21);
  const auto h = cell.input("h", 40);
  const auto u = sigmoid(cell.affine(40, {{"W_u", x}, {"U_u", h}}, "b_u"));
  const auto r = sigmoid(cell.affine(40, {{"W_r", x}, {"U_r", h}}, "b_r"));
  const auto c = tanh(cell.affine(40, {{"W_c", x}, {"U_c", r * h}}, "b_c"));
  cell.output(one_minus(u) * h + u * c).output(log_softmax(c));
  expect_rows_apart(built(cell));
}

TEST_P(CpuBackendRows, AConcatWithinARegionKeepsItsRowsApart) {
  CellBuilder cell("concat_in_tile");
  const auto x = cell.input("x", 20);
  const auto y = cell.input("y", 5);
  cell.output(tanh(concat(tanh(x), y)));
  expect_rows_apart(built(cell));
}

TEST_P(CpuBackendRows, AConcatThatOutlivesItsRegionKeepsItsRowsApart) {
  CellBuilder cell("concat_in_block");
  const auto x = cell.input("x", 20);
  const auto y = cell.input("y", 5);
  const auto e = concat(x, y);
  cell.output(cell.affine(25, {{"W", e}}, "b") * e);
  expect_rows_apart(built(cell));
}

TEST_P(CpuBackendRows, AConcatThatIsAnOutputKeepsItsRowsApart) {
  CellBuilder cell("concat_is_output");
  const auto x = cell.input("x", 20);
  const auto y = cell.input("y", 5);
  cell.output(concat(tanh(x), y));
  expect_rows_apart(built(cell));
}

TEST_P(CpuBackendRows, EmissionsOfAViterbiStepMayBeMadeInItsCell) {
  CellBuilder cell("emissions_in_tile");
  const auto previous = cell.input("previous", 2 * 57);
  const auto emissions = cell.input("emissions", 57);
  cell.output(cell.viterbi_step(previous, tanh(emissions), "transitions"));
  expect_rows_apart(built(cell));
}

TEST_P(CpuBackendRows, AParameterIsTheSameForEveryRow) {
  CellBuilder cell("parameter");
  const auto x = cell.input("x", 20);
  const auto p = cell.parameter("p", 20);
  cell.output(x * p + cell.affine(20, {{"W", concat(p, x)}})).output(p).output(log_softmax(p));
  expect_rows_apart(built(cell));
}

}  // namespace
}  // namespace sheaf::backend::cpu
