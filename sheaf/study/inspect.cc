// SPDX-License-Identifier: Apache-2.0
#include "sheaf/study/inspect.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "sheaf/base/json.h"
#include "sheaf/batching/fsm_table.h"
#include "sheaf/engine/model_data.h"
#include "sheaf/io/file.h"
#include "sheaf/io/format.h"
#include "sheaf/io/random_data.h"
#include "sheaf/io/weights_file.h"
#include "sheaf/study/data_statistics.h"
#include "sheaf/study/inspect_training.h"

namespace sheaf::study {
namespace {

using nlohmann::ordered_json;

// A header's length that fits, and the header's bracket.
bool looks_like_weights(std::string_view bytes) {
  std::uint64_t length = 0;
  if (bytes.size() <= sizeof(length)) return false;
  std::memcpy(&length, bytes.data(), sizeof(length));
  return length <= bytes.size() - sizeof(length) && bytes[sizeof(length)] == '{';
}

// The JSON of a file that one of Sheaf's verbs wrote; nothing for any other.
std::optional<nlohmann::json> policy_json(std::string_view bytes) {
  if (!bytes.starts_with('{')) return std::nullopt;
  auto [value, problem] = base::parse_json(bytes);
  if (!problem.empty() || !value.is_object() || !value.contains("format")) return std::nullopt;
  return std::move(value);
}

std::size_t shown(std::size_t count, const InspectOptions& options) {
  return std::min<std::size_t>(count, options.limit.value_or(~0U));
}

void inspect_weights(std::string_view bytes, const InspectOptions& options, ordered_json& report) {
  report["kind"] = "weights";
  const io::WeightsFile file = io::parse_weights(bytes, options.file);
  if (add_checkpoint(file, report)) return;
  report["model"] = file.model;
  std::size_t parameters = 0;
  ordered_json tensors = ordered_json::array();
  for (const auto& [name, tensor] : file.tensors) {
    const tensor::Shape shape = tensor.shape();
    parameters += shape.size();
    if (tensors.size() == shown(file.tensors.size(), options)) continue;
    tensors.push_back({{"name", name}, {"rows", shape.rows}, {"columns", shape.cols}});
    if (file.encodings.empty()) continue;
    const auto encoding = file.encodings.find(name);
    const bool dense = encoding == file.encodings.end();
    if (!dense) tensors.back()["rows"] = shape.rows * encoding->second.block;
    tensors.back()["encoding"] = to_string(dense ? tensor::kDense : encoding->second);
  }
  report["parameters"] = parameters;
  report["vocabulary"] = {{"words", file.vocabularies.words.size()},
                          {"characters", file.vocabularies.characters.size()},
                          {"target", file.vocabularies.target.size()}};
  report["labels"] = file.vocabularies.labels;
  report["tensors"] = std::move(tensors);
}

void inspect_policy(std::string_view bytes, const nlohmann::json& json,
                    const InspectOptions& options, ordered_json& report) {
  report["kind"] = "policy";
  const batching::FsmTable table = batching::parse_fsm_table(bytes, options.file);
  report["model"] = table.model;
  report["encoding"] = batching::name(table.encoding);
  report["types"] = table.type_names;
  report["states"] = table.states.size();
  ordered_json history = ordered_json::array();
  for (const batching::LearnedFrom& from : table.history) {
    history.push_back({{"data", from.data},
                       {"instances", from.instances},
                       {"batches", from.batches},
                       {"lower_bound", from.lower_bound},
                       {"teacher", from.teacher}});
  }
  report["history"] = std::move(history);
  ordered_json states = ordered_json::array();
  for (const auto& state : json["states"]) {
    if (states.size() == shown(table.states.size(), options)) break;
    std::string ready;
    for (const auto& type : state["ready"]) {
      ready += (ready.empty() ? "" : " ") + type.get<std::string>();
    }
    const std::size_t tried = state.contains("q") ? state["q"].size() : 1;
    states.push_back(
        {{"ready", ready}, {"run", state["run"]}, {"value", state["value"]}, {"tried", tried}});
  }
  report["table"] = std::move(states);
}

void inspect_data(std::string_view bytes, const InspectOptions& options, ordered_json& report) {
  report["kind"] = "data";
  if (io::is_random_data(options.file)) {
    const io::RandomData data = io::random_data(options.file);
    report["format"] = "random " + data.kind;
    add_statistics(data.instances, data.vocabularies, options.limit, report);
    return;
  }
  const io::Format format =
      options.format == "auto" ? io::guess_format(bytes) : io::parse_format(options.format);
  report["format"] = io::name(format);
  report["models"] = engine::models_that_read(format);
  report["lines"] = std::count(bytes.begin(), bytes.end(), '\n') +
                    (!bytes.empty() && bytes.back() != '\n' ? 1 : 0);
  nn::Vocabularies vocabularies;
  const auto instances = read_instances(bytes, options.file, format, vocabularies);
  add_statistics(instances, vocabularies, options.limit, report);
}

Inspection inspect_folder(const std::string& folder) {
  Inspection result;
  result.report["file"] = folder;
  try {
    add_model_folder(folder, result.report);
  } catch (const base::DataError& error) {
    result.problem = error.fault();
    result.report["problem"] = base::to_string(*result.problem);
  }
  return result;
}

}  // namespace

Inspection inspect(const InspectOptions& options) {
  Inspection result;
  const bool random = io::is_random_data(options.file);
  std::error_code error;
  if (!random && std::filesystem::is_directory(options.file, error)) {
    return inspect_folder(options.file);
  }
  const std::string bytes = random ? std::string() : io::read_file(options.file);
  if (options.format != "auto") static_cast<void>(io::parse_format(options.format));
  result.report["file"] = options.file;
  if (!random) result.report["bytes"] = bytes.size();
  try {
    std::optional<nlohmann::json> policy;
    if (options.format == "auto") policy = policy_json(bytes);
    if (options.format == "auto" && looks_like_weights(bytes)) {
      inspect_weights(bytes, options, result.report);
    } else if (options.format == "auto" && add_losses(bytes, options.file, result.report)) {
      // That was all.
    } else if (policy) {
      inspect_policy(bytes, *policy, options, result.report);
    } else {
      inspect_data(bytes, options, result.report);
    }
  } catch (const base::DataError& error) {
    result.problem = error.fault();
  } catch (const base::ConfigError& error) {
    result.problem = error.fault();
  }
  if (result.problem) result.report["problem"] = base::to_string(*result.problem);
  return result;
}

}  // namespace sheaf::study
