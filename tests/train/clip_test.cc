// SPDX-License-Identifier: Apache-2.0
#include "sheaf/train/clip.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "tests/train/toy.h"

namespace sheaf::train {
namespace {

using test::dense;
using test::sparse;
using test::values_of;
using Values = std::vector<float>;

graph::Gradients of(const Values& first, const Values& second) {
  graph::Gradients gradients(3);  // the middle one is empty
  gradients[0] = dense({1, static_cast<std::uint32_t>(first.size())}, first);
  gradients[2] = sparse({4}, static_cast<std::uint32_t>(second.size()), second);
  return gradients;
}

TEST(Clip, NormIsThatOfDenseAndSparseTogether) {
  EXPECT_EQ(global_norm(of({1, 2, -4}, {2, 0})), 5);
  EXPECT_EQ(global_norm({}), 0);
}

TEST(Clip, NormOfManyIsTheirsWhateverTheRemainder) {
  for (std::uint32_t size = 1; size < 40; ++size) {
    graph::Gradients gradients;
    gradients.push_back(dense({1, size}, Values(size, 3)));
    EXPECT_NEAR(global_norm(gradients), 3 * std::sqrt(size), 1e-12) << size;
  }
}

TEST(Clip, NormIsFiniteIfAndOnlyIfEveryNumberIs) {
  constexpr float kMost = std::numeric_limits<float>::max();
  EXPECT_TRUE(std::isfinite(global_norm(of(Values(1000, kMost), Values(1000, -kMost)))));
  for (const float bad : {std::numeric_limits<float>::infinity(), std::nanf("")}) {
    EXPECT_FALSE(std::isfinite(global_norm(of({1, bad}, {1}))));
    EXPECT_FALSE(std::isfinite(global_norm(of({1}, {0, 0, 0, 0, 0, 0, 0, 0, 0, bad}))));
  }
}

TEST(Clip, ByNormIsThatOfTorch) {
  // torch.nn.utils.clip_grad_norm_(..., 1.5) of torch 1.13.
  graph::Gradients gradients = of({2, -3, 1e-3F, 1}, {4, -2});
  const double norm = global_norm(gradients);
  EXPECT_NEAR(norm, 5.830951690673828, 1e-6);
  scale(gradients, clip_factor(norm, 1.5));
  const Values torch = {0.5144957304F, -0.7717435956F, 0.0002572478842F, 0.2572478652F};
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_NEAR(gradients[0].dense.values()[i], torch[i], 1e-7);
  }
  EXPECT_NEAR(gradients[2].row_values.values()[0], 1.02899146080, 2e-7);
  EXPECT_NEAR(global_norm(gradients), 1.5, 1e-6);
}

TEST(Clip, FactorOfASmallNormIsOne) {
  EXPECT_EQ(clip_factor(0.5, 1), 1);
  EXPECT_EQ(clip_factor(0, 1), 1);
}

TEST(Clip, ByValueMovesWhatIsOutside) {
  graph::Gradients gradients = of({2, -3, 0.5F}, {-0.25F, 1});
  clip_values(gradients, 1);
  EXPECT_EQ(values_of(gradients[0].dense), (Values{1, -1, 0.5F}));
  EXPECT_EQ(values_of(gradients[2].row_values), (Values{-0.25F, 1}));
}

}  // namespace
}  // namespace sheaf::train
