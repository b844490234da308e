// SPDX-License-Identifier: Apache-2.0
#include "sheaf/train/crc32c.h"

#include <gtest/gtest.h>

#include <string>

namespace sheaf::train {
namespace {

TEST(Crc32c, IsThatOfTheStandard) {
  // RFC 3720, appendix B.4, whose bytes are those of the number from low to high.
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aaU);
  EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62a8ab43U);
  std::string ascending;
  for (int i = 0; i < 32; ++i) ascending += static_cast<char>(i);
  EXPECT_EQ(crc32c(ascending), 0x46dd794eU);
  EXPECT_EQ(crc32c(std::string(ascending.rbegin(), ascending.rend())), 0x113fdb5cU);
  EXPECT_EQ(crc32c("123456789"), 0xe3069283U);
  EXPECT_EQ(crc32c(""), 0U);
}

TEST(Crc32c, MaskRotatesAndAdds) {
  EXPECT_EQ(masked_crc32c(""), 0xa282ead8U);
  // 0xe3069283 rotated right by 15 is 0x2507c60d.
  EXPECT_EQ(masked_crc32c("123456789"), 0x2507c60dU + 0xa282ead8U);
}

}  // namespace
}  // namespace sheaf::train
