// SPDX-License-Identifier: Apache-2.0
#include "sheaf/train/learning_rate.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <numbers>
#include <utility>

#include "sheaf/base/error.h"
#include "sheaf/base/nearest.h"

namespace sheaf::train {
namespace {

using Kind = LearningRate::Kind;

// In the order of Kind.
const std::array<std::string, 5>& names() {
  static const std::array<std::string, 5> kNames = {"constant", "step", "cosine", "linear",
                                                    "inverse_sqrt"};
  return kNames;
}

bool ends(Kind kind) { return kind == Kind::cosine || kind == Kind::linear; }

template <class Number>
Number parse_number(std::string_view text, std::string_view key, const char* expected) {
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size()) return number;
  throw base::UsageError({.place = "learning rate",
                          .what = std::string(key),
                          .got = "'" + std::string(text) + "'",
                          .expected = expected});
}

void set(LearningRate& schedule, std::string_view key, std::string_view value) {
  static const std::array<std::string, 5> kKeys = {"warmup", "updates", "every", "factor", "end"};
  const auto count = [&] { return parse_number<std::uint64_t>(value, key, "a count of updates"); };
  const auto number = [&] { return parse_number<double>(value, key, "a number"); };
  if (key == kKeys[0]) {
    schedule.warmup = count();
  } else if (key == kKeys[1]) {
    schedule.updates = count();
  } else if (key == kKeys[2]) {
    schedule.every = count();
  } else if (key == kKeys[3]) {
    schedule.factor = number();
  } else if (key == kKeys[4]) {
    schedule.end = number();
  } else {
    throw base::UsageError({.place = "learning rate",
                            .what = "unknown key",
                            .got = "'" + std::string(key) + "'",
                            .hint = base::suggest(key, kKeys)});
  }
}

void require(bool holds, const char* what, std::string got, const char* expected) {
  if (holds) return;
  throw base::UsageError(
      {.place = "learning rate", .what = what, .got = std::move(got), .expected = expected});
}

void require_sense(const LearningRate& s) {
  const auto is_rate = [](double x) { return x >= 0 && std::isfinite(x); };
  require(is_rate(s.base), "rate", fmt::format("{}", s.base), "a finite number, not negative");
  require(is_rate(s.end), "end", fmt::format("{}", s.end), "a finite number, not negative");
  require(is_rate(s.factor), "factor", fmt::format("{}", s.factor),
          "a finite number, not negative");
  require(s.kind != Kind::step || s.every > 0, "every", "0",
          "how many updates to a step, step:every=1000 for instance");
  require(!ends(s.kind) || s.updates > s.warmup, "updates", std::to_string(s.updates),
          "more than those of the warm-up");
}

}  // namespace

double rate_at(const LearningRate& s, std::uint64_t update) {
  const auto t = static_cast<double>(update);
  const auto warmup = static_cast<double>(s.warmup);
  if (update < s.warmup) return s.base * (t + 1) / warmup;
  const double part =
      update >= s.updates ? 1 : (t - warmup) / (static_cast<double>(s.updates) - warmup);
  switch (s.kind) {
    case Kind::constant:
      return s.base;
    case Kind::step:
      return s.base * std::pow(s.factor, static_cast<double>((update - s.warmup) / s.every));
    case Kind::cosine:
      if (part == 1) return s.end;
      return s.end + (s.base - s.end) * (1 + std::cos(std::numbers::pi * part)) / 2;
    case Kind::linear:
      if (part == 1) return s.end;
      return s.base + (s.end - s.base) * part;
    case Kind::inverse_sqrt:
      return s.base * std::sqrt(std::max(warmup, 1.0) / (t + 1));
  }
  return s.base;
}

LearningRate parse_learning_rate(std::string_view text, double base, std::uint64_t updates) {
  LearningRate schedule;
  schedule.base = base;
  const std::size_t colon = text.find(':');
  const std::string name(text.substr(0, colon));
  const auto it = std::find(names().begin(), names().end(), name);
  if (it == names().end()) {
    throw base::UsageError({.place = "learning rate",
                            .what = "unknown schedule",
                            .got = "'" + name + "'",
                            .hint = base::suggest(name, names())});
  }
  schedule.kind = static_cast<Kind>(it - names().begin());
  if (ends(schedule.kind)) schedule.updates = updates;
  std::string_view rest = colon == std::string_view::npos ? "" : text.substr(colon + 1);
  while (!rest.empty()) {
    const std::string_view pair = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
    const std::size_t equals = std::min(pair.find('='), pair.size());
    set(schedule, pair.substr(0, equals), pair.substr(std::min(equals + 1, pair.size())));
  }
  require_sense(schedule);
  return schedule;
}

std::string to_string(const LearningRate& s) {
  std::string text = names()[static_cast<std::size_t>(s.kind)];
  char separator = ':';
  const auto add = [&](const char* key, const auto& value) {
    text += fmt::format("{}{}={}", std::exchange(separator, ','), key, value);
  };
  if (s.warmup > 0) add("warmup", s.warmup);
  if (s.kind == Kind::step) {
    add("every", s.every);
    add("factor", s.factor);
  }
  if (ends(s.kind)) {
    add("updates", s.updates);
    add("end", s.end);
  }
  return text;
}

}  // namespace sheaf::train
