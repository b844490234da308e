// SPDX-License-Identifier: Apache-2.0
//
// Pull the plug: a training that is killed and resumed ends with the bits of one that is not.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "sheaf/base/error.h"
#include "sheaf/train/trainer.h"
#include "tests/io/temp_folder.h"
#include "tests/message_of.h"
#include "tests/train/toy.h"

namespace sheaf::train {
namespace {

using test::Toy;

constexpr std::uint32_t kInstances = 43;
constexpr std::uint64_t kEpochs = 4;
constexpr std::uint64_t kSteps = kEpochs * 9;  // minibatches of 5

struct PlugPulled : std::runtime_error {
  PlugPulled() : std::runtime_error("the plug was pulled") {}
};

// What a training ends with.
struct End {
  std::string last;  // weights
  std::string best;
  std::vector<EpochRecord> history;
  std::optional<BestEpoch> best_epoch;

  friend bool operator==(const End&, const End&) = default;
};

struct Setting {
  std::string optimiser = "adam";
  std::uint64_t checkpoint_every = 4;
  std::uint32_t bucket = 0;
  std::uint64_t epochs = kEpochs;
  std::uint64_t seed = 3;
  bool resume = true;
  std::string metric = "minus_loss";
};

// One process: trains in `folder` from where it stands there. `pull` is called before every run.
End train(const std::string& folder, const Setting& setting,
          const std::function<void(std::uint64_t step)>& pull = nullptr,
          std::vector<std::string>* notices = nullptr) {
  Toy toy(kInstances);
  toy.before_run = pull;
  Updater updater({.optimiser = {.name = setting.optimiser, .weight_decay = 1e-3},
                   .rate = parse_learning_rate("cosine:warmup=5", 0.1, kSteps),
                   .clip_norm = 0.3},
                  toy.store);
  std::vector<std::uint32_t> lengths(kInstances);
  for (std::uint32_t i = 0; i < kInstances; ++i) lengths[i] = i % 11;
  TrainOptions options{.instances = kInstances,
                       .batch = 5,
                       .epochs = setting.epochs,
                       .seed = setting.seed,
                       .lengths = lengths,
                       .bucket = setting.bucket,
                       .metric = setting.metric,
                       .folder = folder,
                       .checkpoint_every = setting.checkpoint_every,
                       .resume = setting.resume};
  options.recipe = {{"model", "toy"}, {"nested", {{"z", 1}, {"a", 0.1}}}};
  Trainer trainer(toy, toy.store, updater, options,
                  {.evaluate =
                       [&] {
                         return Metrics{{"minus_loss", -toy.loss()}, {"accuracy", toy.accuracy()}};
                       },
                   .notice =
                       [&](const std::string& text) {
                         if (notices != nullptr) notices->push_back(text);
                       }});
  const TrainResult result = trainer.run();
  End end{.last = test::bits_of(toy.store),
          .best = {},
          .history = result.history,
          .best_epoch = result.best};
  trainer.use_best();
  end.best = test::bits_of(toy.store);
  return end;
}

End undisturbed(const Setting& setting) {
  const test::TempFolder folder;
  return train(folder.path(), setting);
}

TEST(Resume, PulledBeforeAndAfterACheckpointAndAnEpochEndsWithTheSameBits) {
  const Setting setting;
  const End expected = undisturbed(setting);
  for (const std::uint64_t at : {0U, 3U, 4U, 5U, 8U, 9U, 10U, 26U, 35U}) {
    const test::TempFolder folder;
    EXPECT_THROW(train(folder.path(), setting,
                       [&](std::uint64_t step) {
                         if (step == at) throw PlugPulled();
                       }),
                 PlugPulled);
    EXPECT_EQ(train(folder.path(), setting), expected) << at;
  }
}

TEST(Resume, PulledAtRandomMomentsOfOneRunEndsWithTheSameBits) {
  const base::Philox random(11, "plug");
  std::uint64_t draw = 0;
  const std::vector<Setting> settings = {
      {"sgd", 7, 0}, {"momentum", 3, 2}, {"adagrad", 1, 0}, {"adam", 5, 3}, {"adamw", 4, 0}};
  for (const Setting& setting : settings) {
    const End expected = undisturbed(setting);
    const test::TempFolder folder;
    int pulled = 0;
    std::optional<End> end;
    while (!end) {
      // Every process lives for 8 to 15 runs.
      std::uint64_t left = 8 + random.below(8, 0, ++draw);
      try {
        end = train(folder.path(), setting, [&](std::uint64_t) {
          if (left-- == 0) throw PlugPulled();
        });
      } catch (const PlugPulled&) {
        ++pulled;
      }
    }
    EXPECT_EQ(*end, expected) << setting.optimiser;
    EXPECT_GE(pulled, 2);
  }
}

TEST(Resume, ProcessesThatAreKilledEndWithTheSameBits) {
  const Setting setting;
  const End expected = undisturbed(setting);
  const test::TempFolder folder;
  for (const std::uint64_t at : {2U, 9U, 17U, 30U}) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      train(folder.path(), setting, [&](std::uint64_t step) {
        if (step == at) kill(getpid(), SIGKILL);
      });
      _exit(0);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));
    ASSERT_EQ(WTERMSIG(status), SIGKILL);
  }
  std::vector<std::string> notices;
  EXPECT_EQ(train(folder.path(), setting, nullptr, &notices), expected);
  ASSERT_EQ(notices.size(), 1U);
  EXPECT_EQ(notices[0],
            "going on from " + folder.path() +
                "/checkpoint-000000000028.safetensors: epoch 4, minibatch 2, after step 28");
}

