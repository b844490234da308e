// SPDX-License-Identifier: Apache-2.0
//
// Several models that learn the labels of the same trees' roots, in the same order, with the same
// optimiser: what they reach, and in what time. The demo shows it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sheaf/base/clock.h"
#include "sheaf/engine/compile.h"
#include "sheaf/nn/model.h"
#include "sheaf/train/optimiser.h"

namespace sheaf::train {

// Trees in brackets, of which the roots have labels.
struct LearningData {
  std::vector<nn::Instance> train;
  std::vector<nn::Instance> dev;
  nn::Vocabularies vocabularies;

  // Share of the held-out roots that have the label which most of the training part's have; of
  // equally frequent ones the smallest.
  [[nodiscard]] double majority_accuracy() const;
};

// Words that the training part has less often than `min_count` have no row. Throws DataError for
// files that are no trees or have none, IoError for those that cannot be read.
[[nodiscard]] LearningData read_learning_data(const std::string& train, const std::string& dev,
                                              std::uint32_t min_count);

struct Contestant {
  std::string name;
  // A model with the weights that it begins with: one learns, another is evaluated, without
  // dropout.
  std::function<std::unique_ptr<nn::Model>()> make;
};

// "Bag of leaves" (nn/bag_of_leaves.h) and "Tree-LSTM", with random weights. `data` must outlive
// them.
[[nodiscard]] std::vector<Contestant> tree_contestants(const LearningData& data,
                                                       std::uint32_t hidden, std::uint64_t seed);

struct LearningOptions {
  OptimiserOptions optimiser;
  double rate = 0.002;        // falls linearly to 0 over the epochs
  double clip_norm = 5;       // 0: no clipping
  float dropout_lookups = 0;  // model_gradients.h
  float dropout_heads = 0;
  std::uint32_t batch = 32;
  std::uint64_t epochs = 20;
  double most_seconds = 0;  // a contestant ends after the epoch in which it has had them; 0: never
  std::uint64_t seed = 1;   // of shuffling and dropout
  engine::Options session;
};

// After an epoch.
struct LearningPoint {
  double seconds = 0;       // spent on updates so far, evaluation apart
  double train_loss = 0;    // mean over the epoch, each at the weights of its time
  double dev_accuracy = 0;  // of the held-out trees' roots
};

struct LearningCurve {
  std::string name;
  std::uint64_t parameters = 0;  // numbers in them
  std::vector<LearningPoint> points;
  double trees_per_s = 0;  // training: forward, backward and update
};

// Trains a model of one contestant. Seconds are those of `clock`; what is
// learned does not depend on them unless `most_seconds` ends it. `progress` is called after every
// minibatch and may be empty. Throws what Trainer throws; DataError for roots without labels.
[[nodiscard]] LearningCurve learn(
    const Contestant& contestant, const LearningData& data, const LearningOptions& options,
    const base::Clock& clock,
    const std::function<void(std::uint64_t step, std::uint64_t steps)>& progress = {});

}  // namespace sheaf::train
