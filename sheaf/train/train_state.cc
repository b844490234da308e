// SPDX-License-Identifier: Apache-2.0
#include "sheaf/train/train_state.h"

#include <cmath>
#include <limits>
#include <utility>

#include "sheaf/base/error.h"

namespace sheaf::train {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

// JSON has no word for these.
ordered_json number_to_json(double number) {
  if (std::isfinite(number)) return number;
  if (std::isnan(number)) return "nan";
  return number > 0 ? "inf" : "-inf";
}

[[noreturn]] void refuse(const std::string& path, const char* key, std::string got,
                         const char* expected) {
  throw base::DataError({.place = path,
                         .what = std::string("state of the training, ") + key,
                         .got = std::move(got),
                         .expected = expected});
}

const json& member(const json& object, const char* key, const std::string& path) {
  if (!object.is_object() || !object.contains(key)) refuse(path, key, "none", "a value");
  return object.at(key);
}

std::uint64_t count(const json& object, const char* key, const std::string& path) {
  const json& value = member(object, key, path);
  if (!value.is_number_unsigned()) refuse(path, key, value.dump(), "a count");
  return value.get<std::uint64_t>();
}

double number(const json& object, const char* key, const std::string& path) {
  const json& value = member(object, key, path);
  if (value.is_number()) return value.get<double>();
  if (value == "nan") return std::numeric_limits<double>::quiet_NaN();
  if (value == "inf") return std::numeric_limits<double>::infinity();
  if (value == "-inf") return -std::numeric_limits<double>::infinity();
  refuse(path, key, value.dump(), "a number");
}

EpochRecord parse_epoch(const json& entry, const std::string& path) {
  EpochRecord record{.step = count(entry, "step", path),
                     .loss = number(entry, "loss", path),
                     .terms = count(entry, "terms", path),
                     .metrics = {}};
  const json& metrics = member(entry, "metrics", path);
  if (!metrics.is_object()) refuse(path, "metrics", metrics.type_name(), "an object");
  for (const auto& item : metrics.items()) {
    record.metrics[item.key()] = number(metrics, item.key().c_str(), path);
  }
  return record;
}

}  // namespace

ordered_json to_json(const TrainState& state) {
  ordered_json result;
  result["step"] = state.step;
  result["epoch"] = state.epoch();
  result["minibatch"] = state.minibatch;
  result["epoch_loss"] = number_to_json(state.epoch_loss);
  result["epoch_terms"] = state.epoch_terms;
  result["history"] = ordered_json::array();
  for (const EpochRecord& record : state.history) {
    ordered_json metrics = ordered_json::object();
    for (const auto& [name, value] : record.metrics) metrics[name] = number_to_json(value);
    result["history"].push_back({{"step", record.step},
                                 {"loss", number_to_json(record.loss)},
                                 {"terms", record.terms},
                                 {"metrics", std::move(metrics)}});
  }
  if (state.best) {
    result["best"] = {{"epoch", state.best->epoch}, {"value", number_to_json(state.best->value)}};
  }
  return result;
}

TrainState parse_train_state(const json& text, const std::string& path) {
  TrainState state{.step = count(text, "step", path),
                   .minibatch = count(text, "minibatch", path),
                   .epoch_loss = number(text, "epoch_loss", path),
                   .epoch_terms = count(text, "epoch_terms", path),
                   .history = {},
                   .best = {}};
  const json& history = member(text, "history", path);
  if (!history.is_array()) refuse(path, "history", history.type_name(), "an array");
  for (const json& entry : history) state.history.push_back(parse_epoch(entry, path));
  if (count(text, "epoch", path) != state.epoch()) {
    refuse(path, "epoch", text.at("epoch").dump(), "as many as the history has");
  }
  if (!text.contains("best")) return state;
  state.best = {.epoch = count(text.at("best"), "epoch", path),
                .value = number(text.at("best"), "value", path)};
  if (state.best->epoch >= state.epoch()) {
    refuse(path, "best", std::to_string(state.best->epoch), "an epoch of the history");
  }
  return state;
}

}  // namespace sheaf::train
