// SPDX-License-Identifier: Apache-2.0
//
// Hoisting never changes a bit.
#include <gtest/gtest.h>

#include <tuple>

#include "sheaf/engine/minibatches.h"
#include "tests/backend/isas.h"
#include "tests/engine/instances.h"

namespace sheaf::engine {
namespace {

using memory_plan::Hoist;

constexpr std::uint32_t kInstances = 66;  // two minibatches of 64 at most

Options options_of(Hoist hoist, memory_plan::Keep keep, const std::string& isa) {
  Options options;
  options.hoist = hoist;
  options.keep = keep;
  options.isa = isa;
  options.verify = true;
  return options;
}

bool hoists(const Session& session) { return !session.plan().prefixes.empty(); }

class HoistedModel : public testing::TestWithParam<std::tuple<std::string, std::string>> {};

TEST_P(HoistedModel, HasTheDigestOfOneThatIsNot) {
  const std::string& name = std::get<0>(GetParam());
  const std::string& isa = std::get<1>(GetParam());
  const auto model = test::seeded_model(name);
  const auto instances = test::random_instances(name, kInstances, name == "lac" ? 3 : 9);
  for (const std::uint32_t batch : {1U, 7U, 64U}) {
    const Order order = make_order(instances.size(), batch, {});
    const auto digest = [&](Hoist hoist, memory_plan::Keep keep) {
      const auto session = compile(model->network(), options_of(hoist, keep, isa));
      return digest_of(run_all(*model, instances, order, *session));
    };
    const std::string wanted = digest(Hoist::off, memory_plan::Keep::outputs);
    for (const auto keep : {memory_plan::Keep::outputs, memory_plan::Keep::everything}) {
      EXPECT_EQ(digest(Hoist::on, keep), wanted) << "on, batch " << batch;
      EXPECT_EQ(digest(Hoist::automatic, keep), wanted) << "automatic, batch " << batch;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Models, HoistedModel,
    testing::Combine(testing::ValuesIn(nn::model_names().begin(), nn::model_names().end()),
                     testing::ValuesIn(test::isas())),
    [](const auto& info) { return std::get<0>(info.param) + "_" + std::get<1>(info.param); });

TEST(Hoisting, OnHoistsTheModelsWhoseStepsBeginWithALookUp) {
  for (const char* const name : {"bilstm_tagger", "bilstm_tagger_char", "lac", "lattice_lstm",
                                 "lattice_lstm_bi", "lstm_nmt"}) {
    const auto model = test::seeded_model(name);
    const auto instances = test::random_instances(name, 8, 9);
    const auto session =
        compile(model->network(), options_of(Hoist::on, memory_plan::Keep::outputs, "auto"));
    static_cast<void>(run_all(*model, instances, make_order(8, 8, {}), *session));
    EXPECT_TRUE(hoists(*session)) << name;
  }
}

// Cached plans keep their prefix batches, with the payloads of the graph that comes again.
TEST(Hoisting, GoesTogetherWithTheCacheOfSchedules) {
  const auto model = test::seeded_model("bilstm_tagger");
  const auto instances = test::random_instances("bilstm_tagger", 64, 3);
  const Order order = make_order(instances.size(), 1, {});
  const auto run = [&](Hoist hoist, std::size_t cache_bytes) {
    Options options = options_of(hoist, memory_plan::Keep::outputs, "auto");
    options.cache_bytes = cache_bytes;
    const auto session = compile(model->network(), options);
    const std::string digest = digest_of(run_all(*model, instances, order, *session));
    EXPECT_EQ(session->cache().hits() > 0, cache_bytes > 0);
    return digest;
  };
  EXPECT_EQ(run(Hoist::on, kCacheBytes), run(Hoist::off, 0));
}

// A chain of a cell that a user types, part of which has run when the rest is added. Its rest reads
// sums, another early value and a look-up.
TEST(Hoisting, AGraphThatGrowsHasTheSameBits) {
  constexpr std::uint32_t kWidth = 20;
  graph::CellBuilder cell("step");
  const auto row = cell.lookup("table", kWidth);
  const auto h = cell.repeated_input("h", kWidth);
  const auto x = tanh(cell.affine(kWidth, {{"E", row}}, "b_x"));
  const auto y = tanh(cell.affine(kWidth, {{"W", concat(x, h)}}, "b"));
  graph::Network network;
  network.parameters().declare("table", {9, kWidth});
  network.add_type("step", std::make_shared<graph::Cell>(cell.output(y * x + row).build()),
                   {{"table", "table"}});
  nn::initialise(network.parameters(), 3, nn::Vocabulary{});
  const auto run = [&](Hoist hoist) {
    const auto session = compile(network, options_of(hoist, memory_plan::Keep::everything, "auto"));
    graph::Graph graph(network);
    std::vector<float> values;
    for (std::uint32_t segment = 0; segment < 3; ++segment) {
      for (std::uint32_t i = 0; i < 5; ++i) {
        const graph::Operand before{graph.size() - 1};
        graph.add(0, std::span(&before, graph.size() == 0 ? 0 : 1), graph.size() % 9);
      }
      session->step(graph);
      EXPECT_EQ(hoists(*session), hoist != Hoist::off);
    }
    for (graph::NodeId node = 0; node < graph.size(); ++node) {
      const auto got = session->read({node, 0});
      values.insert(values.end(), got.begin(), got.end());
    }
    return values;
  };
  EXPECT_EQ(run(Hoist::on), run(Hoist::off));
}

}  // namespace
}  // namespace sheaf::engine
