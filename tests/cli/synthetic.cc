// SPDX-License-Identifier: Apache-2.0
#include "tests/cli/synthetic.h"

#include <algorithm>
#include <array>

#include "sheaf/base/rng.h"

namespace sheaf::test {
namespace {

constexpr std::array kCharacters = {"我", "北", "京", "大", "学", "来",
                                    "到", "清", "华", "a",  "1",  "。"};

const char* random_character(base::Rng& rng) {
  return kCharacters[rng.below(static_cast<std::uint32_t>(kCharacters.size()))];
}

std::string random_tree(std::uint32_t leaves, base::Rng& rng) {
  const std::string open = "(" + std::to_string(rng.below(5)) + " ";
  if (leaves == 1) return open + "w" + std::to_string(rng.below(200)) + ")";
  const std::uint32_t left = 1 + rng.below(leaves - 1);
  const std::string first = random_tree(left, rng);
  return open + first + " " + random_tree(leaves - left, rng) + ")";
}

}  // namespace

std::string random_trees(std::uint32_t count, std::uint64_t seed) {
  base::Rng rng(seed, "trees");
  std::string text;
  for (std::uint32_t i = 0; i < count; ++i) text += random_tree(1 + rng.below(30), rng) + "\n";
  return text;
}

std::string random_lattices(std::uint32_t count, std::uint64_t seed) {
  base::Rng rng(seed, "lattices");
  const auto id = [&] { return std::to_string(rng.below(300)); };
  std::string text = std::to_string(count) + "\n";
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t positions = 1 + rng.below(25);
    text += std::to_string(positions) + "\n";
    for (std::uint32_t p = 0; p < positions; ++p) text += p == 0 ? "0" : " 0";
    text += "\n0\n";
    for (std::uint32_t p = 1; p < positions; ++p) {
      const std::uint32_t words = p < 2 ? 0 : std::max(rng.below(5), 2U) - 2;
      text += std::to_string(1 + words) + " " + std::to_string(p - 1) + " " + id();
      for (std::uint32_t w = 0; w < words; ++w) {
        text += " " + std::to_string(p - std::min(p, 2 + rng.below(4))) + " " + id();
      }
      text += "\n";
    }
  }
  return text;
}

std::string random_text(std::uint32_t count, std::uint64_t seed) {
  base::Rng rng(seed, "text");
  std::string text;
  for (std::uint32_t i = 0; i < count; ++i) {
    for (std::uint32_t left = rng.below(21); left > 0; --left) text += random_character(rng);
    text += "\n";
  }
  return text;
}

std::string random_lexicon(std::uint64_t seed) {
  base::Rng rng(seed, "lexicon");
  std::string text;
  for (int i = 0; i < 60; ++i) {
    for (std::uint32_t left = 2 + rng.below(2); left > 0; --left) text += random_character(rng);
    text += " 1 n\n";
  }
  return text;
}

std::string left_tree(std::uint32_t depth) {
  std::string text;
  for (std::uint32_t i = 0; i < depth; ++i) text += "(0 ";
  text += "(0 b)";
  for (std::uint32_t i = 0; i < depth; ++i) text += " (0 a))";
  return text + "\n";
}

std::string right_tree(std::uint32_t depth) {
  std::string text;
  for (std::uint32_t i = 0; i < depth; ++i) text += "(0 (0 a) ";
  text += "(0 b)";
  text.append(depth, ')');
  return text + "\n";
}

}  // namespace sheaf::test
