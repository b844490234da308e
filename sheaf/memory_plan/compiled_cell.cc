// SPDX-License-Identifier: Apache-2.0
#include "sheaf/memory_plan/compiled_cell.h"

#include <array>
#include <set>
#include <tuple>

#include "sheaf/base/error.h"
#include "sheaf/tensor/aligned_buffer.h"

namespace sheaf::memory_plan {
namespace {

std::string text_of(const Place& place) {
  static constexpr std::array kNames = {"-",     "input", "output",    "product",
                                        "block", "tile",  "parameter", "early"};
  std::string text = kNames[static_cast<std::size_t>(place.kind)];
  text += "[" + std::to_string(place.index) + "]";
  if (place.column != 0) text += "+" + std::to_string(place.column);
  return text;
}

// What has been written so far. Products count as a whole; their parts are checked by column.
class Written {
 public:
  void add(const Place& place) { places_.insert(key(place)); }
  void require(const Place& place, const std::string& cell) const {
    const bool given = place.kind == Place::Kind::input || place.kind == Place::Kind::parameter ||
                       place.kind == Place::Kind::early || place.kind == Place::Kind::none;
    base::check(given || places_.contains(key(place)), cell.c_str(),
                "a step reads a place that nothing has written");
  }

 private:
  static std::tuple<int, std::uint32_t> key(const Place& place) {
    return {static_cast<int>(place.kind), place.index};
  }
  std::set<std::tuple<int, std::uint32_t>> places_;
};

void verify_product(const Product& product, const Written& written, const std::string& place) {
  std::uint32_t k = 0;
  written.require(product.initial, place);
  for (const KRange& range : product.ranges) {
    written.require(range.from, place);
    k += range.width;
  }
  base::check(k == product.k, place.c_str(), "k-ranges do not add up to k");
  for (const ProductPart& part : product.parts) {
    base::check(part.column + part.width <= product.n, place.c_str(), "a part exceeds n");
    base::check(part.column % tensor::kRowAlignment == 0, place.c_str(), "a part is unaligned");
    base::check(part.width % product.encoding.block == 0, place.c_str(), "a part has half a block");
  }
  for (const KRange& range : product.ranges) {
    base::check(range.width % product.encoding.block == 0, place.c_str(),
                "a k-range has half a block");
  }
  if (product.adds) written.require(product.to, place);
}

std::string text_of(const Product& product) {
  std::string text = "k = " + std::to_string(product.k) + " (";
  for (const KRange& range : product.ranges) {
    text += " " + text_of(range.from) + ":" + std::to_string(range.width);
  }
  text += " ), n = " + std::to_string(product.n) + ", " + std::to_string(product.parts.size()) +
          " parts";
  if (product.initial.kind != Place::Kind::none) text += ", from " + text_of(product.initial);
  if (!product.encoding.is_dense()) text += ", " + to_string(product.encoding);
  return text + (product.adds ? " +-> " : " -> ") + text_of(product.to);
}

std::string text_of(const RegionOp& op) {
  std::string text = "    " + std::string(ops::schema(op.kind).name) + " " + text_of(op.a);
  if (op.b.kind != Place::Kind::none) text += " " + text_of(op.b);
  return text + " -> " + text_of(op.to) + " : " + std::to_string(op.width) + "\n";
}

std::string text_of(const Spatial& step) {
  std::string text(ops::schema(step.kind).name);
  for (const Spatial::Operand& operand : step.operands) {
    text += " " + text_of(operand.from) + " (" + to_string(operand.shape) + ")";
  }
  return text + " -> " + text_of(step.to) + " (" + to_string(step.shape) + ")\n";
}

std::string text_of(const IntegerProduct& step) {
  std::string text = step.slides() ? "integer convolution " : "integer product ";
  text += to_string(step.bits);
  for (const IntegerProduct::Term& term : step.terms) {
    text += " " + text_of(term.from) + " (" + to_string(term.shape) + ")";
  }
  return text + " -> " + text_of(step.to) + " (" + to_string(step.shape) + ")\n";
}

// Of what works on matrices.
std::string columns(std::uint32_t rows) {
  return rows == 1 ? "" : " x " + std::to_string(rows) + " columns";
}

}  // namespace

void CompiledCell::verify() const {
  const std::string place = "compiled cell " + name;
  Written written;
  for (const Step& step : steps) {
    switch (step.kind) {
      case Step::Kind::lookup:
        written.add(lookups[step.index].to);
        break;
      case Step::Kind::repack:
        base::check(repacks[step.index].product < products.size(), place.c_str(),
                    "a repack names no product");
        break;
      case Step::Kind::product:
        verify_product(products[step.index], written, place);
        written.add(products[step.index].to);
        break;
      case Step::Kind::matvec:
        written.require(matvecs[step.index].matrix, place);
        written.require(matvecs[step.index].vector, place);
        written.add(matvecs[step.index].to);
        break;
      case Step::Kind::spatial:
        for (const Spatial::Operand& operand : spatials[step.index].operands) {
          written.require(operand.from, place);
        }
        written.add(spatials[step.index].to);
        break;
      case Step::Kind::integer_product:
        for (const IntegerProduct::Term& term : integer_products[step.index].terms) {
          written.require(term.from, place);
        }
        written.add(integer_products[step.index].to);
        break;
      case Step::Kind::region:
        for (const RegionOp& op : regions[step.index].ops) {
          written.require(op.a, place);
          written.require(op.b, place);
          written.add(op.to);
        }
        break;
    }
  }
  for (std::uint32_t port = 0; port < output_widths.size(); ++port) {
    if (output_tables[port] == kNoTable) written.require({Place::Kind::output, port}, place);
  }
}

std::string CompiledCell::to_string() const {
  std::string text = "compiled cell " + name + "\n";
  for (const Step& step : steps) {
    const std::string index = std::to_string(step.index);
    switch (step.kind) {
      case Step::Kind::lookup: {
        const Lookup& lookup = lookups[step.index];
        text += "  lookup -> " + text_of(lookup.to) + columns(lookup.rows) + "\n";
        break;
      }
      case Step::Kind::repack: {
        const Repack& repack = repacks[step.index];
        text += "  repack " + std::to_string(repack.pieces.size()) + " parameters of product " +
                std::to_string(repack.product) + "\n";
        break;
      }
      case Step::Kind::product: {
        const Product& product = products[step.index];
        text += "  product " + index + ": " + text_of(product) + columns(product.rows) + "\n";
        break;
      }
      case Step::Kind::matvec: {
        const MatVec& matvec = matvecs[step.index];
        text += "  matvec " + text_of(matvec.matrix) + " " + text_of(matvec.vector) + " -> " +
                text_of(matvec.to) + " : " + std::to_string(matvec.width) + columns(matvec.rows) +
                "\n";
        break;
      }
      case Step::Kind::spatial:
        text += "  " + text_of(spatials[step.index]);
        break;
      case Step::Kind::integer_product:
        text += "  " + text_of(integer_products[step.index]);
        break;
      case Step::Kind::region:
        text += "  region " + index + columns(regions[step.index].rows) + "\n";
        for (const RegionOp& op : regions[step.index].ops) text += text_of(op);
        break;
    }
  }
  return text;
}

}  // namespace sheaf::memory_plan
