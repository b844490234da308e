// SPDX-License-Identifier: Apache-2.0
//
// The loop: epochs of shuffled minibatches, evaluation after each epoch, early stopping, the best
// weights, checkpoints. A training that is killed at any moment and resumed ends with the bits of
// one that is not, since nothing depends on what ran before but what a checkpoint holds.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "sheaf/graph/parameter.h"
#include "sheaf/train/checkpoint_folder.h"
#include "sheaf/train/gradient_source.h"
#include "sheaf/train/train_state.h"
#include "sheaf/train/updater.h"

namespace sheaf::train {

enum class Better { higher, lower };

struct TrainOptions {
  std::uint32_t instances = 0;  // of the training data; > 0
  std::uint32_t batch = 32;     // instances to a minibatch; > 0
  bool drop_last = false;       // an epoch leaves out what does not fill a minibatch
  std::uint64_t epochs = 10;
  std::uint64_t seed = 1;
  std::vector<std::uint32_t> lengths;  // by instance; needed for buckets only
  std::uint32_t bucket = 0;            // minibatches whose instances are sorted by length; 0: off
  // The source has an order of its own and is asked for positions in that, ascending, since the
  // data are not in memory as a whole (streamed_gradients.h): nothing is shuffled here.
  bool streamed = false;
  std::string metric;  // that says which epoch is best; empty: none is watched
  Better better = Better::higher;
  std::uint64_t patience = 0;          // epochs in a row without a better one that end it; 0: never
  std::vector<std::string> unsaved;    // parameters that the source sets before every run (the key
                                       // of dropout): neither kept nor judged
  std::string folder;                  // of checkpoints; empty: none are written
  bool writes = true;                  // checkpoints; of several processes that share the work one
  std::uint64_t checkpoint_every = 0;  // steps; 0: at the end of each epoch only
  bool resume = false;                 // goes on from the folder's newest checkpoint, if it has one
  nlohmann::ordered_json recipe = nlohmann::ordered_json::object();  // what else the result depends
                                                                     // on: model, data, ...
};

// One minibatch that is done.
struct StepReport {
  std::uint64_t step = 0;         // updates done, this one included
  std::uint64_t epoch = 0;        // from 0
  std::uint64_t minibatch = 0;    // of the epoch, from 0
  std::uint64_t minibatches = 0;  // of an epoch
  double loss = 0;                // mean of this minibatch
  double epoch_loss = 0;          // mean of the epoch so far
  double norm = 0;                // of the gradients, before clipping
  double rate = 0;
};

// What the loop calls; each may be empty, and may throw, which ends the training as a kill would.
struct TrainCallbacks {
  // Metrics at the parameters as they are, after every epoch. A function of the parameters.
  std::function<Metrics()> evaluate;
  std::function<void(const StepReport&)> step;
  std::function<void(const EpochRecord&, std::uint64_t epoch, bool is_best)> epoch;
  std::function<void(const std::string& path)> checkpoint;  // has been written
  std::function<void(const std::string& text)> notice;      // damaged checkpoints, what is resumed
};

struct TrainResult {
  std::uint64_t steps = 0;
  bool stopped_early = false;
  std::vector<EpochRecord> history;
  std::optional<BestEpoch> best;
};

// Minibatches of an epoch.
[[nodiscard]] std::uint64_t minibatches_of(std::uint64_t instances, std::uint32_t batch,
                                           bool drop_last);

class Trainer {
 public:
  // All of `source`, `parameters` and `updater` must outlive it. Throws UsageError for options that
  // make no sense, for a folder that has checkpoints when `resume` is off, and, when it is on, for
  // options that are not those of the checkpoint (epochs, patience, folder and checkpoint_every may
  // differ; a schedule that ends has to end where it did at first, as the message says); and what
  // CheckpointFolder throws.
  Trainer(GradientSource& source, graph::ParameterStore& parameters, Updater& updater,
          TrainOptions options, TrainCallbacks callbacks);

  // Trains to the end; afterwards the parameters are those of the last step. Throws DivergedError
  // when a loss, a gradient or a weight is not finite, with the source's explanation: before
  // parameters or files change. Throws IoError when a checkpoint cannot be written; those before it
  // stay.
  TrainResult run();

  // Assigns the weights of the best epoch; those of the last where no metric is watched.
  void use_best();

  [[nodiscard]] const TrainState& state() const { return state_; }
  [[nodiscard]] std::uint64_t minibatches() const;  // of an epoch

 private:
  void require_sense() const;
  void require_finite() const;
  [[nodiscard]] nlohmann::ordered_json recorded_options() const;
  void resume();
  void require_same_options(const Checkpoint& checkpoint, const std::string& path) const;
  [[nodiscard]] std::vector<std::uint32_t> order_of(std::uint64_t epoch) const;
  [[nodiscard]] bool out_of_patience() const;
  void run_minibatch(std::span<const std::uint32_t> instances);
  void end_epoch();
  [[nodiscard]] bool take_best(const EpochRecord& record);
  void save();

  GradientSource& source_;
  graph::ParameterStore& parameters_;
  Updater& updater_;
  TrainOptions options_;
  TrainCallbacks callbacks_;
  nlohmann::ordered_json recorded_;
  std::optional<CheckpointFolder> folder_;
  TrainState state_;
  std::vector<graph::ParameterId> saved_;  // all but the unsaved
  std::vector<tensor::Tensor> best_;       // of these; empty: none
  graph::Gradients gradients_;
};

// Throws UsageError, suggesting the nearest, for a metric that is none of `known`.
void require_metric(const std::string& metric, const Metrics& known);

}  // namespace sheaf::train
