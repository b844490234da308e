// SPDX-License-Identifier: Apache-2.0
//
// Weight files that are refused.
#include <gtest/gtest.h>

#include <cstring>
#include <limits>

#include "sheaf/base/error.h"
#include "sheaf/io/weights_file.h"
#include "tests/io/temp_folder.h"
#include "tests/message_of.h"

namespace sheaf::io {
namespace {

std::string floats(const std::vector<float>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)};
}

std::string file_of(const std::string& header, const std::string& data,
                    std::uint64_t header_length) {
  std::string bytes(8, '\0');
  std::memcpy(bytes.data(), &header_length, 8);
  return bytes + header + data;
}

class WeightsErrors : public testing::Test {
 protected:
  // The message with which the bytes are refused, "F" for the file's path.
  [[nodiscard]] std::string refusal_of_bytes(const std::string& bytes) const {
    const std::string path = folder_.write("w", bytes);
    return with_short_path(
        test::message_of<base::DataError>([&] { static_cast<void>(read_weights(path)); }));
  }
  [[nodiscard]] std::string refusal(const std::string& header, const std::string& data) const {
    return refusal_of_bytes(file_of(header, data, header.size()));
  }
  // Of a file with one tensor W: the members of its entry.
  [[nodiscard]] std::string refusal_of_tensor(const std::string& members,
                                              const std::string& data) const {
    return refusal(R"({"W":{)" + members + "}}", data);
  }
  [[nodiscard]] std::string refusal_to_assign(const std::string& header, const std::string& data,
                                              graph::ParameterStore& parameters) const {
    WeightsFile file = read_weights(folder_.write("w", file_of(header, data, header.size())));
    return with_short_path(
        test::message_of<base::DataError>([&] { assign_weights(std::move(file), parameters); }));
  }
  [[nodiscard]] std::string with_short_path(std::string text) const {
    const std::size_t at = text.find(folder_.path("w"));
    return at == std::string::npos ? text : text.replace(at, folder_.path("w").size(), "F");
  }

  const std::string two_ = R"("dtype":"F32","shape":[2],"data_offsets":[0,8])";
  const test::TempFolder folder_;
};

TEST_F(WeightsErrors, MissingFile) {
  EXPECT_EQ(test::message_of<base::NotFoundError>(
                [&] { static_cast<void>(read_weights(folder_.path("none"))); }),
            "[" + folder_.path("none") + "] no such file");
}

TEST_F(WeightsErrors, TruncatedBeforeTheHeader) {
  EXPECT_EQ(refusal_of_bytes("1234567"),
            "[F] truncated weight file: got 7 bytes, expected a header length of 8");
  EXPECT_EQ(refusal_of_bytes(""),
            "[F] truncated weight file: got 0 bytes, expected a header length of 8");
}

TEST_F(WeightsErrors, TruncatedWithinTheHeader) {
  EXPECT_EQ(refusal_of_bytes(file_of("{\"W\":", "", 100)),
            "[F] truncated weight file: got 13 bytes, expected a header of 100; weights are "
            "safetensors files as --save-weights writes them");
  EXPECT_EQ(refusal_of_bytes(file_of("{}", "", std::numeric_limits<std::uint64_t>::max())),
            "[F] truncated weight file: got 10 bytes, expected a header of 18446744073709551615; "
            "weights are safetensors files as --save-weights writes them");
}

TEST_F(WeightsErrors, TruncatedWithinTheData) {
  EXPECT_EQ(refusal_of_tensor(two_, floats({1})),
            "[F: W] truncated weight file: got 4 bytes of data, expected 8");
}

TEST_F(WeightsErrors, OffsetsThatEndBeforeTheyBegin) {
  EXPECT_EQ(refusal_of_tensor(R"("dtype":"F32","shape":[2],"data_offsets":[8,0])", floats({1, 2})),
            "[F: W] truncated weight file: got 8 bytes of data, expected 0");
}

TEST_F(WeightsErrors, BytesBehindTheLastTensor) {
  EXPECT_EQ(refusal_of_tensor(two_, floats({1, 2, 3})),
            "[F] size of the weight file: got 12 bytes of data, expected 8");
  EXPECT_EQ(refusal("{}", "x"), "[F] size of the weight file: got 1 bytes of data, expected 0");
}

TEST_F(WeightsErrors, FewerBytesThanTheShapeAsksFor) {
  EXPECT_EQ(
      refusal_of_tensor(R"("dtype":"F32","shape":[2,3],"data_offsets":[0,8])", floats({1, 2})),
      "[F: W] bytes of a 2 x 3 tensor: got 8, expected 24");
}

