// SPDX-License-Identifier: Apache-2.0
#include "sheaf/io/weights_file.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "sheaf/base/error.h"
#include "sheaf/base/json.h"
#include "sheaf/base/nearest.h"
#include "sheaf/io/file.h"

namespace sheaf::io {
namespace {

using nlohmann::json;

constexpr std::size_t kLengthBytes = 8;

[[noreturn]] void refuse(const std::string& place, std::string what, std::string got,
                         std::string expected, std::string hint = {}) {
  throw base::DataError(
      {place, std::move(what), std::move(got), std::move(expected), std::move(hint)});
}

tensor::Tensor read_tensor(const std::string& place, const json& entry, std::string_view data) {
  if (entry.at("dtype") != "F32") refuse(place, "type", entry.at("dtype").dump(), "F32");
  const auto dims = entry.at("shape").get<std::vector<std::uint64_t>>();
  if (dims.empty() || dims.size() > 2) {
    refuse(place, "dimensions", std::to_string(dims.size()), "1 or 2");
  }
  const std::uint64_t rows = dims.size() == 1 ? 1 : dims[0];
  const std::uint64_t cols = dims.back();
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint32_t>::max();
  if (rows > kMost || cols > kMost) {
    refuse(place, "shape", entry.at("shape").dump(), "dimensions below 2^32");
  }
  const tensor::Shape shape{static_cast<std::uint32_t>(rows), static_cast<std::uint32_t>(cols)};
  const auto [begin, end] = entry.at("data_offsets").get<std::pair<std::size_t, std::size_t>>();
  if (begin > end || end > data.size()) {
    refuse(place, "truncated weight file", std::to_string(data.size()) + " bytes of data",
           std::to_string(end));
  }
  if ((end - begin) % sizeof(float) != 0 || (end - begin) / sizeof(float) != shape.size()) {
    refuse(place, "bytes of a " + to_string(shape) + " tensor", std::to_string(end - begin),
           std::to_string(shape.size() * sizeof(float)));
  }
  tensor::Tensor value(shape);
  if (shape.size() > 0) std::memcpy(value.values().data(), data.data() + begin, end - begin);
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const float v = value.values()[i];
    if (!std::isfinite(v)) {
      refuse(place, "value " + std::to_string(i), std::isnan(v) ? "NaN" : "infinity",
             "a finite number");
    }
  }
  return value;
}

// The keys of __metadata__ that hold vocabularies.
constexpr std::array<std::pair<const char*, nn::Vocabulary nn::Vocabularies::*>, 4> kVocabularies =
    {{{"vocabulary", &nn::Vocabularies::words},
      {"characters", &nn::Vocabularies::characters},
      {"target_vocabulary", &nn::Vocabularies::target},
      {"labels", &nn::Vocabularies::labels}}};

void read_metadata(const json& entry, WeightsFile& file) {
  file.model = entry.value("model", "");
  for (const auto& [key, member] : kVocabularies) {
    const std::string text = entry.value(key, "");
    if (text.empty()) continue;
    const auto [words, fault] = base::parse_json(text);
    if (!fault.empty()) {
      refuse(file.path, "header of the weight file", fault, "that of a safetensors file");
    }
    file.vocabularies.*member = words.get<nn::Vocabulary>();
  }
}

}  // namespace

WeightsFile read_weights(const std::string& path) { return parse_weights(read_file(path), path); }

WeightsFile parse_weights(std::string_view bytes, const std::string& path) {
  if (bytes.size() < kLengthBytes) {
    refuse(path, "truncated weight file", std::to_string(bytes.size()) + " bytes",
           "a header length of 8");
  }
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), kLengthBytes);
  if (length > bytes.size() - kLengthBytes) {
    refuse(path, "truncated weight file", std::to_string(bytes.size()) + " bytes",
           "a header of " + std::to_string(length),
           "weights are safetensors files as --save-weights writes them");
  }
  const std::string_view data = bytes.substr(kLengthBytes + length);
  WeightsFile file{.path = path, .model = {}, .vocabularies = {}, .tensors = {}};
  try {
    const auto [header, problem] = base::parse_json(bytes.substr(kLengthBytes, length));
    if (!problem.empty()) {
      refuse(path, "header of the weight file", problem, "that of a safetensors file");
    }
    std::size_t used = 0;
    for (const auto& [name, entry] : header.items()) {
      if (name == "__metadata__") {
        read_metadata(entry, file);
        continue;
      }
      file.tensors.emplace(name, read_tensor(path + ": " + name, entry, data));
      used = std::max(used, entry.at("data_offsets").at(1).get<std::size_t>());
    }
    if (used != data.size()) {
      refuse(path, "size of the weight file", std::to_string(data.size()) + " bytes of data",
             std::to_string(used));
    }
  } catch (const json::exception& e) {
    refuse(path, "header of the weight file", e.what(), "that of a safetensors file");
  }
  return file;
}

void assign_weights(WeightsFile file, graph::ParameterStore& parameters) {
  std::vector<std::string> names;
  for (const graph::Parameter& parameter : parameters) names.push_back(parameter.name);
  for (const auto& [name, tensor] : file.tensors) {
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    refuse(file.path, "tensor that the model does not have", "'" + name + "'", "",
           base::suggest(name, names));
  }
  for (graph::ParameterId id = 0; id < parameters.size(); ++id) {
    const auto it = file.tensors.find(parameters[id].name);
    if (it == file.tensors.end()) {
      refuse(file.path, "tensor", "none", "'" + parameters[id].name + "'");
    }
    if (it->second.shape() != parameters[id].shape) {
      refuse(file.path + ": " + it->first, "shape", to_string(it->second.shape()),
             to_string(parameters[id].shape));
    }
    parameters.assign(id, std::move(it->second));
  }
}

void save_weights(const std::string& path, const graph::ParameterStore& parameters,
                  const std::string& model, const nn::Vocabularies& vocabularies) {
  nlohmann::ordered_json header;
  header["__metadata__"]["model"] = model;
  for (const auto& [key, member] : kVocabularies) {
    const nn::Vocabulary& names = vocabularies.*member;
    if (!names.empty()) header["__metadata__"][key] = json(names).dump();
  }
  std::size_t offset = 0;
  for (const graph::Parameter& parameter : parameters) {
    auto& entry = header[parameter.name];
    entry["dtype"] = "F32";
    if (parameter.shape.rows == 1 && nn::row_names(vocabularies, parameter.name) == nullptr) {
      entry["shape"] = {parameter.shape.cols};
    } else {
      entry["shape"] = {parameter.shape.rows, parameter.shape.cols};
    }
    const std::size_t end = offset + parameter.shape.size() * sizeof(float);
    entry["data_offsets"] = {offset, end};
    offset = end;
  }
  std::string text = header.dump();
  text.resize((text.size() + kLengthBytes - 1) / kLengthBytes * kLengthBytes, ' ');
  const std::uint64_t length = text.size();
  std::string bytes(kLengthBytes, '\0');
  std::memcpy(bytes.data(), &length, kLengthBytes);
  bytes += text;
  for (const graph::Parameter& parameter : parameters) {
    const auto values = parameter.value.values();
    bytes.append(reinterpret_cast<const char*>(values.data()), values.size_bytes());
  }
  write_file(path, bytes);
}

}  // namespace sheaf::io
