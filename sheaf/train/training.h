// SPDX-License-Identifier: Apache-2.0
//
// A training from data files to a model folder: what `sheaf train` does.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "sheaf/engine/compile.h"
#include "sheaf/engine/workload.h"
#include "sheaf/io/blocks.h"
#include "sheaf/train/communicator.h"
#include "sheaf/train/model_gradients.h"
#include "sheaf/train/trainer.h"

namespace sheaf::train {

struct TrainingOptions {
  // Model, training data, hidden size, seed, and weights to begin with. Without these vocabularies
  // are built from the data (engine/vocabulary_builder.h). Its seed is that of the training.
  engine::WorkloadOptions data;
  std::optional<std::uint32_t> min_count;  // words that the data have less often have no row
  // File or model folder with the vocabularies (model_folder.h); empty: built from the data.
  std::string vocabulary;
  // Training data that need not fit into memory: blocks of the file that are in memory and shuffled
  // together (instance_stream.h). None: the data are read as a whole.
  std::optional<std::uint32_t> stream_window;
  std::uint64_t stream_block_bytes = io::kBlockBytes;
  std::string dev;         // held-out data; empty: none
  std::string dev_target;  // lstm_nmt: their translations
  std::string dev_labels;  // pictures: their labels; empty: the file beside them
  OptimiserOptions optimiser;
  double rate = 0.1;
  std::string schedule = "constant";  // learning_rate.h
  double clip_norm = 0;
  double clip_value = 0;
  std::vector<std::string> frozen;
  std::string loss;           // cross_entropy, hinge or crf; empty: cross_entropy, of lac crf
  std::string class_weights;  // file (class_weights.h) or "balanced"; empty: all 1
  std::string decode;         // how tags of `dev` are found: tag_decoder.h; empty: default_decode()
  double dropout = 0;  // probability that a value is dropped: of look-ups, and of what heads read
  std::uint32_t batch = 32;
  bool drop_last = false;  // trainer.h
  // Minibatches whose instances are sorted by their number of nodes (shuffle.h); 0: off.
  std::uint32_t bucket = 0;
  std::uint64_t epochs = 10;
  // Of evaluate.h, on `dev`, or bleu, which has `dev` translated greedily after every epoch; empty:
  // loss, where there is `dev`.
  std::string metric;
  std::uint64_t patience = 0;
  std::string out;                     // model folder; checkpoints lie in its folder "checkpoints"
  std::uint64_t checkpoint_every = 0;  // steps; 0: after every epoch only
  bool resume = false;
  std::string logdir;  // of TensorBoard's event file; empty: none
  engine::Options session;
  // Table of policy "fsm". Empty: learned on forward and backward of the first instances, and left
  // in `out` as policy.json, which a run that is resumed reads.
  std::string policy_file;
  // Other processes that run the same training with the same options, each on its shards of every
  // minibatch; rank 0 writes. Null: none. The result has the bits of a single process.
  Communicator* communicator = nullptr;
  std::string save_initial;  // model folder of the weights before the first update; empty: none
  std::string losses;        // file with a line of JSON per update (loss_log.h); empty: none
};

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
// checkpoints. Throws what Trainer throws; UsageError and
// DataError for options and data that do not fit the model.
TrainingSummary run_training(const TrainingOptions& options, const TrainingCallbacks& callbacks);

}  // namespace sheaf::train
