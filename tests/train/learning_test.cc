// SPDX-License-Identifier: Apache-2.0
#include "sheaf/train/learning.h"

#include <gtest/gtest.h>

#include "sheaf/base/error.h"
#include "tests/io/temp_folder.h"
#include "tests/message_of.h"

namespace sheaf::train {
namespace {

// Label 0: a before b; 1: b before a; 2: a alone. The first two are the same bag of leaves, so
// that only who sees the order tells them apart.
constexpr const char* kTrees =
    "(0 (_ a) (_ b))\n(1 (_ b) (_ a))\n(2 (_ a) (_ a))\n"
    "(0 (_ a) (_ (_ c) (_ b)))\n(1 (_ b) (_ (_ c) (_ a)))\n(1 (_ (_ b) (_ c)) (_ a))\n";

class LearningTest : public ::testing::Test {
 protected:
  [[nodiscard]] LearningData read(const std::string& train, const std::string& dev) const {
    return read_learning_data(folder_.write("train.txt", train), folder_.write("dev.txt", dev), 1);
  }
  static LearningOptions options(std::uint64_t epochs) {
    LearningOptions options;
    options.optimiser.name = "adam";
    options.rate = 0.05;
    options.batch = 3;
    options.epochs = epochs;
    return options;
  }
  static LearningCurve learned(const LearningData& data, std::size_t contestant,
                               const LearningOptions& options) {
    return learn(tree_contestants(data, 8, 1).at(contestant), data, options, base::WallClock());
  }

  test::TempFolder folder_;
};

// Advances by a second whenever it is asked.
class SteppingClock final : public base::Clock {
 public:
  [[nodiscard]] std::uint64_t now_ns() const override { return 1'000'000'000 * ++asked_; }

 private:
  mutable std::uint64_t asked_ = 0;
};

TEST_F(LearningTest, TheMajorityIsThatOfTheTrainingPart) {
  EXPECT_DOUBLE_EQ(read(kTrees, kTrees).majority_accuracy(), 0.5);
  EXPECT_DOUBLE_EQ(read(kTrees, "(1 (_ a) (_ b))\n(_ a)\n(0 a)\n(1 b)\n").majority_accuracy(),
                   2.0 / 3);
}

TEST_F(LearningTest, ATreeLstmTellsOrdersApartAndABagDoesNot) {
  const LearningData data = read(kTrees, kTrees);
  const LearningCurve bag = learned(data, 0, options(60));
  const LearningCurve tree = learned(data, 1, options(60));
  EXPECT_EQ(bag.name, "Bag of leaves");
  EXPECT_EQ(tree.name, "Tree-LSTM");
  ASSERT_EQ(tree.points.size(), 60U);
  EXPECT_DOUBLE_EQ(tree.points.back().dev_accuracy, 1);
  EXPECT_LT(tree.points.back().train_loss, 0.2);
  // One of (a, b) and (b, a), and one of the two with c, are wrong whatever it says.
  EXPECT_LE(bag.points.back().dev_accuracy, 4.0 / 6 + 1e-9);
  EXPECT_GT(bag.points.back().train_loss, 0.4);
}

TEST_F(LearningTest, IsAFunctionOfTheSeed) {
  const LearningData data = read(kTrees, kTrees);
  LearningOptions some = options(3);
  some.dropout_lookups = 0.3F;
  some.dropout_heads = 0.3F;
  const auto losses = [&](std::uint64_t seed) {
    some.seed = seed;
    std::vector<double> losses;
    for (const LearningPoint& point : learned(data, 1, some).points) {
      losses.push_back(point.train_loss);
    }
    return losses;
  };
  EXPECT_EQ(losses(1), losses(1));
  EXPECT_NE(losses(1), losses(2));
}

TEST_F(LearningTest, EvaluationIsWithoutDropout) {
  const LearningData data = read(kTrees, kTrees);
  LearningOptions dropping = options(60);
  dropping.dropout_heads = 0.5F;
  EXPECT_DOUBLE_EQ(learned(data, 1, dropping).points.back().dev_accuracy, 1);
}

// Two minibatches an epoch. The clock is read when an epoch begins and before it is evaluated.
TEST_F(LearningTest, CountsTheTimeOfUpdatesAndEndsWithTheEpochInWhichItIsUp) {
  const LearningData data = read(kTrees, kTrees);
  const SteppingClock clock;
  LearningOptions brief = options(9);
  brief.most_seconds = 2.5;
  std::vector<std::uint64_t> steps;
  const LearningCurve curve = learn(tree_contestants(data, 8, 1).at(0), data, brief, clock,
                                    [&](std::uint64_t step, std::uint64_t all) {
                                      EXPECT_EQ(all, 18U);
                                      steps.push_back(step);
                                    });
  ASSERT_EQ(curve.points.size(), 3U);
  for (std::size_t epoch = 0; epoch < 3; ++epoch) {
    EXPECT_DOUBLE_EQ(curve.points[epoch].seconds, static_cast<double>(epoch + 1));
  }
  EXPECT_EQ(steps, (std::vector<std::uint64_t>{1, 2, 3, 4, 5, 6}));
  EXPECT_DOUBLE_EQ(curve.trees_per_s, 6);
}

TEST_F(LearningTest, CountsTheNumbersOfAModel) {
  const LearningData data = read(kTrees, kTrees);
  // Four words, one of which is "<unk>"; W, b; five classes at least.
  EXPECT_EQ(learned(data, 0, options(1)).parameters, 4 * 8 + 8 * 8 + 8 + 5 * 8);
}

TEST_F(LearningTest, RefusesDataWithoutTreesOrLabels) {
  EXPECT_EQ(test::message_of<base::DataError>([&] { (void)read(kTrees, "\n"); }),
            "[" + folder_.path("dev.txt") + "] trees: got none, expected some");
  const LearningData unlabelled = read(kTrees, "(_ (0 a) (_ b))\n");
  EXPECT_EQ(test::message_of<base::DataError>([&] { learned(unlabelled, 0, options(1)); }),
            "[held-out trees] labels of roots: got none, expected one or more");
}

}  // namespace
}  // namespace sheaf::train
