// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sheaf::train {

// The learning rate as a function of the update's number, t = 0, 1, ... In the first `warmup`
// updates every schedule rises along base (t + 1) / warmup; then, with u = t - warmup and
// n = updates - warmup:
//
//   constant      base
//   step          base factor^floor(u / every)
//   cosine        end + (base - end) (1 + cos(pi u / n)) / 2         (Loshchilov and Hutter, 2017)
//   linear        base + (end - base) u / n
//   inverse_sqrt  base sqrt(max(warmup, 1) / (t + 1))                (Vaswani et al., 2017)
//
// After `updates`, cosine and linear stay at `end`.
struct LearningRate {
  enum class Kind { constant, step, cosine, linear, inverse_sqrt };

  Kind kind = Kind::constant;
  double base = 0.1;
  std::uint64_t warmup = 0;
  std::uint64_t updates = 0;  // of the whole training; cosine and linear
  std::uint64_t every = 0;    // step; in updates
  double factor = 0.1;        // step
  double end = 0;             // cosine and linear

  friend bool operator==(const LearningRate&, const LearningRate&) = default;
};

[[nodiscard]] double rate_at(const LearningRate& schedule, std::uint64_t update);

// "NAME" or "NAME:key=value,...", with the keys warmup, updates, every, factor and end; `updates`
// is that of the whole training where the text does not say. Throws UsageError, suggesting the
// nearest name, when the text is not such, or what it says makes no sense.
[[nodiscard]] LearningRate parse_learning_rate(std::string_view text, double base,
                                               std::uint64_t updates);

// What parse_learning_rate() reads, with every number that the schedule depends on.
[[nodiscard]] std::string to_string(const LearningRate& schedule);

}  // namespace sheaf::train
