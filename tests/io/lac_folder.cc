// SPDX-License-Identifier: Apache-2.0
#include "tests/io/lac_folder.h"

#include <cstring>

#include "sheaf/base/rng.h"
#include "sheaf/nn/lac.h"

namespace sheaf::test {
namespace {

constexpr std::size_t kHidden = nn::Lac::kHidden;
constexpr std::size_t kTags = nn::Lac::kTags;

void write_variable(const TempFolder& folder, const std::string& name, std::size_t count) {
  folder.write("model_baseline/" + name, paddle_variable(lac_values(name, count)));
}

}  // namespace

std::string paddle_variable(const std::vector<float>& values) {
  // Data type FP32; the dimensions are not read.
  const std::string description("\x08\x05\x10\x01", 4);
  std::string bytes(16, '\0');
  const auto length = static_cast<std::int32_t>(description.size());
  bytes.append(reinterpret_cast<const char*>(&length), sizeof(length));
  bytes += description;
  bytes.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
  return bytes;
}

std::vector<float> lac_values(const std::string& name, std::size_t count) {
  base::Rng rng(3, name);
  std::vector<float> values(count);
  for (float& value : values) value = rng.uniform(-0.1F, 0.1F);
  return values;
}

std::string lac_tags() {
  std::string text;
  for (std::size_t i = 0; i + 1 < kTags; ++i) {
    text += std::to_string(i) + "\tt" + std::to_string(i / 2) + (i % 2 == 0 ? "-B\n" : "-I\n");
  }
  return text + std::to_string(kTags - 1) + "\tO\n";
}

void write_lac_folder(const TempFolder& folder) {
  folder.write("word.dic", kWordDictionary);
  folder.write("tag.dic", lac_tags());
  std::filesystem::create_directory(folder.path("model_baseline"));
  write_variable(folder, "word_emb", kLacVocabulary * kHidden);
  for (std::size_t i = 0; i < 4; ++i) {
    const std::string index = std::to_string(i);
    const std::size_t in = i < 2 ? kHidden : 2 * kHidden;
    write_variable(folder, "fc_" + index + ".w_0", in * 3 * kHidden);
    write_variable(folder, "fc_" + index + ".b_0", 3 * kHidden);
    write_variable(folder, "gru_" + index + ".w_0", kHidden * 3 * kHidden);
    write_variable(folder, "gru_" + index + ".b_0", 3 * kHidden);
  }
  write_variable(folder, "fc_4.w_0", 2 * kHidden * kTags);
  write_variable(folder, "fc_4.b_0", kTags);
  write_variable(folder, "crfw", (kTags + 2) * kTags);
}

}  // namespace sheaf::test
