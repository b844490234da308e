// SPDX-License-Identifier: Apache-2.0
//
// What a session computes is what its graph means, call by call in double precision
// (tests/memory_plan/cell_evaluator.h).
#include <gtest/gtest.h>

#include "sheaf/engine/minibatches.h"
#include "tests/engine/instances.h"
#include "tests/memory_plan/cell_evaluator.h"

namespace sheaf::engine {
namespace {

using SessionValues = testing::TestWithParam<std::string>;

TEST_P(SessionValues, OfEveryOutputAreThoseOfTheGraph) {
  const auto model = test::seeded_model(GetParam());
  const auto instances = test::random_instances(GetParam(), 9, GetParam() == "lac" ? 4 : 12);
  graph::Graph graph(model->network());
  build_graph(*model, instances, make_order(9, 9, {}).indices, graph);
  const auto session = compile(model->network());
  session->step(graph);
  const auto wanted = test::evaluate(graph);
  for (const graph::Operand& output : graph.outputs()) {
    const auto got = session->read(output);
    const test::Row& row = wanted[output.node].ports[output.port];
    ASSERT_EQ(got.size(), row.size());
    for (std::size_t j = 0; j < row.size(); ++j) {
      ASSERT_NEAR(got[j], row[j], 1e-5 * std::max(1.0, std::abs(row[j]))) << output.node;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Models, SessionValues,
                         testing::ValuesIn(nn::model_names().begin(), nn::model_names().end()),
                         test::model_name);

}  // namespace
}  // namespace sheaf::engine
