// SPDX-License-Identifier: Apache-2.0
#include "sheaf/backend/cim/cell_products.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace sheaf::backend::cim {
namespace {

using graph::CellOp;
using graph::ValueId;
using ops::OpKind;
using tensor::Encoding;
using tensor::EncodingKind;

constexpr std::uint32_t kNone = ~std::uint32_t{0};

bool is_quantised(const graph::Network& network) {
  for (graph::TypeId type = 0; type < network.type_count(); ++type) {
    const auto ops = network.type(type).cell->ops();
    if (std::any_of(ops.begin(), ops.end(),
                    [](const CellOp& op) { return ops::is_quantised_product(op.kind); })) {
      return true;
    }
  }
  return false;
}

class Finder {
 public:
  Finder(const graph::Network& network, const graph::BatchType& type)
      : network_(network),
        type_(type),
        quantised_(is_quantised(network)),
        origins_(type.cell->ops().size()),
        products_(type.cell->ops().size()) {}

  CellProducts find() {
    for (ValueId v = 0; v < ops().size(); ++v) {
      for (const ValueId operand : ops()[v].operands) {
        products_[v].insert(products_[operand].begin(), products_[operand].end());
      }
      visit(v, ops()[v]);
    }
    for (const ValueId v : type_.cell->outputs()) found_.outputs.push_back(moved(v));
    return std::move(found_);
  }

 private:
  [[nodiscard]] std::span<const CellOp> ops() const { return type_.cell->ops(); }
  [[nodiscard]] const graph::Parameter& weight(graph::SlotId slot) const {
    return network_.parameters()[type_.binding[slot]];
  }
  [[nodiscard]] std::uint64_t numbers(ValueId v) const {
    return std::uint64_t{ops()[v].rows} * ops()[v].width;
  }

  // What moves when v does: all of it from where it was made, or the parts of what it was made of.
  [[nodiscard]] std::vector<Origin> moved(ValueId v) const {
    std::vector<Origin> origins = origins_[v];
    if (origins.size() == 1) origins[0].values = numbers(v);
    return origins;
  }

  void visit(ValueId v, const CellOp& op) {
    switch (op.kind) {
      case OpKind::input:
        origins_[v] = {{Origin::Kind::input, op.input, numbers(v)}};
        return;
      case OpKind::lookup:
        origins_[v] = {{Origin::Kind::outside, 0, numbers(v)}};
        return;
      case OpKind::affine:
        if (op.columns.empty() && !quantised_) return affine(v, op);
        break;
      case OpKind::quantised_affine:
        return quantised_affine(v, op);
      case OpKind::conv2d:
      case OpKind::depthwise_conv2d:
        if (!quantised_) return convolution(v, op);
        break;
      case OpKind::quantised_conv2d:
        return convolution(v, op);
      case OpKind::matvec:
        found_.host_macs += std::uint64_t{op.width} * ops()[op.operands[0]].rows;
        break;
      default:
        break;
    }
    if (op.kind == OpKind::conv2d || op.kind == OpKind::depthwise_conv2d) {
      const std::uint64_t values = numbers(op.operands[0]) / op.window.pixels();
      const std::uint64_t channels = op.kind == OpKind::conv2d ? values : 1;
      found_.host_macs +=
          std::uint64_t{op.window.out_pixels()} * op.window.taps() * channels * op.width;
    } else if (op.kind == OpKind::affine || op.kind == OpKind::conv2d_grad_input ||
               op.kind == OpKind::depthwise_conv2d_grad_input) {
      found_.host_macs += ops::flops(op.kind, {.width = op.width,
                                               .product_cols = terms(op),
                                               .rows = op.rows,
                                               .window = op.window}) /
                          2;
    }
    combine(v, op);
  }

  [[nodiscard]] std::uint32_t terms(const CellOp& op) const {
    std::uint32_t width = 0;
    for (const ValueId operand : op.operands) width += ops()[operand].width;
    return width;
  }

  // An op without weights runs where the last product before it runs.
  void combine(ValueId v, const CellOp& op) {
    std::uint32_t owner = kNone;
    for (const ValueId operand : op.operands) {
      for (const Origin& origin : origins_[operand]) {
        if (origin.kind != Origin::Kind::product) continue;
        owner = owner == kNone ? origin.index : std::max(owner, origin.index);
      }
    }
    if (owner == kNone) {
      for (const ValueId operand : op.operands) add(origins_[v], moved(operand));
      return;
    }
    for (const ValueId operand : op.operands) move_to(owner, operand);
    origins_[v] = {{Origin::Kind::product, owner, numbers(v)}};
  }

  static void add(std::vector<Origin>& to, const std::vector<Origin>& origins) {
    for (const Origin& origin : origins) {
      const auto same = std::find_if(to.begin(), to.end(), [&](const Origin& o) {
        return o.kind == origin.kind && o.index == origin.index;
      });
      if (same == to.end()) {
        to.push_back(origin);
      } else {
        same->values = std::max(same->values, origin.values);
      }
    }
  }

  void move_to(std::uint32_t product, ValueId v) {
    for (const Origin& origin : moved(v)) {
      if (origin.kind == Origin::Kind::product && origin.index == product) continue;
      add(found_.products[product].origins, {origin});
    }
  }

