// SPDX-License-Identifier: Apache-2.0
#include "sheaf/engine/picture_data.h"

#include <gtest/gtest.h>

#include "sheaf/base/error.h"
#include "sheaf/engine/vocabulary_builder.h"
#include "tests/io/idx_bytes.h"
#include "tests/message_of.h"

namespace sheaf::engine {
namespace {

class PictureDataTest : public testing::Test {
 protected:
  PictureDataTest()
      : options_{.model = "lenet5",
                 .data = test::write_stripes(folder_, "train", test::stripes(5, 12))} {}

  // Of a UsageError or DataError, the folder's path replaced by "D".
  template <typename Error>
  [[nodiscard]] std::string message(const WorkloadOptions& options) const {
    std::string text =
        test::message_of<Error>([&] { static_cast<void>(build_vocabularies(options)); });
    for (std::size_t at = text.find(folder_.path()); at != std::string::npos;
         at = text.find(folder_.path())) {
      text.replace(at, folder_.path().size(), "D");
    }
    return text;
  }

  const test::TempFolder folder_;
  WorkloadOptions options_;
};

TEST_F(PictureDataTest, LabelsAreFoundBesideThePictures) {
  EXPECT_EQ(labels_path(options_), folder_.path("train-labels-idx1-ubyte"));
  folder_.write("train-labels-idx1-ubyte.gz", "");
  EXPECT_EQ(labels_path(options_), folder_.path("train-labels-idx1-ubyte.gz"));
  options_.data = folder_.path("train-images-idx3-ubyte.gz");
  EXPECT_EQ(labels_path(options_), folder_.path("train-labels-idx1-ubyte.gz"));
  options_.data = folder_.path("t10k-images-idx3-ubyte");
  EXPECT_EQ(labels_path(options_), "");
  options_.labels = "given";
  EXPECT_EQ(labels_path(options_), "given");
}

TEST_F(PictureDataTest, LabelsAreLeftAloneWherePicturesAreToBeLabelled) {
  options_.unknown_labels_are_none = true;
  EXPECT_EQ(labels_path(options_), "");
  for (const nn::Instance& instance : read_pictures(options_).instances) {
    EXPECT_EQ(std::get<nn::Picture>(instance).label, nn::kNoLabel);
  }
}

TEST_F(PictureDataTest, AWorkloadHasThePicturesAndAsManyClassesAsLabels) {
  const Workload workload = open_workload(options_);
  EXPECT_EQ(workload.vocabularies.labels, (nn::Vocabulary{"0", "1", "2"}));
  EXPECT_EQ(workload.sizes.height, 12U);
  ASSERT_EQ(workload.instances.size(), 5U);
  EXPECT_EQ(std::get<nn::Picture>(workload.instances[4]).row, 4U);
  EXPECT_EQ(std::get<nn::Picture>(workload.instances[4]).label, 1U);
  const graph::ParameterStore& parameters = workload.model->network().parameters();
  EXPECT_EQ(parameters[parameters.find(nn::kPixels)].value.shape(), (tensor::Shape{5, 144}));
  EXPECT_EQ(parameters[parameters.find("head.V")].shape.rows, 3U);
}

TEST_F(PictureDataTest, WithoutLabelsAModelRunsAndHasTheBenchmarksClasses) {
  options_.data = folder_.write("pictures", test::stripes(2, 12).pictures);
  const Workload workload = open_workload(options_);
  const graph::ParameterStore& parameters = workload.model->network().parameters();
  EXPECT_EQ(parameters[parameters.find("head.V")].shape.rows, 10U);
}

TEST_F(PictureDataTest, MessagesOfLabelsThatAreMissingOrDoNotFit) {
  options_.data = folder_.write("t10k-images-idx3-ubyte.gz", test::stripes(2, 12).pictures);
  EXPECT_EQ(message<base::UsageError>(options_),
            "[--labels] model lenet5: got none, expected a file of labels (IDX), as "
            "D/t10k-labels-idx1-ubyte would be");
  options_.data = folder_.write("pictures", test::stripes(2, 12).pictures);
  EXPECT_EQ(message<base::UsageError>(options_),
            "[--labels] model lenet5: got none, expected a file of labels (IDX)");
  options_.labels = folder_.path("train-labels-idx1-ubyte");
  EXPECT_EQ(message<base::DataError>(options_),
            "[D/train-labels-idx1-ubyte] labels: got 5, expected 2, as many as there are pictures");
  options_.vocabularies = nn::Vocabularies{.labels = {"0", "1"}};
  options_.data = folder_.path("train-images-idx3-ubyte");
  EXPECT_EQ(test::message_of<base::DataError>([&] { (void)read_pictures(options_); }),
            "[" + options_.labels + "] label 2: got 2, expected below 2, the classes of the model");
}

TEST_F(PictureDataTest, MessagesOfOptionsThatDoNotFit) {
  WorkloadOptions options = options_;
  options.format = "text";
  EXPECT_EQ(message<base::UsageError>(options),
            "[--format] model lenet5: got 'text', expected 'auto': pictures are IDX files");
  options = options_;
  options.data = "random:trees,n=3";
  EXPECT_EQ(message<base::UsageError>(options),
            "[--data] model lenet5: got random:trees,n=3, expected an IDX file of pictures");
  options = options_;
  options.data = "-";
  EXPECT_EQ(message<base::UsageError>(options),
            "[--data] data to train on: got standard input, expected a file, which can be read "
            "more than once");
  options = {.model = "tree_lstm", .data = "trees", .labels = "labels"};
  EXPECT_EQ(message<base::UsageError>(options),
            "[--labels] model tree_lstm: got labels, expected no labels beside those of the data");
  options_.hidden = 8;
  EXPECT_EQ(test::message_of<base::UsageError>([&] { (void)open_workload(options_); }),
            "[--hidden] model lenet5: got 8, expected no hidden size: its layers have their own");
}

TEST_F(PictureDataTest, HugePicturesAreRefused) {
  options_.data = folder_.write("huge", test::idx({1, 1, 4097}, std::string(4097, 'x')));
  EXPECT_EQ(
      test::message_of<base::DataError>([&] { (void)open_workload(options_); }),
      "[" + options_.data + "] size of the pictures: got 1 x 4097, expected at most 4096 each way");
}

TEST_F(PictureDataTest, PicturesOfAnotherSizeThanTheModelsAreRefused) {
  PictureData data = read_pictures(options_);
  EXPECT_EQ(
      test::message_of<base::DataError>(
          [&] { (void)make_picture_model("lenet5", {.height = 14, .width = 12}, data, "p"); }),
      "[p] size of the pictures: got 12 x 12, expected 14 x 12, which the model was made for");
}

}  // namespace
}  // namespace sheaf::engine
