// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace sheaf::train {

// What a model does on held-out data, by name: "root_accuracy", "perplexity".
using Metrics = std::map<std::string, double>;

// One epoch that has ended.
struct EpochRecord {
  std::uint64_t step = 0;   // updates done when it ended, all epochs together
  double loss = 0;          // summed over its minibatches, each at the parameters of its time
  std::uint64_t terms = 0;  // of that sum
  Metrics metrics;

  [[nodiscard]] double mean_loss() const {
    return terms > 0 ? loss / static_cast<double>(terms) : 0;
  }
  friend bool operator==(const EpochRecord&, const EpochRecord&) = default;
};

struct BestEpoch {
  std::uint64_t epoch = 0;  // index into the history
  double value = 0;         // of the metric that is watched

  friend bool operator==(const BestEpoch&, const BestEpoch&) = default;
};

// How far a training has come, parameters and state of the optimiser apart.
struct TrainState {
  std::uint64_t step = 0;       // updates done
  std::uint64_t minibatch = 0;  // minibatches done of the epoch that has begun
  double epoch_loss = 0;        // summed over these
  std::uint64_t epoch_terms = 0;
  std::vector<EpochRecord> history;  // of the epochs that have ended
  std::optional<BestEpoch> best;     // none: no metric is watched, or none was a number

  [[nodiscard]] std::uint64_t epoch() const { return history.size(); }
  friend bool operator==(const TrainState&, const TrainState&) = default;
};

[[nodiscard]] nlohmann::ordered_json to_json(const TrainState& state);

// Exactly what to_json() was given, to the bit. Throws DataError at `path` for anything else.
[[nodiscard]] TrainState parse_train_state(const nlohmann::json& json, const std::string& path);

}  // namespace sheaf::train
