// SPDX-License-Identifier: Apache-2.0
#include "sheaf/io/layer_list_file.h"

#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

#include "sheaf/base/error.h"
#include "sheaf/base/nearest.h"
#include "sheaf/base/yaml.h"
#include "sheaf/io/file.h"
#include "sheaf/io/model_lists.h"

namespace sheaf::io {
namespace {

using base::YamlNode;
using nn::LayerOp;

[[noreturn]] void refuse(const YamlNode& node, const std::string& what,
                         const std::string& expected) {
  throw base::ConfigError(
      {.place = node.place, .what = what, .got = node.described(), .expected = expected});
}

std::string text_of(const YamlNode& node, const std::string& key) {
  if (node.kind != YamlNode::Kind::scalar || node.text.empty()) refuse(node, key, "a word");
  return node.text;
}

std::uint32_t number_of(const YamlNode& node, const std::string& key, std::uint32_t least,
                        std::uint32_t most = kMostLayerSize) {
  std::uint32_t value = 0;
  const char* end = node.text.data() + node.text.size();
  const auto [rest, error] = std::from_chars(node.text.data(), end, value);
  if (node.kind != YamlNode::Kind::scalar || error != std::errc{} || rest != end || value < least ||
      value > most) {
    refuse(node, key, std::to_string(least) + " to " + std::to_string(most));
  }
  return value;
}

bool flag_of(const YamlNode& node, const std::string& key) {
  if (node.kind == YamlNode::Kind::scalar && node.text == "true") return true;
  if (node.kind == YamlNode::Kind::scalar && node.text == "false") return false;
  refuse(node, key, "true or false");
}

// The children of a map by key, which must be one of `known`.
const YamlNode& require_map(const YamlNode& node, const std::string& what,
                            const std::vector<std::string>& known) {
  if (node.kind != YamlNode::Kind::map) refuse(node, what, "a map");
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    if (std::find(known.begin(), known.end(), node.keys[i]) != known.end()) continue;
    throw base::ConfigError({.place = node.children[i].place,
                             .what = "unknown key of " + what,
                             .got = "'" + node.keys[i] + "'",
                             .hint = base::suggest(node.keys[i], known)});
  }
  return node;
}

const YamlNode& require_key(const YamlNode& map, const std::string& what, const std::string& key) {
  const YamlNode* node = map.find(key);
  if (node != nullptr) return *node;
  throw base::ConfigError(
      {.place = map.place, .what = what, .got = "no '" + key + "'", .expected = "one"});
}

void set_attribute(nn::ListedLayer& layer, const std::string& key, const YamlNode& node) {
  const std::string what = layer.name + ": " + key;
  if (key == "kernel") {
    layer.kernel = number_of(node, what, 1, kMostWindow);
  } else if (key == "stride") {
    layer.stride = number_of(node, what, 1, kMostWindow);
  } else if (key == "padding") {
    layer.padding = number_of(node, what, 0, kMostWindow);
  } else if (key == "projection") {
    layer.projection = number_of(node, what, 1);
  } else if (key == "peepholes") {
    layer.peepholes = flag_of(node, what);
  } else if (key == "norm") {
    layer.norm = flag_of(node, what);
  } else if (key == "relu") {
    layer.relu = flag_of(node, what);
  } else if (key == "from") {
    layer.from = text_of(node, what);
  } else if (key == "add") {
    layer.add = text_of(node, what);
  }
}

// The keys that a layer of this op may have beside its name, its op, `from` and `relu`.
std::vector<std::string> keys_of(LayerOp op) {
  switch (op) {
    case LayerOp::conv:
    case LayerOp::depthwise:
      return {"kernel", "stride", "padding", "norm", "add"};
    case LayerOp::max_pool:
    case LayerOp::average_pool:
      return {"stride", "padding"};
    case LayerOp::fc:
      return {"norm", "add"};
    case LayerOp::lstm:
      return {"projection", "peepholes"};
    default:
      return {};
  }
}

// Which of the keys of `node` names the op; exactly one has to.
std::size_t op_of(const YamlNode& node) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < nn::kLayerOpNames.size(); ++i) {
    if (node.find(nn::kLayerOpNames[i]) != nullptr) found.push_back(i);
  }
  if (found.size() == 1) return found[0];
  std::string names;
  for (const std::string_view name : nn::kLayerOpNames) {
    names += (names.empty() ? "" : ", ") + std::string(name);
  }
  throw base::ConfigError({.place = node.place,
                           .what = "layer",
                           .got = found.empty() ? "no op" : "several ops",
                           .expected = "one of " + names});
}