  // Its terms fall into one product per encoding; with those of other ops that read the same.
  void affine(ValueId v, const CellOp& op) {
    std::map<Encoding, std::vector<std::size_t>> parts;
    for (std::size_t i = 0; i < op.operands.size(); ++i) {
      parts[weight(op.slots[i]).encoding].push_back(i);
    }
    std::uint32_t owner = 0;
    for (const auto& [encoding, terms] : parts) {
      owner = std::max(owner, product_of(v, op, encoding, terms));
    }
    origins_[v] = {{Origin::Kind::product, owner, numbers(v)}};
  }

  // A product per term, with those of others that read the same. The last of them adds them up.
  void quantised_affine(ValueId v, const CellOp& op) {
    std::vector<std::uint32_t> terms;
    for (std::size_t i = 0; i < op.operands.size(); ++i) {
      terms.push_back(product_of(v, op, weight(op.slots[i]).encoding, {i}));
    }
    const std::uint32_t owner = *std::max_element(terms.begin(), terms.end());
    for (const std::uint32_t term : terms) {
      if (term == owner) continue;
      add(found_.products[owner].origins, {{Origin::Kind::product, term, numbers(v)}});
    }
    origins_[v] = {{Origin::Kind::product, owner, numbers(v)}};
  }

  // The first value that holds the same integers.
  [[nodiscard]] ValueId first_like(ValueId v) const {
    const CellOp& op = ops()[v];
    if (op.kind != OpKind::quantise) return v;
    for (ValueId u = 0; u < v; ++u) {
      const CellOp& other = ops()[u];
      if (other.kind == op.kind && other.operands == op.operands && other.slots == op.slots &&
          other.bits == op.bits) {
        return u;
      }
    }
    return v;
  }

  // The product of these terms of an op that makes `v`.
  std::uint32_t product_of(ValueId v, const CellOp& op, Encoding encoding,
                           const std::vector<std::size_t>& terms) {
    std::vector<ValueId> operands;
    for (const std::size_t i : terms) operands.push_back(first_like(op.operands[i]));
    const auto [known, fresh] = affine_.try_emplace(
        {encoding, operands}, static_cast<std::uint32_t>(found_.products.size()));
    const std::uint32_t index = known->second;
    if (fresh) {
      LayerShape shape = shape_of(op, op.slots[terms[0]]);
      shape.inputs = 0;
      for (const ValueId operand : operands) {
        shape.inputs += ops()[operand].width;
        shape.input_parts.push_back(ops()[operand].width);
      }
      shape.in_channels = shape.inputs;
      shape.outputs = op.width;
      shape.output_parts = {op.width};
      shape.positions = op.rows;
      found_.products.push_back({std::move(shape), {}, {}});
      for (const ValueId operand : operands) move_to(index, operand);
    } else {
      found_.products[index].shape.outputs += op.width;
      found_.products[index].shape.output_parts.push_back(op.width);
      found_.products[index].shape.kind = LayerKind::gates;
    }
    for (const ValueId operand : operands) wait_for(index, operand);
    products_[v].insert(index);
    return index;
  }

  void wait_for(std::uint32_t product, ValueId operand) {
    found_.products[product].after.insert(products_[operand].begin(), products_[operand].end());
  }

  void convolution(ValueId v, const CellOp& op) {
    const ops::Window& window = op.window;
    LayerShape shape = shape_of(op, op.slots[0]);
    shape.in_channels = static_cast<std::uint32_t>(numbers(op.operands[0]) / window.pixels());
    shape.in_height = window.height;
    shape.in_width = window.width;
    shape.kernel_height = window.kernel_height;
    shape.kernel_width = window.kernel_width;
    shape.stride = window.stride;
    shape.out_width = window.out_width();
    shape.positions = window.out_pixels();
    if (ops::is_conv2d(op.kind)) {
      shape.kind = LayerKind::conv2d;
      shape.outputs = op.width;
      shape.inputs = window.taps() * shape.in_channels;
    } else {
      shape.kind = LayerKind::depthwise;
      shape.groups = op.width;
      shape.inputs = window.taps();
    }
    const auto product = static_cast<std::uint32_t>(found_.products.size());
    found_.products.push_back({std::move(shape), {}, {}});
    move_to(product, op.operands[0]);
    wait_for(product, op.operands[0]);
    products_[v].insert(product);
    origins_[v] = {{Origin::Kind::product, product, numbers(v)}};
  }

  [[nodiscard]] LayerShape shape_of(const CellOp& op, graph::SlotId slot) const {
    LayerShape shape;
    const graph::Parameter& parameter = weight(slot);
    shape.name = type_.name + "." + type_.cell->slots()[slot].name;
    shape.parameter = parameter.name;
    if (ops::is_quantised_product(op.kind)) {
      shape.input_bits = op.bits.input;
      shape.weight_bits = op.bits.weight;
    }
    if (parameter.encoding.kind == EncodingKind::block_circulant) {
      shape.form = WeightForm::block_circulant;
      shape.block = parameter.encoding.block;
    }
    return shape;
  }

  const graph::Network& network_;
  const graph::BatchType& type_;
  bool quantised_;
  std::vector<std::vector<Origin>> origins_;       // by value
  std::vector<std::set<std::uint32_t>> products_;  // by value: those it depends on
  // Products of affine ops by how their weights are stored and what they read.
  std::map<std::pair<Encoding, std::vector<ValueId>>, std::uint32_t> affine_;
  CellProducts found_;
};

}  // namespace

CellProducts find_products(const graph::Network& network, graph::TypeId type) {
  return Finder(network, network.type(type)).find();
}

}  // namespace sheaf::backend::cim
