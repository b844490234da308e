// SPDX-License-Identifier: Apache-2.0
//
// Models in integers: the promises that hold for floats, and how near they come to these.
#include "sheaf/engine/quantise_model.h"

#include <gtest/gtest.h>

#include <cmath>

#include "sheaf/base/error.h"
#include "sheaf/base/rng.h"
#include "sheaf/compress/block_circulant/block_circulant.h"
#include "sheaf/compress/encode.h"
#include "sheaf/engine/minibatches.h"
#include "sheaf/io/weights_file.h"
#include "sheaf/nn/lenet5.h"
#include "sheaf/nn/vgg8.h"
#include "tests/backend/isas.h"
#include "tests/engine/instances.h"
#include "tests/io/temp_folder.h"
#include "tests/message_of.h"

namespace sheaf::engine {
namespace {

using memory_plan::LayoutMode;

std::vector<InstanceOutputs> run_with(const nn::Model& model,
                                      std::span<const nn::Instance> instances, std::uint32_t batch,
                                      Options options) {
  options.parts.fsm = std::make_shared<const batching::FsmTable>();
  options.parts.costs = test::some_costs(model.network());
  options.verify = true;
  const auto session = compile(model.network(), options);
  return run_all(model, instances, make_order(instances.size(), batch, std::nullopt), *session);
}

// Of all outputs, the largest difference.
double furthest(const std::vector<InstanceOutputs>& a, const std::vector<InstanceOutputs>& b) {
  double most = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t r = 0; r < a[i].rows.size(); ++r) {
      for (std::size_t j = 0; j < a[i].rows[r].size(); ++j) {
        most = std::max(most, std::abs(double{a[i].rows[r][j]} - double{b[i].rows[r][j]}));
      }
    }
  }
  return most;
}

std::size_t count_of(const graph::Network& network, ops::OpKind kind) {
  std::size_t count = 0;
  for (graph::TypeId t = 0; t < network.type_count(); ++t) {
    for (const graph::CellOp& op : network.type(t).cell->ops()) count += op.kind == kind ? 1 : 0;
  }
  return count;
}

class QuantisedModels : public testing::TestWithParam<std::string> {
 protected:
  std::unique_ptr<nn::Model> model_ = test::seeded_model(GetParam());
  std::vector<nn::Instance> instances_ =
      test::random_instances(GetParam(), GetParam() == "lac" ? 4 : 10, GetParam() == "lac" ? 3 : 9);
};

TEST_P(QuantisedModels, HaveNoProductOfFloatsLeft) {
  const Quantisation result = quantise_model(*model_, instances_, {});
  EXPECT_FALSE(result.weights.empty());
  if (result.unseen.empty()) {
    EXPECT_EQ(count_of(model_->network(), ops::OpKind::affine), 0U);
  }
  EXPECT_GT(count_of(model_->network(), ops::OpKind::quantised_affine), 0U);
}

TEST_P(QuantisedModels, OneDigestForEveryPolicyBatchLayoutHoistAndNumberOfThreads) {
  static_cast<void>(quantise_model(*model_, instances_, {}));
  base::ThreadPool pool(3);
  for (const std::string& isa : test::isas()) {
    const bool large = GetParam() == "lac";
    if (isa == "reference" && large) continue;
    Options options;
    options.isa = isa;
    options.policy = "single";
    const std::string digest = digest_of(run_with(*model_, instances_, 1, options));
    for (const std::string& policy : batching::policy_names()) {
      if (large && policy != "agenda" && policy != "critical") continue;
      options.policy = policy;
      for (const LayoutMode layout : {LayoutMode::planned, LayoutMode::unplanned}) {
        options.layout = layout;
        ASSERT_EQ(digest_of(run_with(*model_, instances_, 7, options)), digest)
            << isa << ", " << policy;
      }
    }
    options.pool = &pool;
    options.layout = LayoutMode::planned;
    for (const auto hoist : {memory_plan::Hoist::on, memory_plan::Hoist::off}) {
      options.hoist = hoist;
      ASSERT_EQ(digest_of(run_with(*model_, instances_, 64, options)), digest) << isa;
    }
  }
}

TEST_P(QuantisedModels, AreNearTheirFloats) {
  const auto floats = run_with(*model_, instances_, 64, {});
  static_cast<void>(quantise_model(*model_, instances_, {.bits = {12, 12}}));
  const double at_12 = furthest(run_with(*model_, instances_, 64, {}), floats);
  EXPECT_GT(at_12, 0);
  EXPECT_LT(at_12, 0.01);
}

