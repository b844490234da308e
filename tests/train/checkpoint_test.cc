// SPDX-License-Identifier: Apache-2.0
#include "sheaf/train/checkpoint.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <string>

#include "sheaf/base/error.h"
#include "sheaf/io/weights_file.h"
#include "sheaf/train/checkpoint_folder.h"
#include "sheaf/train/diverged_error.h"
#include "tests/io/temp_folder.h"
#include "tests/message_of.h"
#include "tests/train/toy.h"

namespace sheaf::train {
namespace {

// A small training at some step.
struct Example {
  explicit Example(std::uint64_t step) { state.step = step; }
  [[nodiscard]] CheckpointView view() const {
    return {.options = options, .state = state, .tensors = tensors};
  }

  nlohmann::ordered_json options = {{"seed", 7}, {"lr", 0.1}, {"data", "the \"first\" file"}};
  TrainState state;
  tensor::Tensor w = test::tensor_of({2, 3}, {1, -2, 3, 4, 5, 1e-40F});
  tensor::Tensor none = tensor::Tensor(tensor::Shape{0, 3});
  tensor::Tensor b = test::tensor_of({1, 1}, {0.1F});
  std::map<std::string, const tensor::Tensor*> tensors = {
      {"parameters/W", &w}, {"optimiser/none", &none}, {"parameters/b", &b}};
};

std::string bytes_of_example(const test::TempFolder& folder, std::uint64_t step = 5) {
  write_checkpoint(folder.path("x"), Example(step).view());
  return test::bytes_of(folder.path("x"));
}

TEST(Checkpoint, ReadsBackToTheBit) {
  const test::TempFolder folder;
  const Example example(5);
  const Checkpoint back = parse_checkpoint(bytes_of_example(folder), "x");
  EXPECT_EQ(back.options, nlohmann::json::parse(example.options.dump()));
  EXPECT_EQ(back.state, example.state);
  ASSERT_EQ(back.tensors.size(), 3U);
  EXPECT_EQ(back.tensors.at("parameters/W").shape(), (tensor::Shape{2, 3}));
  EXPECT_EQ(test::values_of(back.tensors.at("parameters/W")), test::values_of(example.w));
  EXPECT_EQ(test::values_of(back.tensors.at("parameters/b")), test::values_of(example.b));
  EXPECT_EQ(back.tensors.at("optimiser/none").shape(), (tensor::Shape{0, 3}));
}

TEST(Checkpoint, IsASafetensorsFile) {
  const test::TempFolder folder;
  const io::WeightsFile file = io::parse_weights(bytes_of_example(folder), "x");
  EXPECT_EQ(test::values_of(file.tensors.at("parameters/W")), test::values_of(Example(5).w));
}

TEST(Checkpoint, AnyBitThatFlipsIsFound) {
  const test::TempFolder folder;
  const std::string bytes = bytes_of_example(folder);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ (1 << (i % 7)));
    EXPECT_THROW((void)parse_checkpoint(damaged, "x"), base::DataError) << i;
  }
}

TEST(Checkpoint, APartOfItIsFound) {
  const test::TempFolder folder;
  const std::string bytes = bytes_of_example(folder);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_THROW((void)parse_checkpoint(bytes.substr(0, size), "x"), base::DataError) << size;
  }
  EXPECT_THROW((void)parse_checkpoint(bytes + '\0', "x"), base::DataError);
}

TEST(Checkpoint, MessagesNameTheFile) {
  const test::TempFolder folder;
  const auto message = [](const std::string& bytes) {
    return test::message_of<base::DataError>([&] { (void)parse_checkpoint(bytes, "run/x"); });
  };
  EXPECT_EQ(message("12345678{}"),
            "[run/x] checkpoint: got another file, or a part of one, expected a file that sheaf "
            "train wrote");
  std::string bytes = bytes_of_example(folder);
  const std::string said = bytes.substr(checkpoint_digest_offset(), 12);
  EXPECT_EQ(said, checkpoint_digest(bytes).substr(0, 12));
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  const std::string is = checkpoint_digest(bytes).substr(0, 12);
  EXPECT_EQ(message(bytes),
            "[run/x] damaged checkpoint: got SHA-256 " + is + "..., expected '" + said + "'...");
  EXPECT_EQ(
      test::message_of<base::NotFoundError>([&] { (void)read_checkpoint(folder.path("none")); }),
      "[" + folder.path("none") + "] no such file");
}

// The example with `from` replaced by `to` in its header, under a digest that fits.
std::string forged(const test::TempFolder& folder, const std::string& from, const std::string& to) {
  std::string bytes = bytes_of_example(folder);
  const std::size_t at = bytes.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  bytes.replace(at, from.size(), to);
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), sizeof length);
  length += to.size() - from.size();
  std::memcpy(bytes.data(), &length, sizeof length);
  return bytes.replace(checkpoint_digest_offset(), 64, checkpoint_digest(bytes));
}

