// SPDX-License-Identifier: Apache-2.0
#include "sheaf/tensor/aligned_buffer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <utility>

#include "sheaf/base/error.h"
#include "tests/message_of.h"

// Under the address sanitizer an allocation that is too large returns null, as it does without,
// rather than ending the test.
extern "C" const char* __asan_default_options();
extern "C" const char* __asan_default_options() { return "allocator_may_return_null=1"; }

namespace sheaf::tensor {
namespace {

constexpr std::size_t kHugePageFloats = (std::size_t{2} << 20U) / sizeof(float);

std::uintptr_t address(const AlignedBuffer& buffer) {
  return reinterpret_cast<std::uintptr_t>(buffer.data());
}

void fill_and_expect(AlignedBuffer& buffer) {
  std::fill_n(buffer.data(), buffer.size(), 1.5F);
  EXPECT_EQ(buffer.data()[0], 1.5F);
  EXPECT_EQ(buffer.data()[buffer.size() - 1], 1.5F);
}

TEST(RoundUp, GivesTheNextMultiple) {
  EXPECT_EQ(round_up(0, 16), 0U);
  EXPECT_EQ(round_up(1, 16), 16U);
  EXPECT_EQ(round_up(16, 16), 16U);
  EXPECT_EQ(round_up(17, 16), 32U);
  EXPECT_EQ(round_up(10, 3), 12U);
}

TEST(RowAlignment, IsOneCacheLine) { EXPECT_EQ(kRowAlignment * sizeof(float), 64U); }

TEST(AlignedBuffer, SmallBuffersStartAtACacheLine) {
  for (const std::size_t floats : {1, 15, 16, 17, 100, 4097}) {
    AlignedBuffer buffer(floats);
    EXPECT_EQ(buffer.size(), floats);
    EXPECT_EQ(address(buffer) % 64, 0U) << floats;
    fill_and_expect(buffer);
  }
}

TEST(AlignedBuffer, LargeBuffersStartAtAHugePage) {
  for (const std::size_t floats : {kHugePageFloats, kHugePageFloats + 1, 3 * kHugePageFloats - 5}) {
    AlignedBuffer buffer(floats);
    EXPECT_EQ(buffer.size(), floats);
    EXPECT_EQ(address(buffer) % (std::size_t{2} << 20U), 0U) << floats;
    fill_and_expect(buffer);
  }
}

TEST(AlignedBuffer, OfNoFloatsHasNoMemory) {
  EXPECT_EQ(AlignedBuffer(0).data(), nullptr);
  EXPECT_EQ(AlignedBuffer(0).size(), 0U);
  EXPECT_EQ(AlignedBuffer().data(), nullptr);
  EXPECT_EQ(AlignedBuffer().size(), 0U);
}

TEST(AlignedBuffer, MovesWithoutCopying) {
  AlignedBuffer buffer(8);
  buffer.data()[7] = 2.5F;
  const float* before = buffer.data();
  const AlignedBuffer moved = std::move(buffer);
  EXPECT_EQ(moved.data(), before);
  EXPECT_EQ(moved.size(), 8U);
  EXPECT_EQ(moved.data()[7], 2.5F);
}

TEST(AlignedBuffer, MessageTellsHowManyFloatsCannotBeReserved) {
  EXPECT_EQ(
      test::message_of<base::ResourceError>([] { AlignedBuffer buffer(std::size_t{1} << 60U); }),
      "[memory] cannot reserve a buffer: got 1152921504606846976 floats; use a smaller --batch or "
      "--hidden");
}

TEST(AlignedBuffer, RefusesASizeWhoseBytesOverflow) {
  // 2^62 floats are 2^64 bytes, which is 0 in 64 bits.
  EXPECT_THROW(AlignedBuffer(std::size_t{1} << 62U), base::ResourceError);
  EXPECT_THROW(AlignedBuffer((std::size_t{1} << 62U) + 4), base::ResourceError);
  EXPECT_THROW(AlignedBuffer((std::size_t{1} << 62U) - 1), base::ResourceError);
}

}  // namespace
}  // namespace sheaf::tensor
