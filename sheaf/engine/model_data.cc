// SPDX-License-Identifier: Apache-2.0
#include "sheaf/engine/model_data.h"

#include <algorithm>
#include <array>

#include "sheaf/base/error.h"
#include "sheaf/io/random_data.h"

namespace sheaf::engine {
namespace {

constexpr std::uint32_t kMostTargetRows = 1U << 22U;

const std::vector<ModelData>& table() {
  using enum io::Format;
  static const std::vector<ModelData> kTable = {
      {"lac", DataKind::sentences, {text, tagged, bmes}},  // tags are for a model to be trained
      {"tree_lstm", DataKind::trees, {brackets}},
      {"tree_lstm_nary", DataKind::trees, {brackets}},
      {"tree_lstm_2type", DataKind::trees, {brackets}},
      {"tree_gru", DataKind::trees, {brackets}},
      {"mv_rnn", DataKind::trees, {brackets}},
      {"lattice_lstm", DataKind::lattices, {lattices, slf, text, bmes}},
      {"lattice_lstm_bi", DataKind::lattices, {lattices, slf, text, bmes}},
      {"lattice_gru", DataKind::lattices, {lattices, slf, text, bmes}},
      {"bilstm_tagger", DataKind::sentences, {tagged, bmes, text}},
      {"bilstm_tagger_char", DataKind::sentences, {tagged, bmes, text}},
      {"lstm_nmt", DataKind::pairs, {text}},
      {"child_sum_tree_lstm", DataKind::dependencies, {conllu}},
      {"dag_gru", DataKind::dags, {dags}},
      {"lenet5", DataKind::pictures, {}},
      {"vgg8", DataKind::pictures, {}},
  };
  return kTable;
}

bool takes(const ModelData& row, io::Format format) {
  return std::find(row.formats.begin(), row.formats.end(), format) != row.formats.end();
}

std::string list(const std::vector<io::Format>& formats) {
  std::string text;
  for (const io::Format format : formats) {
    text += (text.empty() ? "'" : ", '") + name(format) + "'";
  }
  return text;
}

void require_no_files(const WorkloadOptions& options) {
  const auto refuse = [&](const char* option, const std::string& got) {
    throw base::UsageError({option, "random data", got, "no such option"});
  };
  if (options.format != "auto") refuse("--format", "'" + options.format + "'");
  if (!options.lexicon.empty()) refuse("--lexicon", options.lexicon);
  if (!options.target.empty()) refuse("--target", options.target);
  if (!options.counts.empty()) refuse("--counts", options.counts);
  if (options.target_rows) refuse("--target-rows", std::to_string(*options.target_rows));
}

void require_pair_options(const WorkloadOptions& options, const ModelData& row) {
  const bool pairs = row.kind == DataKind::pairs;
  if (!options.target.empty() && !pairs) {
    refuse_option(options, "--target", options.target, "no translations");
  }
  if (!options.target_rows) return;
  const std::string got = std::to_string(*options.target_rows);
  if (!pairs) refuse_option(options, "--target-rows", got, "no translations");
  if (!options.weights.empty()) {
    refuse_option(options, "--target-rows", got, "the rows that the weights have");
  }
  if (*options.target_rows > kMostTargetRows) {
    refuse_option(options, "--target-rows", got, "0 to " + std::to_string(kMostTargetRows));
  }
}

void require_picture_options(const WorkloadOptions& options, const ModelData& row) {
  if (row.kind != DataKind::pictures) {
    if (options.labels.empty()) return;
    refuse_option(options, "--labels", options.labels, "no labels beside those of the data");
  }
  if (options.format != "auto") {
    refuse_option(options, "--format", "'" + options.format + "'",
                  "'auto': pictures are IDX files");
  }
  if (io::is_random_data(options.data)) {
    refuse_option(options, "--data", options.data, "an IDX file of pictures");
  }
}

}  // namespace

const std::string& name(DataKind kind) {
  static const std::array<std::string, 7> kNames = {
      "trees", "lattices", "sentences", "pairs", "dependencies", "dags", "pictures"};
  return kNames[static_cast<std::size_t>(kind)];
}

const ModelData& model_data(const std::string& model) {
  for (const ModelData& row : table()) {
    if (row.model == model) return row;
  }
  nn::refuse_model(model);
}

std::vector<std::string> models_that_read(io::Format format) {
  std::vector<std::string> models;
  for (const std::string& model : nn::model_names()) {
    if (takes(model_data(model), format)) models.push_back(model);
  }
  return models;
}

void refuse_option(const WorkloadOptions& options, const char* option, const std::string& got,
                   const std::string& expected) {
  throw base::UsageError(
      {.place = option, .what = "model " + options.model, .got = got, .expected = expected});
}

void require_fitting(const WorkloadOptions& options, const ModelData& row) {
  if (!options.lexicon.empty() && row.kind != DataKind::lattices) {
    refuse_option(options, "--lexicon", options.lexicon, "no lexicon");
  }
  if (!options.counts.empty()) {
    if (row.model != "bilstm_tagger_char") {
      refuse_option(options, "--counts", options.counts, "no counts");
    }
    if (!options.weights.empty()) {
      refuse_option(options, "--counts", options.counts,
                    "no counts: the weights say which words are spelt");
    }
  }
  require_pair_options(options, row);
  require_picture_options(options, row);
  if (options.format != "auto" && !takes(row, io::parse_format(options.format))) {
    refuse_option(options, "--format", "'" + options.format + "'", list(row.formats));
  }
  if (io::is_random_data(options.data)) {
    require_no_files(options);
  } else if (row.kind == DataKind::pairs && options.target.empty() &&
             !options.unknown_labels_are_none) {
    refuse_option(options, "--target", "none", "a file of translations");
  }
}

io::Format choose_format(const WorkloadOptions& options, const ModelData& row,
                         std::string_view text) {
  io::Format format = row.formats.front();
  if (options.format != "auto") {
    format = io::parse_format(options.format);
  } else if (row.formats.size() > 1) {
    const io::Format guess = io::guess_format(text);
    if (!options.lexicon.empty()) {
      format = guess == io::Format::bmes ? guess : io::Format::text;
    } else if (guess != io::Format::text && takes(row, guess)) {
      format = guess;
    }
  }
  if (row.kind != DataKind::lattices) return format;
  const bool plain = format == io::Format::text || format == io::Format::bmes;
  if (plain && options.lexicon.empty()) {
    refuse_option(options, "--lexicon", "none",
                  "a word list, with which to make lattices of " + name(format));
  }
  if (!plain && !options.lexicon.empty()) {
    refuse_option(options, "--lexicon", options.lexicon,
                  "none: lattices of format '" + name(format) + "' have their words");
  }
  return format;
}

}  // namespace sheaf::engine