TEST(Checkpoint, MessagesOfHeadersThatMakeNoSense) {
  const test::TempFolder folder;
  const auto message = [&](const std::string& from, const std::string& to) {
    return test::message_of<base::DataError>(
        [&] { (void)parse_checkpoint(forged(folder, from, to), "x"); });
  };
  EXPECT_EQ(message("sheaf-checkpoint-1", "sheaf-checkpoint-2"),
            "[x] format of the checkpoint: got \"sheaf-checkpoint-2\", expected "
            "'sheaf-checkpoint-1'");
  EXPECT_EQ(message(R"("format")", R"("formal")"),
            "[x] format of the checkpoint: got null, expected 'sheaf-checkpoint-1'");
  EXPECT_EQ(message(R"("state")", R"("stale")"),
            "[x] header of the checkpoint: got none, expected text 'state'");
  EXPECT_EQ(message(R"(\"step\":5)", R"(\"step\":-5)"),
            "[x] state of the training, step: got -5, expected a count");
  EXPECT_EQ(message("[2,3]", "[2,4]"),
            "[x: parameters/W] bytes of a 2 x 4 tensor: got 24, expected 32");
}

TEST(Checkpoint, WhatIsNotFiniteIsNotWritten) {
  const test::TempFolder folder;
  Example example(8);
  const std::string path = folder.write("x", "good");
  example.b.values()[0] = std::nanf("");
  EXPECT_EQ(test::message_of<DivergedError>([&] { write_checkpoint(path, example.view()); }),
            "[step 8] parameters/b: got NaN, expected finite numbers; no checkpoint has been "
            "written");
  example.b.values()[0] = -HUGE_VALF;
  EXPECT_EQ(test::message_of<DivergedError>([&] { write_checkpoint(path, example.view()); }),
            "[step 8] parameters/b: got infinity, expected finite numbers; no checkpoint has been "
            "written");
  EXPECT_EQ(test::bytes_of(path), "good");
  EXPECT_EQ(folder.names().size(), 1U);
}

using Steps = std::vector<std::uint64_t>;

TEST(CheckpointFolder, KeepsTheLastTwo) {
  const test::TempFolder folder;
  const CheckpointFolder checkpoints(folder.path("run/checkpoints"));
  EXPECT_TRUE(checkpoints.steps().empty());
  EXPECT_FALSE(checkpoints.load().has_value());
  Steps kept;
  for (const std::uint64_t step : {3U, 10U, 1000U, 20000U}) {
    checkpoints.save(Example(step).view());
    kept.push_back(step);
    if (kept.size() > 2) kept.erase(kept.begin());
    EXPECT_EQ(checkpoints.steps(), kept);
    const auto loaded = checkpoints.load();
    ASSERT_TRUE(loaded.has_value());
    EXPECT_EQ(loaded->checkpoint.state.step, step);
    EXPECT_EQ(loaded->path, checkpoints.path_of(step));
    EXPECT_TRUE(loaded->damaged.empty());
  }
}

// Changes the last byte of a file.
void damage(const std::string& path) {
  std::string bytes = test::bytes_of(path);
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  std::ofstream(path, std::ios::binary) << bytes;
}

TEST(CheckpointFolder, FallsBackToTheOneBeforeAndSaysSo) {
  const test::TempFolder folder;
  const CheckpointFolder checkpoints(folder.path());
  for (const std::uint64_t step : {100U, 200U}) checkpoints.save(Example(step).view());
  damage(checkpoints.path_of(200));
  const auto loaded = checkpoints.load();
  ASSERT_TRUE(loaded.has_value());
  EXPECT_EQ(loaded->checkpoint.state.step, 100U);
  ASSERT_EQ(loaded->damaged.size(), 1U);
  EXPECT_TRUE(loaded->damaged[0].starts_with("[" + checkpoints.path_of(200) +
                                             "] damaged checkpoint: got SHA-256 "));
}

TEST(CheckpointFolder, TheGoodOneOutlivesADamagedOneOfALaterStep) {
  const test::TempFolder folder;
  const CheckpointFolder checkpoints(folder.path());
  for (const std::uint64_t step : {100U, 200U}) checkpoints.save(Example(step).view());
  damage(checkpoints.path_of(200));
  checkpoints.save(Example(150).view());
  EXPECT_EQ(checkpoints.steps(), (Steps{100, 150}));
}

