// SPDX-License-Identifier: Apache-2.0
#include "sheaf/io/digest.h"

#include <gtest/gtest.h>

#include <vector>

#include "sheaf/base/error.h"
#include "tests/io/temp_folder.h"

namespace sheaf::io {
namespace {

// The expected digests are those of Python's hashlib.sha256 over struct.pack('<Nf', ...).

std::string digest_of(const std::vector<float>& values) {
  Sha256 sha;
  sha.update(values);
  return sha.hex();
}

TEST(Sha256, OfNoValuesIsThatOfTheEmptyString) {
  const std::string empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
  EXPECT_EQ(Sha256().hex(), empty);
  EXPECT_EQ(digest_of({}), empty);
}

TEST(Sha256, OfValuesIsThatOfTheirLittleEndianBytes) {
  EXPECT_EQ(digest_of({1.0F, -2.5F, 0.1F}),
            "2f9cc761bc2594fa578868daeedc59b0fc115513fae3e5dc09c4e86e50b8aaf6");
}

TEST(Sha256, TellsMinusZeroFromZero) {
  EXPECT_EQ(digest_of({-0.0F}), "6d58692645c9d1cfaf13541cbd258f86193ef63c2f1d38f6bbca9617372d7bd6");
  EXPECT_EQ(digest_of({0.0F}), "df3f619804a92fdb4057192dc43dd748ea778adc52bc498ce80524c014b81119");
}

TEST(Sha256, OfPartsIsThatOfTheWhole) {
  std::vector<float> values(100'000);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i);
  const std::string whole = "9e47e75ea5ad551fa74d033c3808f45b3f010a4429d8ba807fd0b94d2893aa34";
  EXPECT_EQ(digest_of(values), whole);
  Sha256 sha;
  const std::span<const float> all(values);
  for (std::size_t begin = 0, size = 0; begin < all.size(); begin += size) {
    size = std::min<std::size_t>(begin % 1009 + 1, all.size() - begin);
    sha.update(all.subspan(begin, size));
  }
  EXPECT_EQ(sha.hex(), whole);
}

TEST(Sha256, OfBytesIsThatOfTheStandard) {
  // FIPS 180-4's example "abc".
  Sha256 sha;
  sha.update(std::string_view("a"));
  sha.update(std::string_view("bc"));
  EXPECT_EQ(sha.hex(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(DigestOfFile, IsThatOfItsBytesHoweverLongItIs) {
  const test::TempFolder folder;
  for (const std::size_t size : {0U, 5U, 1U << 20U, (1U << 20U) + 3U, 5U << 19U}) {
    std::string bytes(size, 'x');
    if (size > 0) bytes.back() = 'y';
    Sha256 sha;
    sha.update(std::string_view(bytes));
    EXPECT_EQ(digest_of_file(folder.write("file", bytes)), sha.hex()) << size;
  }
  EXPECT_THROW((void)digest_of_file(folder.path("none")), base::NotFoundError);
}

}  // namespace
}  // namespace sheaf::io
