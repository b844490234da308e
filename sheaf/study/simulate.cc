// SPDX-License-Identifier: Apache-2.0
#include "sheaf/study/simulate.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <numeric>
#include <string_view>

#include "sheaf/backend/cim/read_layers.h"
#include "sheaf/backend/cim/strategy.h"
#include "sheaf/base/error.h"
#include "sheaf/base/nearest.h"
#include "sheaf/engine/minibatches.h"
#include "sheaf/io/layer_list_file.h"
#include "sheaf/nn/layer_net.h"
#include "sheaf/nn/model.h"
#include "sheaf/nn/picture_models.h"
#include "sheaf/sim/cost/sums.h"
#include "sheaf/target/mapping.h"

namespace sheaf::study {
namespace {

using backend::cim::LayerShape;
using backend::cim::LayerShapes;
using backend::cim::WeightForm;

constexpr const char* kPlace = "--compress";
constexpr double kMostZeros = 0.999;  // something is left to be computed

[[noreturn]] void refuse(const std::string& what, const std::string& got,
                         const std::string& expected) {
  throw base::UsageError({.place = kPlace, .what = what, .got = got, .expected = expected});
}

// "NAME:key=value,key=value".
struct Spec {
  std::string name;
  std::map<std::string, std::string, std::less<>> values;
};

Spec parse_spec(const std::string& text) {
  Spec spec;
  const std::size_t colon = text.find(':');
  spec.name = text.substr(0, colon);
  std::string_view rest =
      colon == std::string::npos ? "" : std::string_view(text).substr(colon + 1);
  while (!rest.empty()) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    const std::string_view part = rest.substr(0, comma);
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos) refuse(spec.name, std::string(part), "key=value");
    const std::string key(part.substr(0, equals));
    if (!spec.values.emplace(key, part.substr(equals + 1)).second) {
      refuse(spec.name, key + " a second time", "every key once");
    }
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return spec;
}

void require_keys(const Spec& spec, const std::vector<std::string>& known) {
  for (const auto& [key, value] : spec.values) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    throw base::UsageError({.place = kPlace,
                            .what = spec.name + ", unknown key",
                            .got = "'" + key + "'",
                            .hint = base::suggest(key, known)});
  }
}

double number(const Spec& spec, const std::string& key, double least, double most) {
  const auto found = spec.values.find(key);
  const std::string text = found == spec.values.end() ? "" : found->second;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool read = error == std::errc{} && end == text.data() + text.size();
  const bool within = value >= least && value <= most;  // NaN is not
  if (!read || !within) {
    refuse(spec.name + ", " + key, text.empty() ? "nothing" : "'" + text + "'",
           fmt::format("a number from {:g} to {:g}", least, most));
  }
  return value;
}

std::uint32_t whole(const Spec& spec, const std::string& key, std::uint32_t least,
                    std::uint32_t most) {
  const double value = number(spec, key, least, most);
  const auto rounded = static_cast<std::uint32_t>(value);
  if (rounded != value) refuse(spec.name + ", " + key, spec.values.at(key), "a whole number");
  return rounded;
}

void require_block_fits(std::uint32_t block, const target::Chip& chip) {
  if (!chip.crossbar) return;
  const std::uint32_t side = std::min(chip.crossbar->rows, chip.crossbar->columns);
  if (block <= side) return;
  refuse("blocks on chip " + chip.name, std::to_string(block) + " x " + std::to_string(block),
         "at most the " + std::to_string(chip.crossbar->rows) + " x " +
             std::to_string(chip.crossbar->columns) + " cells of a crossbar");
}

std::string left_dense(const std::string& text, const std::vector<std::string>& layers) {
  return fmt::format("stored dense in spite of {}: {}", text, fmt::join(layers, ", "));
}

bool is_dense(const std::string& compression) {
  return compression == "none" || compression == "block_circulant:k=1";
}

std::vector<std::string> parts_of(const std::vector<std::string>& how) {
  std::vector<std::string> parts;
  for (const std::string& text : how) {
    for (std::string& part : compressions(text)) parts.push_back(std::move(part));
  }
  return parts;
}

// Whether anything says how weights are stored.
bool says_form(const std::vector<std::string>& how) {
  const std::vector<std::string> parts = parts_of(how);
  return std::any_of(parts.begin(), parts.end(), [](const std::string& text) {
    return is_dense(text) || !text.starts_with("column_nonzeros");
  });
}

