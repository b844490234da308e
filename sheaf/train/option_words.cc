// SPDX-License-Identifier: Apache-2.0
#include "sheaf/train/option_words.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace sheaf::train {
namespace {

using Words = std::pair<std::string_view, std::string_view>;

constexpr auto kWords = std::to_array<Words>(
    {{"model", "model (--model)"},
     {"data", "training data (--data)"},
     {"format", "format of the data (--format)"},
     {"lexicon", "word list (--lexicon)"},
     {"target", "translations (--target)"},
     {"target_rows", "rows of the target's vocabulary"},
     {"counts", "data that say which words are rare"},
     {"weights", "weights to begin with (--weights)"},
     {"hidden", "hidden size (--hidden)"},
     {"min_count", "least count of a word (--min-count)"},
     {"encode", "encodings of weights"},
     {"loss", "loss (--loss)"},
     {"class_weights", "weights of classes (--class-weights)"},
     {"decode", "how tags are found (--decode)"},
     {"dropout", "dropout (--dropout)"},
     {"labels", "labels of the pictures (--labels)"},
     {"dev_labels", "labels of the held-out pictures (--dev-labels)"},
     {"drop_last", "whether a last minibatch that is not full is left out (--drop-last)"},
     {"dev", "held-out data (--dev)"},
     {"dev_target", "translations of the held-out data (--dev-target)"},
     {"vocabulary", "vocabularies (--vocabulary)"},
     {"stream", "windows of the data (--stream, --shuffle-window)"},
     {"instances", "number of instances in the training data"},
     {"batch", "instances per minibatch (--batch)"},
     {"seed", "seed (--seed)"},
     {"bucket", "minibatches that are sorted by size (--bucket)"},
     {"metric", "metric that says what is best (--metric)"},
     {"optimiser", "optimiser and its parameters (--optimiser, --weight-decay)"},
     {"lr", "learning rate (--lr)"},
     {"schedule", "schedule of the learning rate (--schedule)"},
     {"clip_norm", "largest norm of the gradients (--clip)"},
     {"clip_value", "largest gradient"},
     {"better", "whether higher values of the metric are better"},
     {"frozen", "parameters that keep their values (--freeze)"}});

constexpr std::size_t kDigits = 64;
constexpr std::size_t kShown = 12;

bool is_digest(const std::string& text) {
  return text.size() == kDigits && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

}  // namespace

std::string words_of_option(const std::string& name) {
  const auto* it = std::find_if(kWords.begin(), kWords.end(),
                                [&](const auto& entry) { return entry.first == name; });
  return it == kWords.end() ? "option '" + name + "'" : std::string(it->second);
}

std::string words_of_value(const nlohmann::json& value) {
  if (value.is_null()) return "none";
  if (!value.is_string()) return value.dump();
  const auto text = value.get<std::string>();
  if (text.empty()) return "none";
  if (is_digest(text)) return "content with SHA-256 " + text.substr(0, kShown) + "...";
  return "'" + text + "'";
}

}  // namespace sheaf::train
