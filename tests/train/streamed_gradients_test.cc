// SPDX-License-Identifier: Apache-2.0
#include "sheaf/train/streamed_gradients.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "sheaf/engine/vocabulary_builder.h"
#include "tests/io/temp_folder.h"

namespace sheaf::train {
namespace {

// Remembers what it is asked for.
class Recorder final : public GradientSource {
 public:
  StepLoss run(std::span<const std::uint32_t> instances, std::uint64_t /*step*/,
               graph::Gradients& /*gradients*/) override {
    asked.insert(asked.end(), instances.begin(), instances.end());
    return {.loss = 2, .terms = 1, .weight = 1};
  }
  void after_update() override { ++updates; }
  std::string explain_non_finite() override { return "why"; }

  std::vector<std::uint32_t> asked;
  int updates = 0;
};

TEST(StreamedGradients, HandOnAllThatASourceIsAsked) {
  const test::TempFolder folder;
  engine::WorkloadOptions data{.model = "bilstm_tagger",
                               .data = folder.write("data", "a|A\nb|B\nc|A\nd|B\ne|A\n"),
                               .hidden = 8};
  data.vocabularies = engine::build_vocabularies(data);
  const engine::Workload workload = engine::open_workload(data);
  ModelGradients own(*workload.model, workload.instances, {}, {});
  InstanceStream stream(data, {.shuffle_seed = 1, .block_bytes = 8, .window_blocks = 1});
  ASSERT_EQ(stream.windows(), 3U);
  Recorder recorder;
  StreamedGradients streamed(stream, own, recorder, 2);
  graph::Gradients gradients;
  EXPECT_EQ(streamed.run(std::vector<std::uint32_t>{0, 1, 2}, 0, gradients).loss, 2);
  EXPECT_EQ(streamed.run(std::vector<std::uint32_t>{3, 4}, 1, gradients).terms, 1U);
  std::sort(recorder.asked.begin(), recorder.asked.end());
  EXPECT_EQ(recorder.asked, (std::vector<std::uint32_t>{0, 1, 2, 3, 4}));
  EXPECT_EQ(recorder.updates, 0);
  streamed.after_update();
  EXPECT_EQ(recorder.updates, 1);
  EXPECT_EQ(streamed.explain_non_finite(), "why");
}

}  // namespace
}  // namespace sheaf::train