TEST_P(QuantisedModels, ComeBackFromAFileOfWeights) {
  const Quantisation quantisation = quantise_model(*model_, instances_, {.bits = {8, 6}});
  const std::string digest = digest_of(run_with(*model_, instances_, 64, {}));
  const test::TempFolder folder;
  const std::string path = folder.path("weights");
  io::save_weights(path, model_->network().parameters(), GetParam(), {},
                   quantised_metadata(quantisation));
  const auto again = test::seeded_model(GetParam());
  io::WeightsFile file = io::read_weights(path);
  const auto found = take_quantised_form(file.metadata, path, *again);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->bits, (tensor::Bits{8, 6}));
  EXPECT_EQ(found->weights, quantisation.weights);
  io::assign_weights(std::move(file), again->network().parameters());
  EXPECT_EQ(digest_of(run_with(*again, instances_, 64, {})), digest);
}

INSTANTIATE_TEST_SUITE_P(Models, QuantisedModels, testing::ValuesIn(nn::model_names()),
                         test::model_name);

// ---- block-circulant weights

TEST(QuantisedModel, OfBlockCirculantWeightsGivesTheBitsOfTheExpandedOnes) {
  const auto model = test::seeded_model("tree_lstm", 32);
  const auto instances = test::random_instances("tree_lstm", 20, 9);
  std::vector<compress::EncodeRule> rules = {compress::parse_encode_rule("W*=block_circulant:k=8"),
                                             compress::parse_encode_rule("U*=block_circulant:k=4")};
  static_cast<void>(compress::encode(rules, model->network()));
  static_cast<void>(quantise_model(*model, instances, {}));
  const std::string digest = digest_of(run_with(*model, instances, 64, {}));
  graph::ParameterStore& parameters = model->network().parameters();
  std::size_t expanded = 0;
  for (graph::ParameterId id = 0; id < parameters.size(); ++id) {
    if (parameters[id].encoding.is_dense()) continue;
    ++expanded;
    tensor::Tensor dense = compress::expand(parameters[id].value, parameters[id].encoding.block);
    parameters.encode(id, tensor::kDense);
    parameters.assign(id, std::move(dense));
  }
  EXPECT_GT(expanded, 0U);
  EXPECT_EQ(digest_of(run_with(*model, instances, 64, {})), digest);
}

// ---- pictures

template <class Net, class... Arguments>
std::unique_ptr<nn::PictureNet> picture_net(const Arguments&... arguments) {
  auto model = std::make_unique<Net>(arguments...);
  model->initialise(3);
  graph::ParameterStore& parameters = model->network().parameters();
  base::Rng rng(5, "pixels");
  for (const char* name : {nn::kPixels, "conv1.variance", "conv1.mean"}) {
    for (graph::ParameterId id = 0; id < parameters.size(); ++id) {
      if (parameters[id].name != name) continue;
      tensor::Tensor value(parameters[id].shape);
      for (float& x : value.values()) x = rng.uniform(0.1F, 1);
      parameters.assign(id, std::move(value));
    }
  }
  return model;
}

std::vector<nn::Instance> pictures(std::uint32_t count) {
  std::vector<nn::Instance> instances;
  for (std::uint32_t i = 0; i < count; ++i) instances.emplace_back(nn::Picture{i, 0});
  return instances;
}

void expect_one_digest(const nn::Model& model, std::span<const nn::Instance> instances) {
  for (const std::string& isa : test::isas()) {
    Options options;
    options.isa = isa;
    const std::string digest = digest_of(run_with(model, instances, 1, options));
    for (const std::uint32_t batch : {2U, 64U}) {
      EXPECT_EQ(digest_of(run_with(model, instances, batch, options)), digest) << isa;
    }
    options.layout = LayoutMode::unplanned;
    EXPECT_EQ(digest_of(run_with(model, instances, 3, options)), digest) << isa;
  }
}