nn::ListedLayer parse_layer(const YamlNode& node) {
  std::vector<std::string> every = {"name",      "kernel", "stride", "padding", "projection",
                                    "peepholes", "norm",   "relu",   "from",    "add"};
  every.insert(every.end(), nn::kLayerOpNames.begin(), nn::kLayerOpNames.end());
  require_map(node, "a layer", every);
  const std::size_t op = op_of(node);
  const std::string op_name(nn::kLayerOpNames[op]);
  nn::ListedLayer layer;
  layer.place = node.place;
  layer.op = static_cast<LayerOp>(op);
  layer.name = text_of(require_key(node, "layer", "name"), "name");
  const YamlNode& size = *node.find(op_name);
  switch (layer.op) {
    case LayerOp::depthwise:
    case LayerOp::global_average_pool:
      if (!flag_of(size, layer.name + ": " + op_name)) refuse(size, op_name, "true");
      break;
    case LayerOp::max_pool:
    case LayerOp::average_pool:
      layer.kernel = layer.stride = number_of(size, layer.name + ": " + op_name, 1, kMostWindow);
      break;
    default:
      layer.size = number_of(size, layer.name + ": " + op_name, 1);
  }
  std::vector<std::string> own = keys_of(layer.op);
  own.insert(own.end(), {"name", "relu", "from", op_name});
  require_map(node, op_name, own);
  if (layer.op == LayerOp::conv || layer.op == LayerOp::depthwise) {
    static_cast<void>(require_key(node, layer.name, "kernel"));
  }
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    set_attribute(layer, node.keys[i], node.children[i]);
  }
  return layer;
}

void parse_input(const YamlNode& node, nn::LayerList& list) {
  list.place = node.place;
  require_map(node, "input", {"height", "width", "channels", "steps", "vocabulary"});
  const auto number = [&](const char* key) {
    return number_of(require_key(node, "input", key), std::string("input: ") + key, 1);
  };
  if (!list.builtin.empty()) {
    list.steps = number("steps");
    list.vocabulary = number("vocabulary");
    return;
  }
  list.width = number("width");
  if (node.find("steps") != nullptr) {
    require_map(node, "input of a sequence", {"width", "steps"});
    list.steps = number("steps");
    return;
  }
  require_map(node, "input of pictures", {"height", "width", "channels"});
  list.height = number("height");
  list.channels = number("channels");
  const std::uint64_t numbers = std::uint64_t{list.height} * list.width * list.channels;
  if (std::uint64_t{list.height} * list.width > nn::kMostLayerNumbers ||
      numbers > nn::kMostLayerNumbers) {
    refuse(node, "input: numbers of a picture", "at most " + std::to_string(nn::kMostLayerNumbers));
  }
}

}  // namespace

nn::LayerList parse_layer_list(std::string_view text, const std::string& file) {
  const YamlNode root = base::parse_yaml(text, file);
  if (root.kind != YamlNode::Kind::map) {
    throw base::ConfigError({.place = root.place.empty() ? file : root.place,
                             .what = "layer list",
                             .got = root.described(),
                             .expected = "a map"});
  }
  require_map(root, "a layer list", {"name", "source", "input", "layers", "builtin"});
  nn::LayerList list;
  list.name = text_of(require_key(root, "layer list", "name"), "name");
  list.source = text_of(require_key(root, "layer list", "source"), "source");
  const YamlNode* builtin = root.find("builtin");
  if (builtin != nullptr) list.builtin = text_of(*builtin, "builtin");
  parse_input(require_key(root, "layer list", "input"), list);
  if (builtin != nullptr) {
    require_map(root, "a list with a built-in model", {"name", "source", "input", "builtin"});
    return list;
  }
  const YamlNode& layers = require_key(root, "layer list", "layers");
  if (layers.kind != YamlNode::Kind::list || layers.children.empty() ||
      layers.children.size() > kMostLayers) {
    refuse(layers, "layers", "a list of 1 to " + std::to_string(kMostLayers));
  }
  for (const YamlNode& layer : layers.children) list.layers.push_back(parse_layer(layer));
  return list;
}

nn::LayerList read_layer_list(const std::string& name) {
  const std::string_view end = ".yaml";
  const bool is_file = name.find('/') != std::string::npos ||
                       (name.size() > end.size() && name.substr(name.size() - end.size()) == end);
  if (is_file) return parse_layer_list(read_file(name), name);
  if (const auto text = model_list_text(name)) return parse_layer_list(*text, name + ".yaml");
  throw base::NotFoundError({.place = "model",
                             .what = "no such layer list",
                             .got = "'" + name + "'",
                             .hint = base::suggest(name, model_list_names())});
}

}  // namespace sheaf::io
