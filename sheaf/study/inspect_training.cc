// SPDX-License-Identifier: Apache-2.0
#include "sheaf/study/inspect_training.h"

#include <algorithm>
#include <utility>

#include "sheaf/base/error.h"
#include "sheaf/base/json.h"
#include "sheaf/io/file.h"

namespace sheaf::study {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

json parse(std::string_view text, const std::string& place, const char* what) {
  auto [value, problem] = base::parse_json(text);
  if (problem.empty() && value.is_object()) return std::move(value);
  throw base::DataError({.place = place,
                         .what = what,
                         .got = problem.empty() ? value.type_name() : problem,
                         .expected = "a JSON object"});
}

// The value of a key, or null.
json member(const json& object, const char* key) {
  const auto it = object.find(key);
  return it == object.end() ? json() : *it;
}

bool is_update(const json& line) {
  return line.is_object() && line.contains("step") && line.contains("loss") &&
         line.at("step").is_number_unsigned() && line.at("loss").is_number();
}

std::size_t numbers_in(const io::WeightsFile& file, std::string_view prefix = {}) {
  std::size_t numbers = 0;
  for (const auto& [name, tensor] : file.tensors) {
    if (name.starts_with(prefix)) numbers += tensor.shape().size();
  }
  return numbers;
}

}  // namespace

bool add_checkpoint(const io::WeightsFile& file, ordered_json& report) {
  const auto format = file.metadata.find("format");
  if (format == file.metadata.end() || !format->second.starts_with("sheaf-checkpoint-")) {
    return false;
  }
  report["kind"] = "checkpoint";
  const auto nested = [&](const char* key) {
    const auto it = file.metadata.find(key);
    return parse(it == file.metadata.end() ? "" : it->second, file.path, key);
  };
  const json state = nested("state");
  const json options = nested("options");
  report["model"] = member(options, "model");
  report["updates"] = member(state, "step");
  report["epochs"] = member(state, "epoch");
  report["minibatches_of_the_next"] = member(state, "minibatch");
  if (const json best = member(state, "best"); best.is_object()) {
    report["best"] = best;
    const json epoch = member(best, "epoch");
    // Counted from 0 in the file, from 1 in all that is said.
    if (epoch.is_number_unsigned()) report["best"]["epoch"] = epoch.get<std::uint64_t>() + 1;
  }
  report["parameters"] = numbers_in(file, "parameters/");
  report["options"] = ordered_json::object();
  for (const auto& [key, value] : options.items()) {
    if (value.is_null() || value == "" || value == json::array()) continue;
    report["options"][key] = value;
  }
  return true;
}

bool add_losses(std::string_view text, const std::string& path, ordered_json& report) {
  if (!text.starts_with('{') || !is_update(base::parse_json(text.substr(0, text.find('\n'))).value))
    return false;
  report["kind"] = "losses";
  io::LineReader lines(text, path);
  json first;
  json last;
  json lowest;
  std::uint64_t updates = 0;
  for (std::string_view line; lines.next(line); ++updates) {
    json update = base::parse_json(line).value;
    if (!is_update(update)) {
      throw base::DataError({.place = lines.place(),
                             .what = "update",
                             .got = io::excerpt(line),
                             .expected = "JSON with step and loss"});
    }
    update.erase("instances");
    if (updates == 0) first = update;
    if (updates == 0 || update.at("loss") < lowest.at("loss")) lowest = update;
    last = std::move(update);
  }
  report["updates"] = updates;
  report["first"] = first;
  report["last"] = last;
  report["lowest"] = lowest;
  return true;
}

void add_model_folder(const std::string& folder, ordered_json& report) {
  report["kind"] = "model";
  const std::string path = folder + "/model.json";
  const json file = parse(io::read_file(path), path, "description of a model");
  for (const char* key : {"model", "sizes", "seed", "data", "encodings", "metrics", "training"}) {
    if (file.contains(key)) report[key] = file.at(key);
  }
  const json names = member(file, "vocabularies");
  report["vocabulary"] = ordered_json::object();
  if (names.is_object()) {
    for (const auto& [key, value] : names.items()) report["vocabulary"][key] = value.size();
  }
  report["parameters"] = numbers_in(io::read_weights(folder + "/weights.safetensors"));
}

}  // namespace sheaf::study
