// SPDX-License-Identifier: Apache-2.0
//
// Values that are matrices: how cells of them are lowered, and how they are planned and run.
#include <gtest/gtest.h>

#include <memory>

#include "sheaf/backend/cpu/block_run.h"
#include "sheaf/engine/compile.h"
#include "sheaf/memory_plan/lower.h"
#include "tests/memory_plan/cell_evaluator.h"
#include "tests/memory_plan/random_network.h"

namespace sheaf::memory_plan {
namespace {

using graph::CellBuilder;
using Kind = InputPlan::Kind;

// mv_rnn's node with matrices of `size` x `size`.
graph::Cell node_cell(std::uint32_t size) {
  CellBuilder cell("node");
  const auto v1 = cell.input("v1", size);
  const auto m1 = cell.matrix_input("m1", size, size);
  const auto v2 = cell.input("v2", size);
  const auto m2 = cell.matrix_input("m2", size, size);
  const auto left = matvec(m1, v2);
  const auto right = matvec(m2, v1);
  const auto v = tanh(cell.affine(size, {{"W_v", concat(left, right)}}, "b_v"));
  return cell.output(v).output(cell.affine(size, {{"W_m", concat(m1, m2)}}, "b_m")).build();
}

TEST(LowerMatrices, AMatrixGoesStraightToItsOutput) {
  EXPECT_EQ(lower(node_cell(32)).to_string(),
            "compiled cell node\n"
            "  product 0: k = 64 ( input[1]:32 input[3]:32 ), n = 32, 1 parts -> output[1] x 32 "
            "columns\n"
            "  matvec input[1] input[2] -> block[0] : 32 x 32 columns\n"
            "  matvec input[3] input[0] -> block[32] : 32 x 32 columns\n"
            "  product 1: k = 64 ( block[0]:32 block[32]:32 ), n = 32, 1 parts -> product[0]\n"
            "  region 0\n"
            "    tanh product[0] -> output[0] : 32\n");
}

TEST(LowerMatrices, RowsThatLeaveNoRoomForAPanelAreCopied) {
  const CompiledCell cell = lower(node_cell(16));
  EXPECT_EQ(cell.products.at(0).to, (Place{Place::Kind::product, 0, 0, 32}));
  ASSERT_EQ(cell.regions.size(), 2U);
  EXPECT_EQ(cell.regions[0].rows, 16U);
  EXPECT_EQ(cell.regions[0].ops.at(0).to, (Place{Place::Kind::output, 1}));
}

TEST(LowerMatrices, ALevelHasARegionPerNumberOfRows) {
  CellBuilder cell("two");
  const auto m = cell.matrix_input("m", 8, 3);
  const auto v = cell.input("v", 8);
  const CompiledCell compiled =
      lower(cell.output(tanh(m) * m).output(sigmoid(v)).output(one_minus(v)).build());
  ASSERT_EQ(compiled.regions.size(), 2U);
  EXPECT_EQ(compiled.regions[0].rows, 1U);
  EXPECT_EQ(compiled.regions[0].ops.size(), 2U);
  EXPECT_EQ(compiled.regions[1].rows, 3U);
  EXPECT_EQ(compiled.regions[1].tile_floats, 16U);
}

TEST(LowerMatrices, AMatrixOutlivesItsRegionAsAWhole) {
  CellBuilder cell("late");
  const auto m = tanh(cell.matrix_input("m", 8, 3));
  EXPECT_EQ(lower(cell.output(matvec(m, cell.input("v", 3))).build()).block_floats, 3 * 16U);
}

TEST(LowerMatrices, AMatrixThatIsOnlyLookedUpStaysInItsTable) {
  const auto tables = [](std::uint32_t width, bool also_read) {
    CellBuilder cell("leaf");
    const auto m = cell.matrix_lookup("table", width, 3);
    cell.output(m);
    if (also_read) cell.output(tanh(m));
    const CompiledCell compiled = lower(cell.build());
    EXPECT_EQ(compiled.lookups.empty(), compiled.output_tables[0] != CompiledCell::kNoTable);
    return compiled.output_tables[0];
  };
  EXPECT_EQ(tables(16, false), 0U);
  EXPECT_EQ(tables(16, true), CompiledCell::kNoTable);   // another op reads it
  EXPECT_EQ(tables(17, false), CompiledCell::kNoTable);  // the table's columns are not padded
}

TEST(ScratchOfMatrices, IsThatOfFewNodes) {
  using backend::cpu::ScratchLayout;
  EXPECT_EQ(ScratchLayout(lower(node_cell(16))).block_rows, backend::cpu::kBlockRows);
  EXPECT_EQ(ScratchLayout(lower(node_cell(128))).block_rows, 7U);
  EXPECT_EQ(ScratchLayout(lower(node_cell(1024))).block_rows, 1U);
}

// Two leaves, each with a vector and a matrix, and nodes over them.
class PlanOfMatrices : public testing::TestWithParam<std::uint32_t> {
 protected:
  PlanOfMatrices() {
    const std::uint32_t size = GetParam();
    network_.parameters().declare("vectors", {4, size});
    network_.parameters().declare("matrices", {4, size * size});
    CellBuilder leaf("leaf");
    leaf.output(leaf.lookup("vectors", size)).output(leaf.matrix_lookup("matrices", size, size));
    leaf_ = network_.add_type("leaf", std::make_shared<graph::Cell>(leaf.build()),
                              {{"vectors", "vectors"}, {"matrices", "matrices"}});
    node_ = network_.add_type("node", std::make_shared<graph::Cell>(node_cell(size)));
    base::Rng rng(2, "matrices");
    test::fill_parameters(network_.parameters(), rng);
    for (std::uint32_t i = 0; i < 4; ++i) graph_.add(leaf_, {}, 3 - i);
    add_node(0, 1);  // 4
    add_node(3, 2);  // 5
    add_node(5, 4);  // 6
    add_node(4, 5);  // 7: with 6 a batch that reads each matrix twice
  }
  void add_node(graph::NodeId left, graph::NodeId right) {
    graph_.add(node_, {{left, 0}, {left, 1}, {right, 0}, {right, 1}});
  }
  [[nodiscard]] std::unique_ptr<engine::Session> step(LayoutMode layout) {
    auto session = engine::compile(network_, {.policy = "agenda",

                                              .layout = layout,
                                              .dump_after = {},
                                              .dump = {},
                                              .verify = true});
    session->step(graph_);
    return session;
  }

