// SPDX-License-Identifier: Apache-2.0
#include "sheaf/backend/cim/read_layers.h"

#include <algorithm>
#include <span>
#include <vector>

#include "sheaf/backend/cim/cell_products.h"
#include "sheaf/backend/cim/counts.h"

namespace sheaf::backend::cim {
namespace {

void add(std::vector<LayerSource>& to, LayerSource source) {
  const auto same = std::find_if(to.begin(), to.end(),
                                 [&](const LayerSource& s) { return s.layer == source.layer; });
  if (same == to.end()) {
    to.push_back(source);
  } else {
    same->values += source.values;
  }
}

class Reader {
 public:
  explicit Reader(const graph::Graph& graph) : graph_(graph) {
    const graph::Network& network = graph.network();
    std::vector<std::uint64_t> calls(network.type_count());
    for (const graph::TypeId type : graph.types()) ++calls[type];
    types_.resize(network.type_count());
    first_layer_.resize(network.type_count());
    for (graph::TypeId type = 0; type < network.type_count(); ++type) {
      if (calls[type] == 0) continue;
      types_[type] = find_products(network, type);
      first_layer_[type] = static_cast<std::uint32_t>(shapes_.layers.size());
      shapes_.host_macs += calls[type] * types_[type].host_macs;
      for (const CellProduct& product : types_[type].products) {
        shapes_.layers.push_back(product.shape);
        LayerShape& layer = shapes_.layers.back();
        layer.calls = calls[type];
        layer.type = type;
        for (const std::uint32_t p : product.after) {
          layer.after.push_back(first_layer_[type] + p);
        }
      }
    }
  }

  LayerShapes read(const std::string& name) {
    port_begin_.reserve(graph_.size());
    for (graph::NodeId node = 0; node < graph_.size(); ++node) visit(node);
    shapes_.name = name;
    return std::move(shapes_);
  }

 private:
  void visit(graph::NodeId node) {
    const graph::TypeId type = graph_.type(node);
    const CellProducts& cell = types_[type];
    const std::uint32_t first = first_layer_[type];
    for (std::size_t p = 0; p < cell.products.size(); ++p) {
      for (const Origin& origin : cell.products[p].origins) {
        for (const LayerSource& source : resolve(node, origin)) {
          add(shapes_.layers[first + p].sources, source);
        }
      }
    }
    port_begin_.push_back(static_cast<std::uint32_t>(ports_.size()));
    for (const std::vector<Origin>& port : cell.outputs) {
      std::vector<LayerSource> sources;
      for (const Origin& origin : port) {
        for (const LayerSource& source : resolve(node, origin)) add(sources, source);
      }
      ports_.push_back(std::move(sources));
    }
  }

  // The layers from which the values of an origin of a node's cell come.
  [[nodiscard]] std::vector<LayerSource> resolve(graph::NodeId node, const Origin& origin) const {
    if (origin.kind == Origin::Kind::outside) return {{kOutside, origin.values}};
    if (origin.kind == Origin::Kind::product) {
      return {{first_layer_[graph_.type(node)] + origin.index, origin.values}};
    }
    const graph::Cell& cell = *graph_.network().type(graph_.type(node)).cell;
    const std::span<const graph::Operand> operands = graph_.operands(node);
    std::vector<LayerSource> sources;
    if (origin.index < cell.fixed_inputs()) {
      append(sources, operands[origin.index], origin.values);
      return sources;
    }
    // Every operand of a sum moves.
    for (std::size_t i = origin.index; i < operands.size(); i += cell.repeated_inputs()) {
      append(sources, operands[i], origin.values);
    }
    return sources;
  }

  void append(std::vector<LayerSource>& to, graph::Operand operand, std::uint64_t values) const {
    const std::vector<LayerSource>& from = ports_[port_begin_[operand.node] + operand.port];
    for (LayerSource source : from) {
      if (from.size() == 1) source.values = values;
      add(to, source);
    }
  }

  const graph::Graph& graph_;
  LayerShapes shapes_;
  std::vector<CellProducts> types_;
  std::vector<std::uint32_t> first_layer_;  // by type
  std::vector<std::uint32_t> port_begin_;   // by node
  std::vector<std::vector<LayerSource>> ports_;
};

}  // namespace

std::uint64_t LayerShapes::macs() const {
  std::uint64_t sum = 0;
  for (const LayerShape& layer : layers) sum += layer.macs();
  return sum;
}

std::uint64_t LayerShapes::weights() const {
  std::uint64_t sum = 0;
  for (const LayerShape& layer : layers) sum += layer.weights();
  return sum;
}

LayerShapes read_layers(const graph::Graph& graph, const std::string& name) {
  return Reader(graph).read(name);
}

void set_precision(LayerShapes& shapes, Precision precision) {
  for (LayerShape& layer : shapes.layers) {
    layer.weight_bits = precision.weight_bits;
    layer.input_bits = precision.input_bits;
  }
}

BlockGrid block_grid(const LayerShape& layer, std::uint32_t block) {
  const auto blocks = [&](const std::vector<std::uint32_t>& parts, std::uint32_t whole) {
    if (parts.empty()) return ceil_div(whole, block);
    std::uint64_t sum = 0;
    for (const std::uint32_t part : parts) sum += ceil_div(part, block);
    return sum;
  };
  const std::uint32_t taps =
      layer.kind == LayerKind::conv2d ? layer.kernel_height * layer.kernel_width : 1;
  return {static_cast<std::uint32_t>(blocks(layer.output_parts, layer.outputs)),
          static_cast<std::uint32_t>(taps * blocks(layer.input_parts, layer.inputs / taps))};
}

Stored make_block_circulant(LayerShapes& shapes, std::uint32_t block) {
  Stored stored;
  for (LayerShape& layer : shapes.layers) {
    if (layer.form != WeightForm::dense || block < 2) continue;
    const BlockGrid grid = block_grid(layer, block);
    if (layer.groups != 1) {
      stored.left.push_back(layer.name + " (groups of channels that share nothing)");
    } else if (std::uint64_t{grid.rows} * grid.cols * block * block > 2 * layer.weights()) {
      stored.left.push_back(layer.name + " (padding would more than double it)");
    } else {
      layer.form = WeightForm::block_circulant;
      layer.block = block;
      ++stored.layers;
    }
  }
  return stored;
}

Stored make_pow2_basis(LayerShapes& shapes, std::uint32_t basis, double row_density,
                       bool every_kernel) {
  Stored stored;
  for (LayerShape& layer : shapes.layers) {
    if (layer.form != WeightForm::dense) continue;
    if (layer.kind == LayerKind::depthwise) {
      stored.left.push_back(layer.name + " (depthwise kernels are no larger than a basis)");
    } else if (!every_kernel && layer.kernel_height != 1 && layer.kernel_height != basis) {
      stored.left.push_back(layer.name + " (kernels of " + std::to_string(layer.kernel_height) +
                            " rows)");
    } else {
      layer.form = WeightForm::pow2_basis;
      layer.block = basis;
      layer.row_density = row_density;
      ++stored.layers;
    }
  }
  return stored;
}

}  // namespace sheaf::backend::cim
