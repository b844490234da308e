// SPDX-License-Identifier: Apache-2.0
#include "sheaf/io/idx.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <array>
#include <filesystem>

#include "sheaf/base/error.h"
#include "sheaf/io/file.h"
#include "sheaf/io/gzip.h"
#include "tests/io/idx_bytes.h"
#include "tests/io/temp_folder.h"
#include "tests/message_of.h"

namespace sheaf::io {
namespace {

constexpr const char* kFashionMnist = "/usr/share/datasets/fashion-mnist";

using test::idx;

std::string gzip(const std::string& bytes) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(bytes.size() + 200, '\0');
  std::string in = bytes;
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(out.size() - stream.avail_out);
  deflateEnd(&stream);
  return out;
}

std::string refusal(const std::string& bytes) {
  return test::message_of<base::DataError>([&] { static_cast<void>(read_idx(bytes, "a.idx")); });
}

TEST(Idx, AnArrayHasItsSizesAndValues) {
  const IdxArray array = read_idx(idx({2, 3}, "abcdef"), "a.idx");
  EXPECT_EQ(array.sizes, (std::vector<std::uint32_t>{2, 3}));
  EXPECT_EQ(array.bytes, "abcdef");
}

TEST(Idx, ACompressedArrayIsReadAsWell) {
  EXPECT_EQ(read_idx(gzip(idx({6}, "abcdef")), "a.idx").bytes, "abcdef");
}

TEST(Idx, MembersOfAGzipFileFollowEachOther) {
  const std::string bytes = idx({6}, "abcdef");
  EXPECT_EQ(read_idx(gzip(bytes.substr(0, 7)) + gzip(bytes.substr(7)), "a.idx").bytes, "abcdef");
}

TEST(Idx, WhatIsNoArrayIsRefused) {
  EXPECT_EQ(refusal("abcd"),
            "[a.idx] IDX file: got 'abcd', expected two bytes of 0, a type and a number of "
            "dimensions");
  EXPECT_EQ(refusal(idx({1}, "abcd", 13)),
            "[a.idx] type of its values: got 13, expected 8, unsigned bytes");
  EXPECT_EQ(refusal(idx({}, "")), "[a.idx] dimensions: got 0, expected 1 or more");
  EXPECT_EQ(refusal(idx({2, 3}, "").substr(0, 10)),
            "[a.idx] sizes of 2 dimensions: got 10 bytes in all, expected 12 or more");
}

TEST(Idx, SizesThatDoNotFitTheBytesAreRefused) {
  EXPECT_EQ(refusal(idx({2, 3}, "abcde")),
            "[a.idx] values of an array of 2 x 3: got 5 bytes, expected 6");
  EXPECT_EQ(refusal(idx({2, 3}, "abcdefg")),
            "[a.idx] values of an array of 2 x 3: got 7 bytes, expected 6");
  EXPECT_EQ(refusal(idx({2, 0}, "")),
            "[a.idx] an array of 2 x 0: got 0 values, expected 1 to 1073741824");
  // A product that 64 bits do not hold.
  EXPECT_EQ(refusal(idx({~0U, ~0U, ~0U}, "")),
            "[a.idx] an array of 4294967295 x 4294967295 x 4294967295: got 4294967295 values, "
            "expected 1 to 1073741824");
}

TEST(Idx, DamagedCompressionIsRefused) {
  const std::string whole = gzip(idx({6}, "abcdef"));
  EXPECT_EQ(refusal(whole.substr(0, whole.size() - 3)),
            "[a.idx] gzip file: got an end in the middle, expected a whole gzip file");
  EXPECT_EQ(refusal(whole + "x"), "[a.idx] gzip file: got bytes after its end, expected none");
  std::string flipped = whole;
  flipped[flipped.size() - 6] ^= 1;  // of the checksum
  EXPECT_EQ(refusal(flipped),
            "[a.idx] gzip file: got incorrect data check, expected a whole gzip file");
  EXPECT_EQ(test::message_of<base::DataError>(
                [&] { static_cast<void>(gunzip(gzip(std::string(100, 'a')), "a.idx", 99)); }),
            "[a.idx] gzip file: got more than 99 bytes, expected no more");
}

std::string join_refusal(const IdxArray& pictures, const IdxArray& labels) {
  return test::message_of<base::DataError>(
      [&] { static_cast<void>(join_pictures(pictures, "p.idx", labels, "l.idx")); });
}

TEST(Idx, PicturesAndLabelsMustFit) {
  const IdxArray pictures{{2, 1, 3}, "abcdef"};
  EXPECT_EQ(join_refusal({{2, 3}, "abcdef"}, {{2}, "ab"}),
            "[p.idx] pictures: got 2 x 3, expected count x height x width");
  EXPECT_EQ(join_refusal(pictures, {{2, 1}, "ab"}),
            "[l.idx] labels: got 2 x 1, expected one dimension");
  EXPECT_EQ(join_refusal(pictures, {{3}, "abc"}),
            "[l.idx] labels: got 3, expected 2, as many as there are pictures");
}

TEST(Idx, PicturesWithoutLabelsHaveNone) {
  const PictureSet set = unlabelled_pictures({{2, 1, 3}, "abcdef"}, "p.idx");
  EXPECT_EQ(set.count(), 2U);
  EXPECT_EQ(set.labels, std::vector<std::uint32_t>(2, nn::kNoLabel));
  EXPECT_EQ(test::message_of<base::DataError>([] {
              static_cast<void>(unlabelled_pictures({{6}, "abcdef"}, "p.idx"));
            }),
            "[p.idx] pictures: got 6, expected count x height x width");
}

TEST(Idx, SetsBecomeOneTableAndTheirPictures) {
  const test::TempFolder folder;
  write_file(folder.path("train-images-idx3-ubyte"),
             idx({2, 1, 3}, std::string{'\0', '\xff', '\x33', '\1', '\2', '\3'}));
  write_file(folder.path("train-labels-idx1-ubyte.gz"), gzip(idx({2}, std::string{'\7', '\0'})));
  const PictureSet set = read_picture_set(folder.path(""), "train");
  EXPECT_EQ(set.height, 1U);
  EXPECT_EQ(set.width, 3U);
  const std::array<PictureSet, 2> sets = {set, set};
  const tensor::Tensor table = pixel_table(sets);
  EXPECT_EQ(table.shape(), (tensor::Shape{4, 3}));
  EXPECT_EQ(table.row(2)[1], 1.0F);
  EXPECT_EQ(table.row(2)[2], 0.2F);
  const auto pictures = pictures_of(set, 2);
  EXPECT_EQ(std::get<nn::Picture>(pictures[0]).label, 7U);
  EXPECT_EQ(std::get<nn::Picture>(pictures[1]).row, 3U);
}

TEST(Idx, FashionMnistHasTenClassesOfPictures) {
  if (!std::filesystem::exists(kFashionMnist)) {
    GTEST_SKIP() << "Debian's dataset-fashion-mnist is not installed";
  }
  const PictureSet set = read_picture_set(kFashionMnist, "t10k");
  EXPECT_EQ(set.height, 28U);
  EXPECT_EQ(set.width, 28U);
  std::array<int, 10> count{};
  for (const std::uint32_t label : set.labels) ++count.at(label);
  for (const int of_class : count) EXPECT_EQ(of_class, 1000);
}

}  // namespace
}  // namespace sheaf::io