// Layers of a chip for blocks are stored in blocks of its size.
void take_chips_block(LayerShapes& shapes, const target::Chip& chip,
                      std::vector<std::string>& notes) {
  const backend::cim::Stored stored =
      backend::cim::make_block_circulant(shapes, chip.mapping.block);
  notes.push_back(
      fmt::format("weights of {} of {} layers in circulant blocks of {} x {}, as the chip's "
                  "mapping.block says; "
                  "--compress none: dense",
                  stored.layers, shapes.layers.size(), chip.mapping.block, chip.mapping.block));
  if (!stored.left.empty()) notes.push_back(left_dense("mapping.block", stored.left));
}

void compress_one(LayerShapes& shapes, const target::Chip& chip, const std::string& text,
                  std::vector<std::string>& notes) {
  static const std::vector<std::string> kNames = {"block_circulant", "pow2_basis",
                                                  "column_nonzeros", "none"};
  if (is_dense(text)) return;
  const Spec spec = parse_spec(text);
  if (spec.name == kNames[0]) {
    const std::uint32_t block = tensor::parse_encoding(text, kPlace).block;
    require_block_fits(block, chip);
    const backend::cim::Stored stored = backend::cim::make_block_circulant(shapes, block);
    if (!stored.left.empty()) notes.push_back(left_dense(text, stored.left));
    if (stored.layers > 0) return;
    refuse("network " + shapes.name, "no layer that blocks of " + std::to_string(block) + " fit",
           "one at least");
  } else if (spec.name == kNames[1]) {
    require_keys(spec, {"k", "rows", "zeros", "booth", "every_kernel"});
    const double rows = number(spec, "rows", 0, 1);
    if (rows == 0) refuse(spec.name + ", rows", "0", "a share above 0, up to 1");
    const bool every_kernel =
        spec.values.contains("every_kernel") && whole(spec, "every_kernel", 0, 1) == 1;
    const backend::cim::Stored stored =
        backend::cim::make_pow2_basis(shapes, whole(spec, "k", 2, 16), rows, every_kernel);
    if (!stored.left.empty()) notes.push_back(left_dense(text, stored.left));
    for (LayerShape& layer : shapes.layers) {
      if (layer.form != WeightForm::pow2_basis) continue;
      if (spec.values.contains("zeros")) layer.zero_inputs = number(spec, "zeros", 0, kMostZeros);
      if (spec.values.contains("booth")) layer.booth_density = number(spec, "booth", 0, 1);
    }
  } else if (spec.name == kNames[2]) {
    const std::uint32_t most = chip.crossbar ? chip.crossbar->rows : 1U << 16U;
    require_keys(spec, {"n"});
    const std::uint32_t nonzeros = whole(spec, "n", 1, most);
    for (LayerShape& layer : shapes.layers) layer.column_nonzeros = nonzeros;
  } else {
    throw base::UsageError({.place = kPlace,
                            .what = "no such way to store weights",
                            .got = "'" + spec.name + "'",
                            .hint = base::suggest(spec.name, kNames)});
  }
}

// Where `name` stands among `names`.
std::size_t position(std::span<const std::string_view> names, const std::string& name,
                     const char* place) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
  const std::vector<std::string> known(names.begin(), names.end());
  throw base::UsageError({.place = place,
                          .what = "unknown",
                          .got = "'" + name + "'",
                          .hint = base::suggest(name, known)});
}

backend::cim::StrategyOptions mapping_of(const ChipOptions& options) {
  backend::cim::StrategyOptions mapping;
  mapping.density = options.density;
  mapping.placement = static_cast<backend::cim::TilePlacement>(
      position(backend::cim::kTilePlacementNames, options.placement, "--placement"));
  mapping.slicing = static_cast<backend::cim::Slicing>(
      position(backend::cim::kSlicingNames, options.slicing, "--slicing"));
  mapping.input_slice_reuse = options.input_slice_reuse;
  mapping.input_tile_sharing = options.input_tile_sharing;
  return mapping;
}

