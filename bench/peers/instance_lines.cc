// SPDX-License-Identifier: Apache-2.0
#include "bench/peers/instance_lines.h"

#include <nlohmann/json.hpp>

#include "sheaf/base/error.h"

namespace sheaf::bench {
namespace {

using Json = nlohmann::ordered_json;

Json to_json(const nn::Tree& tree) {
  Json json = {{"left", Json::array()}, {"right", Json::array()}, {"word", Json::array()}};
  for (const nn::Tree::Node& node : tree.nodes) {
    json["left"].push_back(node.is_leaf() ? -1 : static_cast<std::int64_t>(node.left));
    json["right"].push_back(node.is_leaf() ? -1 : static_cast<std::int64_t>(node.right));
    json["word"].push_back(node.is_leaf() ? node.word : 0);
  }
  return json;
}

Json to_json(const nn::Lattice& lattice) {
  Json json = {{"begin", lattice.arc_begin}, {"source", Json::array()}, {"id", Json::array()}};
  for (const nn::Lattice::Arc& arc : lattice.arcs) {
    json["source"].push_back(arc.source);
    json["id"].push_back(arc.id);
  }
  return json;
}

Json to_json(const nn::Sentence& sentence) {
  Json json = {{"ids", sentence.ids}};
  if (sentence.spelling_begin.empty()) return json;
  const std::span<const std::uint32_t> spelling = sentence.spelling;
  for (std::size_t w = 0; w < sentence.ids.size(); ++w) {
    const std::uint32_t begin = sentence.spelling_begin[w];
    const auto letters = spelling.subspan(begin, sentence.spelling_begin[w + 1] - begin);
    json["spelling"].push_back(std::vector<std::uint32_t>(letters.begin(), letters.end()));
  }
  return json;
}

Json to_json(const nn::SentencePair& pair) {
  return {{"source", pair.source}, {"target", pair.target}};
}

template <typename Other>
Json to_json(const Other&) {
  throw base::UsageError({.place = "export",
                          .what = "instances",
                          .got = "another kind",
                          .expected = "trees, lattices, sentences or pairs"});
}

Json labels_of(const nn::Model& model, const nn::Instance& instance) {
  std::vector<std::uint32_t> labels;
  model.targets(instance, labels);
  Json json = Json::array();
  for (const std::uint32_t label : labels) {
    json.push_back(label == nn::kNoLabel ? -1 : static_cast<std::int64_t>(label));
  }
  return json;
}

}  // namespace

std::string instance_lines(std::span<const nn::Instance> instances,
                           std::span<const std::uint32_t> indices, const nn::Model* model) {
  std::string lines;
  for (const std::uint32_t index : indices) {
    Json line = std::visit([](const auto& one) { return to_json(one); }, instances[index]);
    if (model != nullptr) line["labels"] = labels_of(*model, instances[index]);
    lines += line.dump();
    lines += '\n';
  }
  return lines;
}

}  // namespace sheaf::bench
