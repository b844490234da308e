// SPDX-License-Identifier: Apache-2.0
#include "sheaf/io/lac_files.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <utility>

#include "sheaf/base/error.h"
#include "sheaf/io/file.h"

namespace sheaf::io {
namespace {

constexpr std::uint32_t kHidden = nn::Lac::kHidden;
constexpr std::uint32_t kTags = nn::Lac::kTags;
constexpr const char* kUnknownEntry = "OOV";

std::string member(const std::string& folder, const std::string& name) {
  return (std::filesystem::path(folder) / name).string();
}

// "id<TAB>word" per line; words by id.
std::vector<std::string> read_dictionary(const std::string& path) {
  const std::string text = read_file(path);
  require_utf8(text, path);
  std::vector<std::string> words;
  LineReader lines(text, path);
  std::string_view line;
  while (lines.next(line)) {
    if (line.empty()) continue;
    const std::size_t tab = line.find('\t');
    std::uint32_t id = 0;
    const std::string_view number = line.substr(0, tab);
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), id);
    constexpr std::uint32_t kMostWords = 1U << 24U;
    if (tab == std::string_view::npos || error != std::errc() ||
        end != number.data() + number.size() || id >= kMostWords) {
      throw base::DataError({.place = lines.place(),
                             .what = "dictionary entry",
                             .got = excerpt(line),
                             .expected = "id<TAB>word"});
    }
    if (id >= words.size()) words.resize(id + 1);
    words[id] = line.substr(tab + 1);
  }
  return words;
}

// A PaddlePaddle variable: version (4 bytes), level of detail (8), tensor version (4), size of the
// description (4), the description (protobuf: data type, dimensions), then raw float32,
// little-endian. The shape is known, so that the description is skipped.
std::vector<float> read_variable(const std::string& path, std::size_t count) {
  const std::string bytes = read_file(path);
  constexpr std::size_t kFixed = 20;
  const auto refuse = [&](const std::string& what, const std::string& got,
                          const std::string& expected) {
    throw base::DataError({.place = path,
                           .what = what,
                           .got = got,
                           .expected = expected,
                           .hint = "reinstall python3-jieba"});
  };
  if (bytes.size() < kFixed) {
    refuse("truncated weight file", std::to_string(bytes.size()) + " bytes", "a header of 20");
  }
  std::int32_t description = 0;
  std::memcpy(&description, bytes.data() + kFixed - 4, 4);
  const std::size_t wanted = kFixed + static_cast<std::size_t>(description) + count * sizeof(float);
  if (description < 0 || bytes.size() != wanted) {
    refuse("size of the weight file", std::to_string(bytes.size()) + " bytes",
           std::to_string(wanted) + " (" + std::to_string(count) + " values)");
  }
  std::vector<float> values(count);
  std::memcpy(values.data(), bytes.data() + wanted - count * sizeof(float), count * sizeof(float));
  for (std::size_t i = 0; i < count; ++i) {
    if (std::isfinite(values[i])) continue;
    refuse("weight " + std::to_string(i), std::isnan(values[i]) ? "NaN" : "infinity",
           "a finite number");
  }
  return values;
}

class LacReader {
 public:
  LacReader(std::string folder, graph::ParameterStore& parameters)
      : folder_(std::move(folder)), parameters_(parameters) {}

  void read(std::uint32_t vocabulary) {
    set(nn::kEmbedding, variable("word_emb", std::size_t{vocabulary} * kHidden));
    static constexpr std::array kLayers = {"forward1", "backward1", "forward2", "backward2"};
    for (std::size_t i = 0; i < kLayers.size(); ++i) {
      read_gru(kLayers[i], std::to_string(i), i < 2 ? kHidden : 2 * kHidden);
    }
    const auto emission = variable("fc_4.w_0", std::size_t{2} * kHidden * kTags);
    set("emission.W", columns(emission, 2 * kHidden, kTags, 0, kTags));
    set("emission.b", variable("fc_4.b_0", kTags));
    // Row 0: scores of the first tag, row 1: of the last; then a row per tag.
    const auto crf = variable("crfw", std::size_t{kTags + 2} * kTags);
    set("crf.start", {crf.begin(), crf.begin() + kTags});
    set("crf.stop", {crf.begin() + kTags, crf.begin() + 2 * kTags});
    set("crf.transitions", {crf.begin() + 2 * kTags, crf.end()});
  }

 private:
  [[nodiscard]] std::vector<float> variable(const std::string& name, std::size_t count) const {
    return read_variable(member(folder_, "model_baseline/" + name), count);
  }