// A trained model keeps its circulant weights on every chip; what makes no use of blocks holds all
// their numbers.
std::vector<std::string> expand_blocks(LayerShapes& shapes, std::string_view strategy) {
  if (backend::cim::weight_forms(strategy).block_circulant) return {};
  std::vector<std::string> layers;
  for (LayerShape& layer : shapes.layers) {
    if (layer.form != WeightForm::block_circulant) continue;
    layer.form = WeightForm::dense;
    layer.block = 1;
    layers.push_back(layer.name);
  }
  if (layers.empty()) return {};
  return {
      fmt::format("circulant blocks are stored in full, since strategy '{}' makes no use of "
                  "them: {}",
                  strategy, fmt::join(layers, ", "))};
}

bool has(std::span<const std::string> names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

LayerShapes listed_layers(const std::string& model) {
  try {
    const nn::LayerList list = io::read_layer_list(model);
    const auto net = nn::make_listed_model(list);
    graph::Graph graph(net->network());
    net->append(nn::listed_instance(list), 0, graph);
    graph.seal();
    return backend::cim::read_layers(graph, list.name);
  } catch (const base::NotFoundError&) {
    if (!has(nn::model_names(), model) && !has(nn::picture_model_names(), model)) throw;
    throw base::UsageError({.place = "--model",
                            .what = "layers of " + model,
                            .got = "no --data",
                            .expected = "data: its graphs depend on them"});
  }
}

LayerShapes layers_of(const engine::Workload& workload) {
  std::vector<std::uint32_t> all(workload.instances.size());
  std::iota(all.begin(), all.end(), 0);
  graph::Graph graph(workload.model->network());
  engine::build_graph(*workload.model, workload.instances, all, graph);
  graph.seal();
  return backend::cim::read_layers(graph, std::string(workload.model->name()));
}

std::vector<std::string> compressions(const std::string& text) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at != std::string::npos;) {
    const auto plus = text.find('+', at);
    parts.push_back(text.substr(at, plus == std::string::npos ? plus : plus - at));
    at = plus == std::string::npos ? plus : plus + 1;
  }
  return parts;
}

std::vector<std::string> compress(LayerShapes& shapes, const target::Chip& chip,
                                  const std::vector<std::string>& how) {
  std::vector<std::string> notes;
  for (const std::string& part : parts_of(how)) compress_one(shapes, chip, part, notes);
  return notes;
}

ChipStudy put_on_chip(LayerShapes shapes, target::Chip chip, const ChipOptions& options,
                      bool own_bits) {
  sim::cost::require_models(chip);
  if (shapes.layers.empty()) {
    throw base::UsageError({.place = shapes.name,
                            .what = "layers for a chip",
                            .got = "none",
                            .expected = "products with weights"});
  }
  if (options.bits || !own_bits) {
    const tensor::Bits bits =
        options.bits.value_or(tensor::Bits{chip.mapping.input_bits, chip.mapping.weight_bits});
    backend::cim::set_precision(shapes, {.weight_bits = bits.weight, .input_bits = bits.input});
  }
  for (const LayerShape& layer : shapes.layers) {
    if (layer.form == WeightForm::block_circulant) require_block_fits(layer.block, chip);
  }
  const std::string strategy =
      options.strategy.empty()
          ? std::string(target::kStrategyNames[static_cast<std::size_t>(chip.mapping.strategy)])
          : options.strategy;
  std::vector<std::string> notes = expand_blocks(shapes, strategy);
  const bool in_chips_blocks =
      !own_bits && strategy == "reboc" && chip.mapping.block > 1 && !says_form(options.compress);
  if (in_chips_blocks) take_chips_block(shapes, chip, notes);
  const std::vector<std::string> left = compress(shapes, chip, options.compress);
  notes.insert(notes.end(), left.begin(), left.end());
  if (!chip.crossbar && !options.strategy.empty() && options.strategy != "smartdeal") {
    throw base::UsageError({.place = "strategy",
                            .what = "chip " + chip.name,
                            .got = "'" + options.strategy + "'",
                            .expected = "'smartdeal': it has no crossbars"});
  }
  backend::cim::CostOptions cost{.strategy = options.strategy, .mapping = mapping_of(options)};
  if (options.chips > 0 && chip.crossbar) {
    cost.crossbars = options.chips * backend::cim::hardware_of(chip).crossbars;
  }
  backend::cim::NetworkCost costs = backend::cim::cost_of(shapes, chip, cost);
  return {.chip = std::move(chip),
          .shapes = std::move(shapes),
          .cost = std::move(costs),
          .of_data = own_bits,
          .notes = std::move(notes)};
}

}  // namespace sheaf::study
