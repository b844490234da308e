// SPDX-License-Identifier: Apache-2.0
//
// Models whose weights are block-circulant: the promises that hold for dense ones.
#include <gtest/gtest.h>

#include "sheaf/compress/block_circulant/block_circulant.h"
#include "sheaf/compress/encode.h"
#include "sheaf/engine/minibatches.h"
#include "tests/backend/isas.h"
#include "tests/engine/instances.h"

namespace sheaf::engine {
namespace {

using memory_plan::LayoutMode;

constexpr std::uint32_t kHidden = 32;

enum class Mix : std::uint8_t { all, half, sizes };

// Encodes the weights that fit: all of them with k = 8, every other one (dense and encoded terms of
// one affine op), or with k = 2, 4, 8, 16 in turn. Gives how many were encoded.
std::uint32_t encode_weights(nn::Model& model, Mix mix) {
  std::uint32_t seen = 0;
  std::uint32_t encoded = 0;
  graph::ParameterStore& parameters = model.network().parameters();
  for (const graph::ParameterId id : compress::product_weights(model.network())) {
    ++seen;
    const std::uint32_t k = mix == Mix::sizes ? 2U << (seen % 4) : 8;
    const tensor::Encoding encoding = tensor::block_circulant(k);
    if (!tensor::fits(encoding, parameters[id].shape) || (mix == Mix::half && seen % 2 == 0)) {
      continue;
    }
    tensor::Tensor stored = compress::project(parameters[id].value, k);
    parameters.encode(id, encoding);
    parameters.assign(id, std::move(stored));
    ++encoded;
  }
  return encoded;
}

// Every encoded weight again dense, with the values that it stands for.
void expand_weights(nn::Model& model) {
  graph::ParameterStore& parameters = model.network().parameters();
  for (graph::ParameterId id = 0; id < parameters.size(); ++id) {
    if (parameters[id].encoding.is_dense()) continue;
    tensor::Tensor dense = compress::expand(parameters[id].value, parameters[id].encoding.block);
    parameters.encode(id, tensor::kDense);
    parameters.assign(id, std::move(dense));
  }
}

class EncodedModels : public testing::TestWithParam<std::string> {
 protected:
  std::vector<InstanceOutputs> run(const nn::Model& model, const std::string& policy,
                                   std::uint32_t batch, const std::string& isa = "auto",
                                   LayoutMode layout = LayoutMode::planned) {
    Options options;
    options.policy = policy;
    options.parts.fsm = std::make_shared<const batching::FsmTable>();
    options.parts.costs = test::some_costs(model.network());
    options.layout = layout;
    options.isa = isa;
    options.verify = true;
    const auto session = compile(model.network(), options);
    const Order order = make_order(instances_.size(), batch, std::nullopt);
    return run_all(model, instances_, order, *session);
  }

  std::vector<nn::Instance> instances_ =
      test::random_instances(GetParam(), 66, GetParam() == "lac" ? 3 : 9);
};

void expect_near(const std::vector<InstanceOutputs>& got,
                 const std::vector<InstanceOutputs>& wanted) {
  ASSERT_EQ(got.size(), wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    ASSERT_EQ(got[i].rows.size(), wanted[i].rows.size());
    for (std::size_t r = 0; r < wanted[i].rows.size(); ++r) {
      for (std::size_t j = 0; j < wanted[i].rows[r].size(); ++j) {
        ASSERT_NEAR(got[i].rows[r][j], wanted[i].rows[r][j], 1e-5);
      }
    }
  }
}

TEST_P(EncodedModels, OneDigestForEveryPolicyBatchAndLayout) {
  for (const std::string& isa : test::isas()) {
    if (isa == "reference") continue;
    for (const Mix mix : {Mix::all, Mix::half}) {
      const auto model = test::seeded_model(GetParam(), kHidden);
      ASSERT_GT(encode_weights(*model, mix), 0U);
      const std::string digest = digest_of(run(*model, "single", 1, isa));
      for (const std::string& policy : batching::policy_names()) {
        for (const std::uint32_t batch : {1U, 7U, 64U}) {
          ASSERT_EQ(digest_of(run(*model, policy, batch, isa)), digest)
              << isa << ", " << policy << ", batch " << batch;
        }
      }
      EXPECT_EQ(digest_of(run(*model, "critical", 64, isa, LayoutMode::unplanned)), digest) << isa;
    }
  }
}

TEST_P(EncodedModels, GiveWhatTheirExpandedWeightsGive) {
  for (const Mix mix : {Mix::all, Mix::half, Mix::sizes}) {
    const auto model = test::seeded_model(GetParam(), kHidden);
    ASSERT_GT(encode_weights(*model, mix), 0U);
    std::vector<std::vector<InstanceOutputs>> got;
    for (const std::string& isa : test::isas()) got.push_back(run(*model, "critical", 64, isa));
    expand_weights(*model);
    const auto wanted = run(*model, "critical", 64, "reference");
    for (const auto& outputs : got) expect_near(outputs, wanted);
  }
}

TEST_P(EncodedModels, TakeFewerFlops) {
  const auto model = test::seeded_model(GetParam(), kHidden);
  const auto all = [&] {
    std::uint64_t flops = 0;
    for (graph::TypeId t = 0; t < model->network().type_count(); ++t) {
      flops += model->network().encoded_flops(t);
    }
    return flops;
  };
  const std::uint64_t dense = all();
  encode_weights(*model, Mix::all);
  EXPECT_LT(all(), dense);
  expand_weights(*model);
  EXPECT_EQ(all(), dense);
}

INSTANTIATE_TEST_SUITE_P(Models, EncodedModels,
                         testing::ValuesIn(nn::model_names().begin(), nn::model_names().end()),
                         test::model_name);

TEST(EncodedSession, PacksAgainWhenAWeightChanges) {
  const auto model = test::seeded_model("tree_lstm", kHidden);
  encode_weights(*model, Mix::all);
  const auto instances = test::random_instances("tree_lstm", 3, 5);
  const auto session = compile(model->network());
  const Order order = make_order(instances.size(), 3, std::nullopt);
  const std::string before = digest_of(run_all(*model, instances, order, *session));
  graph::ParameterStore& parameters = model->network().parameters();
  const graph::ParameterId id = compress::product_weights(model->network())[0];
  tensor::Tensor other(parameters[id].stored_shape());
  std::copy(parameters[id].value.values().begin(), parameters[id].value.values().end(),
            other.values().begin());
  other.values()[3] += 0.5F;
  parameters.assign(id, std::move(other));
  EXPECT_NE(digest_of(run_all(*model, instances, order, *session)), before);
}

TEST(EncodedSession, RefusesAWeightThatWasEncodedAfterIt) {
  const auto model = test::seeded_model("tree_lstm", kHidden);
  const auto session = compile(model->network());
  encode_weights(*model, Mix::all);
  graph::Graph graph(model->network());
  build_graph(*model, test::random_instances("tree_lstm", 1, 5), std::vector<std::uint32_t>{0},
              graph);
  EXPECT_THROW(session->step(graph), base::UsageError);
}

}  // namespace
}  // namespace sheaf::engine