  // Gates in the order u (update), r (reset), c (candidate). Input weights are [in x 3 hidden];
  // recurrent weights are a contiguous [hidden x 2 hidden] block for u and r, then a [hidden x
  // hidden] block for c.
  void read_gru(const std::string& layer, const std::string& index, std::uint32_t in) {
    const auto input = variable("fc_" + index + ".w_0", std::size_t{in} * 3 * kHidden);
    const auto input_bias = variable("fc_" + index + ".b_0", std::size_t{3} * kHidden);
    const auto state = variable("gru_" + index + ".w_0", std::size_t{kHidden} * 3 * kHidden);
    const auto state_bias = variable("gru_" + index + ".b_0", std::size_t{3} * kHidden);
    const std::vector<float> gates(state.begin(), state.begin() + 2 * kHidden * kHidden);
    const std::vector<float> candidate(state.begin() + 2 * kHidden * kHidden, state.end());
    static constexpr std::array kGates = {"u", "r", "c"};
    for (std::uint32_t g = 0; g < kGates.size(); ++g) {
      const std::string gate = kGates[g];
      set(layer + ".W_" + gate, columns(input, in, 3 * kHidden, g * kHidden, kHidden));
      set(layer + ".U_" + gate, g < 2 ? columns(gates, kHidden, 2 * kHidden, g * kHidden, kHidden)
                                      : columns(candidate, kHidden, kHidden, 0, kHidden));
      std::vector<float> bias(kHidden);
      for (std::uint32_t j = 0; j < kHidden; ++j) {
        bias[j] = input_bias[g * kHidden + j] + state_bias[g * kHidden + j];
      }
      set(layer + ".b_" + gate, bias);
    }
  }

  // Columns [first, first + count) of a [rows x cols] matrix, transposed: [count x rows].
  static std::vector<float> columns(const std::vector<float>& matrix, std::uint32_t rows,
                                    std::uint32_t cols, std::uint32_t first, std::uint32_t count) {
    std::vector<float> out(std::size_t{rows} * count);
    for (std::uint32_t i = 0; i < rows; ++i) {
      for (std::uint32_t j = 0; j < count; ++j) {
        out[std::size_t{j} * rows + i] = matrix[std::size_t{i} * cols + first + j];
      }
    }
    return out;
  }

  void set(const std::string& name, const std::vector<float>& values) {
    const graph::ParameterId id = parameters_.find(name);
    tensor::Tensor value(parameters_[id].shape);
    base::check(values.size() == value.values().size(), "lac weights", "a parameter's size");
    std::copy(values.begin(), values.end(), value.values().begin());
    parameters_.assign(id, std::move(value));
  }

  std::string folder_;
  graph::ParameterStore& parameters_;
};

}  // namespace

LacFiles read_lac(const std::string& folder) {
  if (!std::filesystem::is_directory(folder)) {
    throw base::NotFoundError({.place = folder,
                               .what = "the tagger's weights are not there",
                               .hint = "install the package python3-jieba (apt-get install "
                                       "python3-jieba), or name the folder with --weights"});
  }
  std::vector<std::string> words = read_dictionary(member(folder, "word.dic"));
  std::vector<std::string> labels = read_dictionary(member(folder, "tag.dic"));
  if (labels.size() != kTags) {
    throw base::DataError({.place = member(folder, "tag.dic"),
                           .what = "number of tags",
                           .got = std::to_string(labels.size()),
                           .expected = std::to_string(kTags)});
  }
  const auto vocabulary = static_cast<std::uint32_t>(words.size());
  WordIndex characters(std::move(words));
  const std::uint32_t unknown = characters.row(kUnknownEntry);
  if (vocabulary == 0 || characters.vocabulary()[unknown] != kUnknownEntry) {
    throw base::DataError({.place = member(folder, "word.dic"),
                           .what = "entry for unknown characters",
                           .got = "none",
                           .expected = kUnknownEntry});
  }
  auto model = std::make_unique<nn::Lac>(vocabulary);
  LacReader(folder, model->network().parameters()).read(vocabulary);
  return {std::move(model), std::move(characters), unknown, std::move(labels)};
}

std::vector<nn::Instance> read_sentences(std::string_view text, const std::string& path,
                                         LacFiles& lac,
                                         std::vector<std::vector<std::string>>& lines) {
  require_utf8(text, path);
  std::vector<nn::Instance> sentences;
  LineReader reader(text, path);
  std::string_view line;
  while (reader.next(line)) {
    line = trim(line);
    nn::Sentence sentence;
    std::vector<std::string> characters;
    while (!line.empty()) {
      const std::string_view point = next_code_point(line);
      const std::uint32_t row = lac.characters.row(point);
      sentence.ids.push_back(lac.characters.vocabulary()[row] == point ? row : lac.unknown);
      characters.emplace_back(point);
    }
    sentences.emplace_back(std::move(sentence));
    lines.push_back(std::move(characters));
  }
  return sentences;
}

std::string tagged_line(const std::vector<std::string>& characters,
                        const std::vector<std::uint32_t>& tags,
                        const std::vector<std::string>& labels) {
  std::string line;
  std::string tag;
  for (std::size_t i = 0; i < characters.size(); ++i) {
    const std::string& label = labels[tags[i]];
    const bool begins =
        i == 0 || label.ends_with("-B") || (label == "O" && labels[tags[i - 1]] != "O");
    if (begins) {
      if (i > 0) line += "/" + tag + " ";
      tag = label.substr(0, label.rfind('-'));
    }
    line += characters[i];
  }
  if (!characters.empty()) line += "/" + tag;
  return line;
}

}  // namespace sheaf::io
