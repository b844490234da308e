// SPDX-License-Identifier: Apache-2.0
#include "sheaf/train/checkpoint.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <utility>

#include "sheaf/base/error.h"
#include "sheaf/base/json.h"
#include "sheaf/io/digest.h"
#include "sheaf/io/file.h"
#include "sheaf/io/file_writer.h"
#include "sheaf/io/weights_file.h"
#include "sheaf/train/diverged_error.h"

namespace sheaf::train {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr std::size_t kLengthBytes = 8;
constexpr std::size_t kDigits = 64;
constexpr std::size_t kShown = 12;
constexpr std::string_view kPrefix = R"({"__metadata__":{"sha256":")";
constexpr const char* kFormat = "sheaf-checkpoint-1";

std::string zeros() { return std::string(kDigits, '0'); }

void require_finite(const CheckpointView& checkpoint) {
  for (const auto& [name, tensor] : checkpoint.tensors) {
    const auto values = tensor->values();
    const auto bad = std::find_if(values.begin(), values.end(),
                                  [](float value) { return !std::isfinite(value); });
    if (bad == values.end()) continue;
    throw DivergedError({.place = "step " + std::to_string(checkpoint.state.step),
                         .what = name,
                         .got = std::isnan(*bad) ? "NaN" : "infinity",
                         .expected = "finite numbers",
                         .hint = "no checkpoint has been written"});
  }
}

// Header length and header, with zeros for a digest.
std::string header_of(const CheckpointView& checkpoint) {
  ordered_json header;
  ordered_json& metadata = header["__metadata__"];
  metadata["sha256"] = zeros();
  metadata["format"] = kFormat;
  metadata["options"] = checkpoint.options.dump();
  metadata["state"] = to_json(checkpoint.state).dump();
  std::size_t offset = 0;
  for (const auto& [name, tensor] : checkpoint.tensors) {
    const std::size_t end = offset + tensor->values().size_bytes();
    header[name] = {{"dtype", "F32"},
                    {"shape", {tensor->shape().rows, tensor->shape().cols}},
                    {"data_offsets", {offset, end}}};
    offset = end;
  }
  std::string text = header.dump();
  text.resize((text.size() + kLengthBytes - 1) / kLengthBytes * kLengthBytes, ' ');
  const std::uint64_t length = text.size();
  std::string bytes(kLengthBytes, '\0');
  std::memcpy(bytes.data(), &length, kLengthBytes);
  return bytes + text;
}

[[noreturn]] void refuse(const std::string& path, std::string what, std::string got,
                         std::string expected) {
  throw base::DataError({path, std::move(what), std::move(got), std::move(expected), {}});
}

void require_intact(std::string_view bytes, const std::string& path) {
  if (bytes.size() < checkpoint_digest_offset() + kDigits ||
      bytes.substr(kLengthBytes, kPrefix.size()) != kPrefix) {
    refuse(path, "checkpoint", "another file, or a part of one", "a file that sheaf train wrote");
  }
  const std::string_view said = bytes.substr(checkpoint_digest_offset(), kDigits);
  const std::string is = checkpoint_digest(bytes);
  if (said == is) return;
  refuse(path, "damaged checkpoint", "SHA-256 " + is.substr(0, kShown) + "...",
         io::excerpt(said.substr(0, kShown)) + "...");
}

json parse_nested(const json& metadata, const char* key, const std::string& path) {
  if (!metadata.contains(key) || !metadata.at(key).is_string()) {
    refuse(path, "header of the checkpoint", "none", std::string("text '") + key + "'");
  }
  auto [value, problem] = base::parse_json(metadata.at(key).get<std::string>());
  if (!problem.empty()) refuse(path, std::string("checkpoint, ") + key, problem, "JSON");
  return std::move(value);
}

}  // namespace

std::size_t checkpoint_digest_offset() { return kLengthBytes + kPrefix.size(); }

std::string checkpoint_digest(std::string_view bytes) {
  io::Sha256 sha;
  sha.update(bytes.substr(0, checkpoint_digest_offset()));
  sha.update(zeros());
  sha.update(bytes.substr(checkpoint_digest_offset() + kDigits));
  return sha.hex();
}

void write_checkpoint(const std::string& path, const CheckpointView& checkpoint) {
  require_finite(checkpoint);
  const std::string header = header_of(checkpoint);
  io::FileWriter writer(path);
  io::Sha256 sha;
  writer.append(header);
  sha.update(header);
  for (const auto& entry : checkpoint.tensors) {
    const std::span<const float> values = std::as_const(*entry.second).values();
    writer.append({reinterpret_cast<const char*>(values.data()), values.size_bytes()});
    sha.update(values);
  }
  writer.patch(checkpoint_digest_offset(), sha.hex());
  writer.commit_durably();
}

Checkpoint read_checkpoint(const std::string& path) {
  return parse_checkpoint(io::read_file(path), path);
}

Checkpoint parse_checkpoint(std::string_view bytes, const std::string& path) {
  require_intact(bytes, path);
  io::WeightsFile file = io::parse_weights(bytes, path);
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), kLengthBytes);
  const json header = base::parse_json(bytes.substr(kLengthBytes, length)).value;
  const json& metadata = header.at("__metadata__");
  const json format = metadata.contains("format") ? metadata.at("format") : json();
  if (format != kFormat) {
    refuse(path, "format of the checkpoint", format.dump(), std::string("'") + kFormat + "'");
  }
  Checkpoint checkpoint;
  checkpoint.options = parse_nested(metadata, "options", path);
  checkpoint.state = parse_train_state(parse_nested(metadata, "state", path), path);
  checkpoint.tensors = std::move(file.tensors);
  return checkpoint;
}

}  // namespace sheaf::train
