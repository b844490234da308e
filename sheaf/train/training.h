// SPDX-License-Identifier: Apache-2.0
//
// A training from data files to a model folder: what `sheaf train` does.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "sheaf/train/trainer.h"
#include "sheaf/train/training_options.h"

namespace sheaf::train {

struct TrainingCallbacks {
  std::function<void(const StepReport&, std::uint64_t steps)> step;  // of so many, all epochs
  std::function<void(const EpochRecord&, std::uint64_t epoch, bool is_best)> epoch;
  std::function<void(const std::string&)> notice;
  std::function<double()> wall_time;  // seconds since 1970, for the event file; empty: 0
};

struct TrainingSummary {
  TrainResult result;
  std::string metric;  // that was watched; empty: none
  std::uint64_t instances = 0;
  std::uint64_t dev_instances = 0;
  std::uint64_t parameters = 0;  // numbers in them
  std::string last_digest;       // SHA-256 of all weights after the last step
  std::string best_digest;       // of those that the model folder has

  // Of the updates that this run did, how many and what they took. Times are those of
  // TrainingOptions::session.clock; 0 without one.
  std::uint64_t updates = 0;
  std::uint64_t nodes = 0;
  std::uint64_t batches = 0;
  std::uint64_t schedule_ns = 0;
  std::uint64_t plan_ns = 0;
  std::uint64_t execute_ns = 0;
};

// Whether lower values of a metric of that name are better: of "loss", "perplexity" and q-errors.
[[nodiscard]] Better better_of(const std::string& metric);

// Trains, and keeps the best weights so far as a model folder: those of the epoch that is best by
// `metric` on `dev`, or of the last epoch that has ended where there is no `dev`. The folder is
// written whenever there are new ones, each file as a whole, so that a run that is stopped leaves
// one that can be used as soon as an epoch has ended; the weights of the last update are in the
// checkpoints. Throws what Trainer throws; UsageError and DataError for options and data that do
// not fit the model.
TrainingSummary run_training(const TrainingOptions& options, const TrainingCallbacks& callbacks);

}  // namespace sheaf::train
