// SPDX-License-Identifier: Apache-2.0
#include "sheaf/backend/cpu/read_bandwidth.h"

#include <gtest/gtest.h>

#include "sheaf/tensor/aligned_buffer.h"

namespace sheaf::backend::cpu {
namespace {

// Whole numbers, so that every order of summing gives the same.
TEST(SumOf, ReadsEveryFloatOnce) {
  for (const std::size_t floats : {0U, 1U, 15U, 127U, 128U, 129U, 1000U}) {
    tensor::AlignedBuffer buffer(floats + 1);
    float wanted = 0;
    for (std::size_t i = 0; i < floats; ++i) {
      buffer.data()[i] = static_cast<float>(i % 7);
      wanted += buffer.data()[i];
    }
    buffer.data()[floats] = 1e9F;  // not part of it
    EXPECT_EQ(sum_of(buffer.data(), floats), wanted) << floats;
  }
}

TEST(MeasureReadBandwidth, KnowsFourLevelsOfGrowingSize) {
  const auto levels = measure_read_bandwidth(base::ThreadCpuClock());
  EXPECT_EQ(levels[0].name, "L1");
  EXPECT_EQ(levels[3].name, "DRAM");
  for (std::size_t l = 0; l < levels.size(); ++l) {
    EXPECT_GT(levels[l].gigabytes_per_s, 0) << levels[l].name;
    if (l > 0) {
      EXPECT_GT(levels[l].bytes, levels[l - 1].bytes);
    }
  }
}

}  // namespace
}  // namespace sheaf::backend::cpu