TEST(Resume, ADamagedCheckpointIsNamedAndTheOneBeforeGoesOnToTheSameBits) {
  const Setting setting;
  const End expected = undisturbed(setting);
  const test::TempFolder folder;
  EXPECT_THROW(train(folder.path(), setting,
                     [](std::uint64_t step) {
                       if (step == 14) throw PlugPulled();
                     }),
               PlugPulled);
  const std::string newest = folder.path("checkpoint-000000000012.safetensors");
  ASSERT_TRUE(std::filesystem::exists(newest));
  std::filesystem::resize_file(newest, std::filesystem::file_size(newest) - 1);
  std::vector<std::string> notices;
  EXPECT_EQ(train(folder.path(), setting, nullptr, &notices), expected);
  ASSERT_EQ(notices.size(), 2U);
  EXPECT_TRUE(notices[0].starts_with("[" + newest + "] damaged checkpoint: got SHA-256 "));
  EXPECT_TRUE(notices[0].ends_with("; going on from the one before"));
  EXPECT_TRUE(
      notices[1].ends_with("checkpoint-000000000009.safetensors: epoch 2, minibatch 1, "
                           "after step 9"));
}

TEST(Resume, AFullDiskEndsTheTrainingAndLosesNothing) {
  const Setting setting;
  const End expected = undisturbed(setting);
  const test::TempFolder folder;
  const std::string path = folder.path("checkpoint-000000000012.safetensors");
  EXPECT_EQ(test::message_of<base::IoError>([&] {
              // The temporary name leads to a device that is always full.
              train(folder.path(), setting, [&](std::uint64_t step) {
                const std::string temporary = path + ".tmp" + std::to_string(getpid());
                if (step == 11) std::filesystem::create_symlink("/dev/full", temporary);
              });
            }),
            "[" + path + "] cannot write: got No space left on device");
  EXPECT_EQ(train(folder.path(), setting), expected);
}

TEST(Resume, MoreEpochsGoOnFromAnEndThatWasReached) {
  Setting setting;
  const End expected = undisturbed(setting);
  const test::TempFolder folder;
  setting.epochs = 2;
  const End half = train(folder.path(), setting);
  EXPECT_EQ(half.history.size(), 2U);
  setting.epochs = kEpochs;
  EXPECT_EQ(train(folder.path(), setting), expected);
  EXPECT_EQ(train(folder.path(), setting,
                  [](std::uint64_t) { throw PlugPulled(); }),  // nothing is left to do
            expected);
}

TEST(Resume, AnEmptyFolderBeginsAnewAndSaysSo) {
  const test::TempFolder folder;
  std::vector<std::string> notices;
  Setting setting;
  EXPECT_EQ(train(folder.path("new"), setting, nullptr, &notices), undisturbed(setting));
  EXPECT_EQ(notices, std::vector<std::string>{"no checkpoint in " + folder.path("new") +
                                              ": beginning anew"});
}

TEST(Resume, MessagesOfFoldersThatHoldAnotherTraining) {
  const test::TempFolder folder;
  Setting setting;
  train(folder.path(), setting);
  const std::string newest = folder.path("checkpoint-000000000036.safetensors");
  const auto message = [&] {
    return test::message_of<base::UsageError>([&] { train(folder.path(), setting); });
  };
  setting.seed = 4;
  EXPECT_EQ(message(),
            "[" + newest + "] seed (--seed) of the training that is resumed: got 4, expected 3");
  setting = {};
  setting.metric = "accuracy";
  EXPECT_EQ(message(), "[" + newest +
                           "] metric that says what is best (--metric) of the training that is "
                           "resumed: got 'accuracy', expected 'minus_loss'");
  setting = {};
  setting.resume = false;
  EXPECT_EQ(message(), "[" + folder.path() +
                           "] folder of checkpoints: got those of another training, expected "
                           "none; resume it, or choose another folder");
}

}  // namespace
}  // namespace sheaf::train