  graph::Network network_;
  graph::TypeId leaf_, node_;
  graph::Graph graph_{network_};
};

TEST_P(PlanOfMatrices, CopiesNone) {
  const auto session = step(LayoutMode::planned);
  const MemoryPlan& plan = session->plan();
  const std::uint64_t row = GetParam() * sizeof(float);
  std::uint64_t gathered_rows = 0;
  for (const BatchPlan& batch : plan.batches) {
    if (batch.type != node_) continue;
    for (const std::uint32_t vector : {0U, 2U}) {
      const bool gathered = plan.inputs[batch.first_input + vector].kind == Kind::gathered;
      gathered_rows += gathered ? batch.rows : 0;
      const Kind matrix = plan.inputs[batch.first_input + vector + 1].kind;
      EXPECT_TRUE(matrix == Kind::indirect || matrix == Kind::in_place);
    }
  }
  EXPECT_EQ(plan.copied_bytes, gathered_rows * row);
}

TEST_P(PlanOfMatrices, UnplannedCopiesEveryOne) {
  const std::uint64_t row = GetParam() * sizeof(float);
  const std::uint64_t matrix = value_floats(GetParam(), GetParam()) * sizeof(float);
  EXPECT_EQ(step(LayoutMode::unplanned)->plan().copied_bytes, 4 * 2 * (row + matrix));
}

TEST_P(PlanOfMatrices, EveryLayoutGivesTheSameBitsAndWhatTheOpsMean) {
  const auto planned = step(LayoutMode::planned);
  graph::Graph again = graph_;
  const auto unplanned = engine::compile(network_, {.policy = "single",

                                                    .layout = LayoutMode::unplanned,
                                                    .dump_after = {},
                                                    .dump = {},
                                                    .verify = true});
  unplanned->step(again);
  const auto meant = test::evaluate(graph_);
  for (graph::NodeId node = 0; node < graph_.size(); ++node) {
    for (std::uint32_t port = 0; port < 2; ++port) {
      const auto a = test::without_padding(planned->read({node, port}), GetParam());
      EXPECT_EQ(a, test::without_padding(unplanned->read({node, port}), GetParam()));
      ASSERT_EQ(a.size(), meant[node].ports[port].size());
      for (std::size_t j = 0; j < a.size(); ++j)
        ASSERT_NEAR(a[j], meant[node].ports[port][j], 1e-5);
    }
  }
}

// 16, 32 and 48: the leaves' matrices stay in their table; 32: products go straight to the output.
INSTANTIATE_TEST_SUITE_P(Sizes, PlanOfMatrices, testing::Values(2U, 7U, 16U, 32U, 33U, 48U));

}  // namespace
}  // namespace sheaf::memory_plan