TEST(QuantisedPictures, Lenet5IsNearItsFloatsWithOneDigest) {
  const auto model = picture_net<nn::Lenet5>(nn::PictureShape{.pictures = 4});
  const auto instances = pictures(4);
  const auto floats = run_with(*model, instances, 64, {});
  const Quantisation result = quantise_model(*model, instances, {.bits = {12, 12}});
  EXPECT_EQ(result.weights.size(), 5U);
  EXPECT_TRUE(result.unseen.empty());
  EXPECT_EQ(count_of(model->network(), ops::OpKind::quantised_conv2d), 2U);
  EXPECT_LT(furthest(run_with(*model, instances, 64, {}), floats), 0.02);
  expect_one_digest(*model, instances);
}

TEST(QuantisedPictures, Vgg8IsFoldedAndNearItsFloatsWithOneDigest) {
  const auto model = picture_net<nn::Vgg8>(
      nn::PictureShape{.height = 8, .width = 8, .channels = 3, .classes = 5, .pictures = 4},
      nn::Vgg8Options{.channels = {4, 6, 8}, .hidden = 12, .batch_norm = true});
  const auto instances = pictures(4);
  const auto floats = run_with(*model, instances, 64, {});
  const Quantisation result = quantise_model(*model, instances, {.bits = {12, 12}});
  EXPECT_EQ(result.weights.size(), 8U);  // the folded ones; those of training are not met
  EXPECT_LT(furthest(run_with(*model, instances, 64, {}), floats), 0.02);
  expect_one_digest(*model, instances);
}

// ---- options

TEST(QuantisedModel, KeepsWhatIsToStayFloat) {
  const auto model = test::seeded_model("tree_lstm");
  const auto instances = test::random_instances("tree_lstm", 20, 9);
  const auto all = quantise_model(*test::seeded_model("tree_lstm"), instances, {});
  const auto result = quantise_model(*model, instances, {.keep_float = {"head.*"}});
  EXPECT_EQ(result.weights.size() + 1, all.weights.size());
  EXPECT_EQ(count_of(model->network(), ops::OpKind::affine), 1U);
}

TEST(QuantisedModel, FewerBitsAreFurtherAway) {
  const auto instances = test::random_instances("tree_lstm", 20, 9);
  const auto floats = run_with(*test::seeded_model("tree_lstm"), instances, 64, {});
  double before = 1e9;
  for (const std::uint32_t bits : {3U, 5U, 8U, 12U}) {
    const auto model = test::seeded_model("tree_lstm");
    static_cast<void>(quantise_model(*model, instances, {.bits = {bits, bits}}));
    const double now = furthest(run_with(*model, instances, 64, {}), floats);
    EXPECT_LT(now, before) << bits;
    before = now;
  }
}

std::string refusal(const QuantiseOptions& options, std::uint32_t instances = 3) {
  const auto model = test::seeded_model("tree_lstm");
  const auto data = test::random_instances("tree_lstm", 3, 9);
  return test::message_of<base::UsageError>([&] {
    static_cast<void>(quantise_model(*model, std::span(data).first(instances), options));
  });
}

TEST(QuantisedModel, MessageAsksForInstances) {
  EXPECT_EQ(refusal({}, 0), "[quantise] calibration: got no instances, expected one or more");
}

TEST(QuantisedModel, MessageNamesAPercentileThatIsNone) {
  EXPECT_EQ(refusal({.percentile = 0}),
            "[quantise] percentile: got 0.000000, expected more than 0 and at most 100");
}

TEST(QuantisedModel, MessageNamesAPatternThatFitsNoWeight) {
  EXPECT_EQ(refusal({.keep_float = {"X_*"}}).substr(0, 67),
            "[quantise] pattern of weights that stay floats: got 'X_*', expected");
}

TEST(QuantisedModel, MessageNamesMetadataThatDoNotFit) {
  const auto model = test::seeded_model("tree_lstm");
  const std::map<std::string, std::string, std::less<>> metadata = {
      {"quantised", R"({"bits":"8x8","weights":["leaf.X"]})"}};
  const std::string message = test::message_of<base::DataError>(
      [&] { static_cast<void>(take_quantised_form(metadata, "FILE", *model)); });
  EXPECT_EQ(message.substr(0, 37), "[FILE] metadata 'quantised': got [par");
}

TEST(QuantisedModel, AFileOfFloatsLeavesTheModelAsItIs) {
  const auto model = test::seeded_model("tree_lstm");
  EXPECT_FALSE(take_quantised_form({}, "FILE", *model).has_value());
  EXPECT_EQ(count_of(model->network(), ops::OpKind::quantise), 0U);
}

}  // namespace
}  // namespace sheaf::engine
