// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>

#include "sheaf/base/error.h"
#include "sheaf/io/layer_list_file.h"
#include "sheaf/io/model_lists.h"
#include "sheaf/nn/layer_net.h"
#include "tests/message_of.h"

namespace sheaf::io {
namespace {

using test::message_of;

constexpr const char* kHead =
    "name: t\nsource: made up\ninput: {height: 8, width: 8, channels: 3}\nlayers:\n";

std::string message(const std::string& layers) {
  return message_of<base::ConfigError>(
      [&] { nn::LayerNet net(parse_layer_list(kHead + layers, "t.yaml")); });
}

std::string whole_message(const std::string& text) {
  return message_of<base::ConfigError>(
      [&] { static_cast<void>(parse_layer_list(text, "t.yaml")); });
}

TEST(LayerList, HoldsWhatTheFileSays) {
  const nn::LayerList list = parse_layer_list(
      std::string(kHead) +
          "  - {name: a, conv: 4, kernel: 3, stride: 2, padding: 1, norm: true, relu: true}\n"
          "  - {name: p, max_pool: 2}\n"
          "  - {name: b, fc: 10, from: a}\n",
      "t.yaml");
  ASSERT_EQ(list.layers.size(), 3U);
  const nn::ListedLayer& a = list.layers[0];
  EXPECT_EQ(a.op, nn::LayerOp::conv);
  EXPECT_EQ(a.size, 4U);
  EXPECT_EQ(a.kernel, 3U);
  EXPECT_EQ(a.stride, 2U);
  EXPECT_EQ(a.padding, 1U);
  EXPECT_TRUE(a.norm && a.relu);
  EXPECT_EQ(a.place, "t.yaml:5");
  EXPECT_EQ(list.layers[1].stride, 2U);
  EXPECT_EQ(list.layers[2].from, "a");
}

TEST(LayerList, WindowLargerThanThePictureIsRefusedWithItsLine) {
  EXPECT_EQ(message("  - {name: p, max_pool: 4}\n  - {name: c, conv: 4, kernel: 3}\n"),
            "[t.yaml:6] c: window: got 3 x 3, expected 1 x 1 to 2 x 2; it reads 2 x 2 x 3");
}

TEST(LayerList, PaddingAsLargeAsTheWindowIsRefused) {
  EXPECT_EQ(message("  - {name: c, conv: 4, kernel: 3, padding: 3}\n"),
            "[t.yaml:5] c: padding: got 3, expected less than the window; it reads 8 x 8 x 3");
}

TEST(LayerList, SumOfDifferentPicturesIsRefused) {
  EXPECT_EQ(message("  - {name: a, conv: 4, kernel: 1}\n"
                    "  - {name: b, conv: 8, kernel: 3, add: a}\n"),
            "[t.yaml:6] b: result of a, which it adds: got 8 x 8 x 4, expected 6 x 6 x 8");
}

TEST(LayerList, UnknownLayerIsRefusedWithTheNearest) {
  EXPECT_EQ(message("  - {name: conv1, conv: 4, kernel: 1}\n"
                    "  - {name: b, fc: 8, from: conv2}\n"),
            "[t.yaml:6] b: layer that it reads: got 'conv2', expected a layer above it; did you "
            "mean 'conv1'?");
}

TEST(LayerList, NameGivenTwiceIsRefused) {
  EXPECT_EQ(message("  - {name: a, fc: 4}\n  - {name: a, fc: 4}\n"),
            "[t.yaml:6] a: name: got that of a layer above, expected one of its own");
}

TEST(LayerList, LstmOverAPictureIsRefused) {
  EXPECT_EQ(message("  - {name: a, lstm: 4}\n"),
            "[t.yaml:5] a: input: got a picture, expected steps of a sequence");
}

TEST(LayerList, ConvolutionOverStepsIsRefused) {
  const std::string text =
      "name: t\nsource: s\ninput: {width: 4, steps: 2}\nlayers:\n  - {name: c, conv: 4, kernel: "
      "1}\n";
  EXPECT_EQ(
      message_of<base::ConfigError>([&] { nn::LayerNet net(parse_layer_list(text, "t.yaml")); }),
      "[t.yaml:5] c: input: got steps of a sequence, expected a picture");
}

TEST(LayerList, NumbersThatDoNotFitIntoMemoryAreRefused) {
  EXPECT_EQ(message("  - {name: a, conv: 1048576, kernel: 5, padding: 4}\n"),
            "[t.yaml:5] a: numbers of its result, or terms of one of them: got 303038464, expected "
            "at most 268435456");
}

TEST(LayerList, UnknownKeyNamesTheNearest) {
  EXPECT_EQ(message("  - {name: a, conv: 4, kernal: 3}\n"),
            "[t.yaml:5] unknown key of a layer: got 'kernal'; did you mean 'kernel'?");
}

TEST(LayerList, KeyOfAnotherOpIsRefused) {
  EXPECT_EQ(message("  - {name: a, fc: 4, stride: 3}\n").substr(0, 46),
            "[t.yaml:5] unknown key of fc: got 'stride'; kn");
}

TEST(LayerList, LayerWithoutOpIsRefused) {
  EXPECT_EQ(message("  - {name: a, kernel: 3}\n"),
            "[t.yaml:5] layer: got no op, expected one of conv, depthwise, max_pool, average_pool, "
            "global_average_pool, fc, lstm");
}

TEST(LayerList, LayerWithTwoOpsIsRefused) {
  EXPECT_EQ(message("  - {name: a, conv: 4, fc: 4}\n").substr(0, 40),
            "[t.yaml:5] layer: got several ops, expec");
}

TEST(LayerList, ConvolutionWithoutKernelIsRefused) {
  EXPECT_EQ(message("  - {name: a, conv: 4}\n"), "[t.yaml:5] a: got no 'kernel', expected one");
}

TEST(LayerList, NegativeSizeIsRefused) {
  EXPECT_EQ(message("  - {name: a, fc: -4}\n"),
            "[t.yaml:5] a: fc: got '-4', expected 1 to 1048576");
}

TEST(LayerList, FlagThatIsNoneIsRefused) {
  EXPECT_EQ(message("  - {name: a, fc: 4, relu: yes}\n"),
            "[t.yaml:5] a: relu: got 'yes', expected true or false");
}

TEST(LayerList, MissingSourceIsRefused) {
  EXPECT_EQ(whole_message("name: t\ninput: {width: 1, steps: 1}\nlayers: []\n"),
            "[t.yaml:1] layer list: got no 'source', expected one");
}

TEST(LayerList, NoLayersAreRefused) {
  EXPECT_EQ(whole_message("name: t\nsource: s\ninput: {width: 1, steps: 1}\nlayers: []\n"),
            "[t.yaml:4] layers: got a list, expected a list of 1 to 4096");
}

TEST(LayerList, TextThatIsNoMapIsRefused) {
  EXPECT_EQ(whole_message("- 1\n"), "[t.yaml:1] layer list: got a list, expected a map");
}

TEST(LayerList, PictureOfTooManyNumbersIsRefused) {
  EXPECT_EQ(whole_message("name: t\nsource: s\ninput: {height: 1048576, width: 1048576, channels: "
                          "1}\nlayers: []\n"),
            "[t.yaml:3] input: numbers of a picture: got a map, expected at most 268435456");
}

TEST(LayerList, UnknownBuiltInModelIsRefusedWithTheNearest) {
  const nn::LayerList list = parse_layer_list(
      "name: t\nsource: s\nbuiltin: lak\ninput: {steps: 1, vocabulary: 1}\n", "t.yaml");
  EXPECT_EQ(message_of<base::ConfigError>([&] {
              static_cast<void>(nn::make_listed_model(list));
            }).substr(0, 40),
            "[t.yaml:4] builtin: got 'lak'; did you m");
}

TEST(LayerList, EveryListOfTheProgramMakesAModel) {
  for (const std::string& name : model_list_names()) {
    const nn::LayerList list = read_layer_list(name);
    EXPECT_EQ(list.name, name);
    EXPECT_GT(nn::make_listed_model(list)->network().type_count(), 0U);
  }
}

TEST(LayerList, UnknownNameIsRefusedWithTheNearest) {
  EXPECT_EQ(message_of<base::NotFoundError>([] { static_cast<void>(read_layer_list("vgg15")); }),
            "[model] no such layer list: got 'vgg15'; did you mean 'vgg16'?");
}

}  // namespace
}  // namespace sheaf::io
