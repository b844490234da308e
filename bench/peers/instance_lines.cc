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

Json to_json(const nn::Sentence& sentence) { return {{"ids", sentence.ids}}; }

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

}  // namespace

std::string instance_lines(std::span<const nn::Instance> instances,
                           std::span<const std::uint32_t> indices) {
  std::string lines;
  for (const std::uint32_t index : indices) {
    lines += std::visit([](const auto& one) { return to_json(one).dump(); }, instances[index]);
    lines += '\n';
  }
  return lines;
}

}  // namespace sheaf::bench