TEST(CheckpointFolder, MessageWhenAllAreDamaged) {
  const test::TempFolder folder;
  const CheckpointFolder checkpoints(folder.path());
  checkpoints.save(Example(1).view());
  std::filesystem::resize_file(checkpoints.path_of(1), 10);
  EXPECT_EQ(test::message_of<base::DataError>([&] { (void)checkpoints.load(); }),
            "[" + folder.path() + "] checkpoints: got none that can be read: [" +
                checkpoints.path_of(1) +
                "] checkpoint: got another file, or a part of one, expected a file that sheaf "
                "train wrote, expected a good one");
}

TEST(CheckpointFolder, RemovesWhatAKilledWriterLeftAndNothingElse) {
  const test::TempFolder folder;
  const CheckpointFolder checkpoints(folder.path());
  folder.write("checkpoint-000000000007.safetensors.tmp123", "half");
  folder.write("checkpoint-7.safetensors", "not ours");
  folder.write("model.safetensors", "not ours");
  checkpoints.save(Example(9).view());
  std::vector<std::string> names = folder.names();
  std::sort(names.begin(), names.end());
  EXPECT_EQ(names, (std::vector<std::string>{".lock", "checkpoint-000000000009.safetensors",
                                             "checkpoint-7.safetensors", "model.safetensors"}));
}

TEST(CheckpointFolder, AFullDiskLeavesTheOnesBefore) {
  const test::TempFolder folder;
  const CheckpointFolder checkpoints(folder.path());
  for (const std::uint64_t step : {1U, 2U}) checkpoints.save(Example(step).view());
  // The temporary name leads to a device that is always full.
  const std::string path = checkpoints.path_of(3);
  const std::string temporary = path + ".tmp" + std::to_string(getpid());
  std::filesystem::create_symlink("/dev/full", temporary);
  EXPECT_EQ(test::message_of<base::IoError>([&] { checkpoints.save(Example(3).view()); }),
            "[" + path + "] cannot write: got No space left on device");
  EXPECT_EQ(checkpoints.steps(), (Steps{1, 2}));
  EXPECT_EQ(checkpoints.load()->checkpoint.state.step, 2U);
  EXPECT_FALSE(std::filesystem::exists(std::filesystem::symlink_status(temporary)));
}

TEST(CheckpointFolder, MessageOfAFolderThatCannotBeMade) {
  const test::TempFolder folder;
  const std::string path = folder.write("file", "") + "/run";
  EXPECT_EQ(test::message_of<base::IoError>([&] { CheckpointFolder{path}; }),
            "[" + path + "] cannot make: got Not a directory");
}

// The superuser may write everywhere: what a folder refuses is seen as somebody else, for as long
// as this lives.
class Nobody {
 public:
  explicit Nobody(const std::string& folder) {
    if (before_ != 0) return;
    constexpr uid_t kNobody = 65534;
    EXPECT_EQ(chown(folder.c_str(), kNobody, static_cast<gid_t>(-1)), 0);
    EXPECT_EQ(seteuid(kNobody), 0);
  }
  ~Nobody() { EXPECT_EQ(seteuid(before_), 0); }
  Nobody(const Nobody&) = delete;
  Nobody& operator=(const Nobody&) = delete;

 private:
  uid_t before_ = geteuid();
};

TEST(CheckpointFolder, MessageOfAFolderThatIsReadOnly) {
  const test::TempFolder folder;
  std::filesystem::permissions(
      folder.path(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
  {
    const Nobody nobody(folder.path());
    EXPECT_EQ(test::message_of<base::IoError>([&] { CheckpointFolder{folder.path()}; }),
              "[" + folder.path() + "/.lock] cannot write: got Permission denied");
  }
  std::filesystem::permissions(folder.path(), std::filesystem::perms::owner_all);
}

TEST(CheckpointFolder, AFolderThatBecomesReadOnlyKeepsItsCheckpoints) {
  const test::TempFolder folder;
  const CheckpointFolder checkpoints(folder.path());
  checkpoints.save(Example(1).view());
  std::filesystem::permissions(
      folder.path(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
  {
    const Nobody nobody(folder.path());
    EXPECT_EQ(test::message_of<base::IoError>([&] { checkpoints.save(Example(2).view()); }),
              "[" + checkpoints.path_of(2) + "] cannot write: got Permission denied");
  }
  std::filesystem::permissions(folder.path(), std::filesystem::perms::owner_all);
  EXPECT_EQ(checkpoints.load()->checkpoint.state.step, 1U);
}

TEST(CheckpointFolder, OneTrainingAtATime) {
  const test::TempFolder folder;
  {
    const CheckpointFolder first(folder.path());
    EXPECT_EQ(test::message_of<base::ResourceError>([&] { CheckpointFolder{folder.path()}; }),
              "[" + folder.path() +
                  "] folder of checkpoints: got another training that runs in it, expected none; "
                  "wait for it, or choose another folder");
  }
  const CheckpointFolder second(folder.path());
}

}  // namespace
}  // namespace sheaf::train