TEST_F(WeightsErrors, MoreBytesThanTheShapeAsksFor) {
  EXPECT_EQ(refusal_of_tensor(R"("dtype":"F32","shape":[1],"data_offsets":[0,8])", floats({1, 2})),
            "[F: W] bytes of a 1 x 1 tensor: got 8, expected 4");
}

TEST_F(WeightsErrors, ShapeBeyond32BitsIsNotTakenForASmallerOne) {
  const std::string message = refusal_of_tensor(
      R"("dtype":"F32","shape":[4294967298],"data_offsets":[0,8])", floats({1, 2}));
  EXPECT_TRUE(message.starts_with("[F: W] ")) << message;
}

TEST_F(WeightsErrors, AnotherTypeThanFloat32) {
  EXPECT_EQ(refusal_of_tensor(R"("dtype":"F16","shape":[2],"data_offsets":[0,4])", floats({1})),
            R"([F: W] type: got "F16", expected F32)");
}

TEST_F(WeightsErrors, NoDimensions) {
  EXPECT_EQ(refusal_of_tensor(R"("dtype":"F32","shape":[],"data_offsets":[0,4])", floats({1})),
            "[F: W] dimensions: got 0, expected 1 or 2");
}

TEST_F(WeightsErrors, ThreeDimensions) {
  EXPECT_EQ(refusal_of_tensor(R"("dtype":"F32","shape":[1,1,1],"data_offsets":[0,4])", floats({1})),
            "[F: W] dimensions: got 3, expected 1 or 2");
}

TEST_F(WeightsErrors, NotANumber) {
  EXPECT_EQ(refusal_of_tensor(two_, floats({1, std::numeric_limits<float>::quiet_NaN()})),
            "[F: W] value 1: got NaN, expected a finite number");
  EXPECT_EQ(refusal_of_tensor(two_, floats({-std::numeric_limits<float>::signaling_NaN(), 1})),
            "[F: W] value 0: got NaN, expected a finite number");
}

TEST_F(WeightsErrors, Infinity) {
  EXPECT_EQ(refusal_of_tensor(two_, floats({std::numeric_limits<float>::infinity(), 1})),
            "[F: W] value 0: got infinity, expected a finite number");
  EXPECT_EQ(refusal_of_tensor(two_, floats({1, -std::numeric_limits<float>::infinity()})),
            "[F: W] value 1: got infinity, expected a finite number");
}

// The rest of these messages is the JSON library's.
void expect_bad_header(const std::string& message) {
  EXPECT_TRUE(message.starts_with("[F] header of the weight file: got ")) << message;
  EXPECT_TRUE(message.ends_with(", expected that of a safetensors file")) << message;
  EXPECT_EQ(message.find("json.exception"), std::string::npos) << message;
}

TEST_F(WeightsErrors, HeaderThatIsNotJson) {
  expect_bad_header(refusal("(3 (2 Real) (4 beauty))", ""));
  expect_bad_header(refusal("", ""));
}

TEST_F(WeightsErrors, HeaderThatIsNoObject) {
  expect_bad_header(refusal("[1, 2]", ""));
  expect_bad_header(refusal("5", ""));
}

TEST_F(WeightsErrors, HeaderThatIsNotUtf8) {
  expect_bad_header(refusal("{\"\xff\":{" + two_ + "}}", floats({1, 2})));
}

TEST_F(WeightsErrors, EntryWithoutOneOfItsMembers) {
  expect_bad_header(refusal_of_tensor(R"("shape":[2],"data_offsets":[0,8])", floats({1, 2})));
  expect_bad_header(refusal_of_tensor(R"("dtype":"F32","data_offsets":[0,8])", floats({1, 2})));
  expect_bad_header(refusal_of_tensor(R"("dtype":"F32","shape":[2])", floats({1, 2})));
}

TEST_F(WeightsErrors, EntryThatIsNoObject) { expect_bad_header(refusal(R"({"W":[1]})", "")); }

TEST_F(WeightsErrors, MembersOfAnotherType) {
  expect_bad_header(
      refusal_of_tensor(R"("dtype":"F32","shape":"2","data_offsets":[0,8])", floats({1, 2})));
  expect_bad_header(
      refusal_of_tensor(R"("dtype":"F32","shape":[2],"data_offsets":8)", floats({1, 2})));
  expect_bad_header(
      refusal_of_tensor(R"("dtype":"F32","shape":[2],"data_offsets":[0])", floats({1, 2})));
}

