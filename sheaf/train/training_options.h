// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sheaf/engine/compile.h"
#include "sheaf/engine/workload.h"
#include "sheaf/io/blocks.h"
#include "sheaf/train/communicator.h"
#include "sheaf/train/optimiser.h"

namespace sheaf::train {

// Of a training from data files to a model folder (training.h).
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

}  // namespace sheaf::train
