// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "sheaf/base/rng.h"

namespace sheaf::io {

// A size to draw: every number from `least` to `most` is as likely.
struct SizeRange {
  std::uint32_t least = 1;
  std::uint32_t most = 1;
  [[nodiscard]] std::uint32_t draw(base::Rng& rng) const {
    return least + rng.below(most - least + 1);
  }
};

// "KIND,key=value,...", with a kind's keys and their defaults filled in. All members throw
// UsageError, which names the key, for values that do not fit.
class RandomSpec {
 public:
  // Throws UsageError for an unknown kind or key, suggesting the nearest, and for a key without a
  // value or given twice.
  explicit RandomSpec(std::string_view text);

  [[nodiscard]] const std::string& kind() const { return kind_; }
  [[nodiscard]] std::uint64_t seed() const;
  // 1 or more.
  [[nodiscard]] std::uint32_t count(const std::string& key) const;
  // "MIN-MAX", where MIN is `least` or more, or "M", a mean: 1 to 2 M - 1.
  [[nodiscard]] SizeRange range(const std::string& key, std::uint32_t least = 1) const;
  // 0 to 1.
  [[nodiscard]] double share(const std::string& key) const;
  [[nodiscard]] std::string choice(const std::string& key,
                                   std::span<const std::string> names) const;

 private:
  std::string kind_;
  std::map<std::string, std::string> values_;
};

// A line of help per kind: its keys with their defaults.
[[nodiscard]] std::string random_data_help();

}  // namespace sheaf::io