TEST_F(WeightsErrors, MetadataThatAreNoObject) {
  expect_bad_header(refusal(R"({"__metadata__":[]})", ""));
}

TEST_F(WeightsErrors, VocabularyThatIsNoListOfWords) {
  expect_bad_header(refusal(R"({"__metadata__":{"vocabulary":"<unk> a"}})", ""));
  expect_bad_header(refusal(R"({"__metadata__":{"vocabulary":"[1,2]"}})", ""));
  expect_bad_header(refusal(R"({"__metadata__":{"vocabulary":["<unk>"]}})", ""));
}

TEST_F(WeightsErrors, TensorThatTheModelLacksSuggestsTheNearest) {
  graph::ParameterStore parameters;
  parameters.declare("leaf.W_i", {1, 2});
  parameters.declare("head.V", {1, 2});
  EXPECT_EQ(refusal_to_assign(R"({"leaf.W_j":{)" + two_ + "}}", floats({1, 2}), parameters),
            "[F] tensor that the model does not have: got 'leaf.W_j'; did you mean 'leaf.W_i'?");
}

TEST_F(WeightsErrors, TensorThatIsMissing) {
  graph::ParameterStore parameters;
  parameters.declare("W", {1, 2});
  parameters.declare("head.V", {1, 2});
  EXPECT_EQ(refusal_to_assign(R"({"W":{)" + two_ + "}}", floats({1, 2}), parameters),
            "[F] tensor: got none, expected 'head.V'");
}

TEST_F(WeightsErrors, TensorOfAnotherShape) {
  graph::ParameterStore parameters;
  parameters.declare("W", {2, 1});
  EXPECT_EQ(refusal_to_assign(R"({"W":{)" + two_ + "}}", floats({1, 2}), parameters),
            "[F: W] shape: got 1 x 2, expected 2 x 1");
}

TEST_F(WeightsErrors, SavingIntoAMissingFolder) {
  const std::string path = folder_.path("missing/w");
  EXPECT_EQ(test::message_of<base::IoError>(
                [&] { save_weights(path, graph::ParameterStore(), "tree_lstm", {}); }),
            "[" + path + "] cannot write: got No such file or directory");
}

// A file whose only tensor W, of 2 x 3 blocks of 2 numbers, is said to be encoded so.
TEST_F(WeightsErrors, EncodingsThatDoNotFit) {
  const std::string data = floats(std::vector<float>(12, 0.5F));
  const auto refusal_of = [&](const std::string& encodings, const std::string& shape) {
    return refusal(R"({"__metadata__":{"encodings":")" + encodings +
                       R"("},"W":{"dtype":"F32","shape":)" + shape + R"(,"data_offsets":[0,48]}})",
                   data);
  };
  const std::string of_two = R"({\"W\":\"block_circulant:k=2\"})";
  EXPECT_EQ(refusal_of(of_two, "[2,3,2]"), "nothing was thrown");
  for (const char* shape : {"[2,3,4]", "[4,3]", "[12]", "[1,2,3,2]"}) {
    EXPECT_EQ(refusal_of(of_two, shape),
              "[F: W] shape: got " + std::string(shape) +
                  ", expected three dimensions, the last 2, of block_circulant:k=2");
  }
  EXPECT_EQ(refusal_of("{}", "[2,3,2]"), "[F: W] dimensions: got 3, expected 1 or 2");
  EXPECT_EQ(refusal_of(R"({\"V\":\"dense\"})", "[4,3]"),
            "[F: V] encoding of a tensor: got none of this name, expected one");
  EXPECT_EQ(refusal_of(R"({\"W\":\"sparse\"})", "[4,3]").substr(0, 40),
            "[F: W] unknown encoding: got 'sparse'; k");
  EXPECT_EQ(refusal_of(R"({\"W\":8})", "[4,3]").substr(0, 29), "[F] header of the weight file");
  EXPECT_EQ(refusal_of("x", "[4,3]").substr(0, 29), "[F] header of the weight file");
}

TEST_F(WeightsErrors, EncodedTensorOfAnotherShape) {
  graph::ParameterStore parameters;
  parameters.declare("W", {4, 8});
  EXPECT_EQ(refusal_to_assign(R"({"__metadata__":{"encodings":"{\"W\":\"block_circulant:k=2\"}"},)"
                              R"("W":{"dtype":"F32","shape":[2,3,2],"data_offsets":[0,48]}})",
                              floats(std::vector<float>(12, 0.5F)), parameters),
            "[F: W] shape: got 4 x 6, expected 4 x 8");
}

}  // namespace
}  // namespace sheaf::io
