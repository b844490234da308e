// SPDX-License-Identifier: Apache-2.0
#include "tests/cli/synthetic_sentences.h"

#include <array>
#include <vector>

#include "sheaf/base/rng.h"

namespace sheaf::test {
namespace {

constexpr std::array kLetters = {"a", "b", "c", "é", "京", "|", "1", "'"};
constexpr std::array kTags = {"O", "B-PER", "I-PER", "B-LOC", "I-LOC"};
constexpr std::array kSpans = {"O", "B-ORG", "M-ORG", "E-ORG", "S-ORG"};
constexpr std::array kRelations = {"nsubj", "nsubj:pass", "obj", "det", "root"};

template <std::size_t N>
std::string any_of(const std::array<const char*, N>& names, base::Rng& rng) {
  return names[rng.below(static_cast<std::uint32_t>(N))];
}

std::string common_word(base::Rng& rng) { return "w" + std::to_string(rng.below(30)); }

std::string any_word(base::Rng& rng) {
  if (rng.below(4) != 0) return common_word(rng);
  std::string word;
  for (std::uint32_t left = 1 + rng.below(8); left > 0; --left) word += any_of(kLetters, rng);
  return word;
}

std::string sentence(std::uint32_t words, base::Rng& rng) {
  std::string text;
  for (std::uint32_t w = 0; w < words; ++w) text += (w == 0 ? "" : " ") + common_word(rng);
  return text + "\n";
}

// 0, 1, ... in a random order.
std::vector<std::uint32_t> shuffled(std::uint32_t count, base::Rng& rng) {
  std::vector<std::uint32_t> order;
  for (std::uint32_t i = 0; i < count; ++i) order.insert(order.begin() + rng.below(i + 1), i);
  return order;
}

std::string conllu_line(const std::string& id, const std::string& form, const std::string& head,
                        base::Rng& rng) {
  return id + "\t" + form + "\t_\t_\t_\t_\t" + head + "\t" + any_of(kRelations, rng) + "\t_\t_\n";
}

}  // namespace

std::string random_tagged(std::uint32_t count, std::uint64_t seed) {
  base::Rng rng(seed, "tagged");
  std::string text;
  for (std::uint32_t i = 0; i < count; ++i) {
    for (std::uint32_t left = 1 + rng.below(25); left > 0; --left) {
      const std::string word = any_word(rng);
      text += word + "|" + any_of(kTags, rng) + (left > 1 ? " " : "\n");
    }
  }
  return text;
}

std::string random_bmes(std::uint32_t count, std::uint64_t seed) {
  base::Rng rng(seed, "bmes");
  std::string text;
  for (std::uint32_t i = 0; i < count; ++i) {
    for (std::uint32_t left = 1 + rng.below(25); left > 0; --left) {
      const std::string character = std::to_string(rng.below(10));
      text += character + " " + any_of(kSpans, rng) + "\n";
    }
    text += "\n";
  }
  return text;
}

std::pair<std::string, std::string> random_pairs(std::uint32_t count, std::uint64_t seed) {
  base::Rng rng(seed, "pairs");
  std::pair<std::string, std::string> texts;
  for (std::uint32_t i = 0; i < count; ++i) {
    const bool none = rng.below(8) == 0;
    texts.first += sentence(none ? 0 : 1 + rng.below(15), rng);
    texts.second += sentence(none ? 0 : 1 + rng.below(15), rng);
  }
  return texts;
}

std::string random_conllu(std::uint32_t count, std::uint64_t seed) {
  base::Rng rng(seed, "conllu");
  std::string text;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t words = 1 + rng.below(25);
    // A word's head comes before it in this order.
    const auto order = shuffled(words, rng);
    std::vector<std::uint32_t> heads(words, 0);
    for (std::uint32_t k = 1; k < words; ++k) {
      if (rng.below(10) != 0) heads[order[k]] = order[rng.below(k)] + 1;
    }
    text += "# sent_id = " + std::to_string(i) + "\n";
    for (std::uint32_t w = 1; w <= words; ++w) {
      const std::string id = std::to_string(w);
      if (w < words && rng.below(8) == 0) {
        text += conllu_line(id + "-" + std::to_string(w + 1), any_word(rng), "_", rng);
      }
      text += conllu_line(id, any_word(rng), std::to_string(heads[w - 1]), rng);
      if (rng.below(8) == 0) text += conllu_line(id + ".1", any_word(rng), "_", rng);
    }
    text += "\n";
  }
  return text;
}

std::string random_dags(std::uint32_t count, std::uint64_t seed) {
  base::Rng rng(seed, "dags");
  std::string text;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t nodes = 1 + rng.below(25);
    text += "{\"nodes\": [";
    for (std::uint32_t v = 0; v < nodes; ++v) {
      text += (v == 0 ? "\"op" : ", \"op") + std::to_string(rng.below(8)) + "\"";
    }
    text += "], \"edges\": [";
    const auto order = shuffled(nodes, rng);
    std::string separator;
    for (std::uint32_t left = nodes == 1 ? 0 : rng.below(2 * nodes); left > 0; --left) {
      const std::uint32_t to = 1 + rng.below(nodes - 1);
      const std::uint32_t from = rng.below(to);
      text +=
          separator + "[" + std::to_string(order[from]) + ", " + std::to_string(order[to]) + "]";
      separator = ", ";
    }
    text += "]}\n";
  }
  return text;
}

}  // namespace sheaf::test
