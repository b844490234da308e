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
#include "sheaf/io/file_writer.h"

namespace sheaf::io {
namespace {

using nlohmann::json;

constexpr std::size_t kLengthBytes = 8;

[[noreturn]] void refuse(const std::string& place, std::string what, std::string got,
                         std::string expected, std::string hint = {}) {
  throw base::DataError(
      {place, std::move(what), std::move(got), std::move(expected), std::move(hint)});
}

// Rows and columns of what is stored; an encoded tensor has blocks of k numbers in its last
// dimension.
tensor::Shape read_shape(const std::string& place, const json& entry, tensor::Encoding encoding) {
  const auto dims = entry.get<std::vector<std::uint64_t>>();
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint32_t>::max();
  const auto too_large = [](std::uint64_t dim) { return dim > kMost; };
  if (std::any_of(dims.begin(), dims.end(), too_large)) {
    refuse(place, "shape", entry.dump(), "dimensions below 2^32");
  }
  if (!encoding.is_dense()) {
    if (dims.size() != 3 || dims[2] != encoding.block ||
        std::max(dims[0], dims[1]) > kMost / encoding.block) {
      refuse(place, "shape", entry.dump(),
             "three dimensions, the last " + std::to_string(encoding.block) + ", of " +
                 to_string(encoding));
    }
    return {static_cast<std::uint32_t>(dims[0]), static_cast<std::uint32_t>(dims[1] * dims[2])};
  }
  if (dims.empty() || dims.size() > 2) {
    refuse(place, "dimensions", std::to_string(dims.size()), "1 or 2");
  }
  return {static_cast<std::uint32_t>(dims.size() == 1 ? 1 : dims[0]),
          static_cast<std::uint32_t>(dims.back())};
}

tensor::Tensor read_tensor(const std::string& place, const json& entry, std::string_view data,
                           tensor::Encoding encoding) {
  if (entry.at("dtype") != "F32") refuse(place, "type", entry.at("dtype").dump(), "F32");
  const tensor::Shape shape = read_shape(place, entry.at("shape"), encoding);
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

constexpr const char* kEncodings = "encodings";

// The JSON in a string of __metadata__; nothing where there is none.
json read_nested(const json& metadata, const char* key, const std::string& path) {
  const std::string text = metadata.value(key, "");
  if (text.empty()) return {};
  auto [value, fault] = base::parse_json(text);
  if (!fault.empty()) {
    refuse(path, "header of the weight file", fault, "that of a safetensors file");
  }
  return std::move(value);
}

void read_encodings(const json& header, WeightsFile& file) {
  if (!header.contains("__metadata__")) return;
  const json encodings = read_nested(header.at("__metadata__"), kEncodings, file.path);
  for (const auto& [name, encoding] : encodings.items()) {
    const std::string place = file.path + ": " + name;
    if (name == "__metadata__" || !header.contains(name)) {
      refuse(place, "encoding of a tensor", "none of this name", "one");
    }
    try {
      file.encodings[name] = tensor::parse_encoding(encoding.get<std::string>(), place);
    } catch (const base::UsageError& error) {
      throw base::DataError(error.fault());
    }
  }
}

void read_metadata(const json& entry, WeightsFile& file) {
  file.model = entry.value("model", "");
  for (const auto& [key, member] : kVocabularies) {
    const json words = read_nested(entry, key, file.path);
    if (!words.is_null()) file.vocabularies.*member = words.get<nn::Vocabulary>();
  }
  const auto is_own = [](const std::string& key) {
    return key == "model" || key == kEncodings ||
           std::any_of(kVocabularies.begin(), kVocabularies.end(),
                       [&](const auto& vocabulary) { return key == vocabulary.first; });
  };
  for (const auto& [key, value] : entry.items()) {
    if (!is_own(key) && value.is_string()) file.metadata[key] = value.get<std::string>();
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
  WeightsFile file{.path = path,
                   .model = {},
                   .vocabularies = {},
                   .tensors = {},
                   .encodings = {},
                   .metadata = {}};
  try {
    const auto [header, problem] = base::parse_json(bytes.substr(kLengthBytes, length));
    if (!problem.empty()) {
      refuse(path, "header of the weight file", problem, "that of a safetensors file");
    }
    read_encodings(header, file);
    std::size_t used = 0;
    for (const auto& [name, entry] : header.items()) {
      if (name == "__metadata__") {
        read_metadata(entry, file);
        continue;
      }
      const auto encoding = file.encodings.find(name);
      file.tensors.emplace(
          name, read_tensor(path + ": " + name, entry, data,
                            encoding == file.encodings.end() ? tensor::kDense : encoding->second));
      used = std::max(used, entry.at("data_offsets").at(1).get<std::size_t>());
    }
    if (used != data.size()) {
      refuse(path, "size of the weight file", std::to_string(data.size()) + " bytes of data",
             std::to_string(used));
    }
  } catch (const json::exception& e) {
    refuse(path, "header of the weight file", base::words_of(e), "that of a safetensors file");
  }
  return file;
}

void assign_weights(WeightsFile file, graph::ParameterStore& parameters) {
  std::vector<std::string> names;
  for (const graph::Parameter& parameter : parameters) {
    if (!nn::is_data(parameter.name)) names.push_back(parameter.name);
  }
  for (const auto& [name, tensor] : file.tensors) {
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    refuse(file.path, "tensor that the model does not have", "'" + name + "'", "",
           base::suggest(name, names));
  }
  for (graph::ParameterId id = 0; id < parameters.size(); ++id) {
    if (nn::is_data(parameters[id].name)) continue;
    const auto it = file.tensors.find(parameters[id].name);
    if (it == file.tensors.end()) {
      refuse(file.path, "tensor", "none", "'" + parameters[id].name + "'");
    }
    const auto encoded = file.encodings.find(it->first);
    const tensor::Encoding encoding =
        encoded == file.encodings.end() ? tensor::kDense : encoded->second;
    const tensor::Shape stored = it->second.shape();
    const tensor::Shape shape{stored.rows * encoding.block, stored.cols};
    if (shape != parameters[id].shape) {
      refuse(file.path + ": " + it->first, "shape", to_string(shape),
             to_string(parameters[id].shape));
    }
    if (parameters[id].encoding != encoding) parameters.encode(id, encoding);
    parameters.assign(id, std::move(it->second));
  }
}

void save_weights(const std::string& path, const graph::ParameterStore& parameters,
                  const std::string& model, const nn::Vocabularies& vocabularies,
                  const std::map<std::string, std::string, std::less<>>& metadata) {
  nlohmann::ordered_json header;
  header["__metadata__"]["model"] = model;
  for (const auto& [key, text] : metadata) header["__metadata__"][key] = text;
  for (const auto& [key, member] : kVocabularies) {
    const nn::Vocabulary& names = vocabularies.*member;
    if (!names.empty()) header["__metadata__"][key] = json(names).dump();
  }
  json encodings = json::object();
  for (const graph::Parameter& parameter : parameters) {
    if (parameter.encoding.is_dense()) continue;
    encodings[parameter.name] = to_string(parameter.encoding);
  }
  if (!encodings.empty()) header["__metadata__"][kEncodings] = encodings.dump();
  std::size_t offset = 0;
  for (const graph::Parameter& parameter : parameters) {
    if (nn::is_data(parameter.name)) continue;
    auto& entry = header[parameter.name];
    entry["dtype"] = "F32";
    const tensor::Shape stored = parameter.stored_shape();
    if (!parameter.encoding.is_dense()) {
      const std::uint32_t k = parameter.encoding.block;
      entry["shape"] = {stored.rows, stored.cols / k, k};
    } else if (parameter.shape.rows == 1 &&
               nn::row_names(vocabularies, parameter.name) == nullptr) {
      entry["shape"] = {parameter.shape.cols};
    } else {
      entry["shape"] = {parameter.shape.rows, parameter.shape.cols};
    }
    const std::size_t end = offset + stored.size() * sizeof(float);
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
    if (nn::is_data(parameter.name)) continue;
    const auto values = parameter.value.values();
    bytes.append(reinterpret_cast<const char*>(values.data()), values.size_bytes());
  }
  FileWriter writer(path);
  writer.append(bytes);
  writer.commit_durably();
}

}  // namespace sheaf::io
