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
  static constexpr std::array kNames = {"-",     "input", "output",   "product",
                                        "block", "tile",  "parameter"};
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
                       place.kind == Place::Kind::none;
    base::check(given || places_.contains(key(place)), cell.c_str(),
                "a step reads a place that nothing has written");
  }

 private:
  static std::tuple<int, std::uint32_t> key(const Place& place) {
    return {static_cast<int>(place.kind), place.index};
  }
  std::set<std::tuple<int, std::uint32_t>> places_;
};

}  // namespace

void CompiledCell::verify() const {
  const std::string place = "compiled cell " + name;
  Written written;
  for (const Step& step : steps) {
    if (step.kind == Step::Kind::lookup) {
      written.add(lookups[step.index].to);
    } else if (step.kind == Step::Kind::product) {
      const Product& product = products[step.index];
      std::uint32_t k = 0;
      for (const KRange& range : product.ranges) {
        written.require(range.from, place);
        k += range.width;
      }
      base::check(k == product.k, place.c_str(), "k-ranges do not add up to k");
      for (const ProductPart& part : product.parts) {
        base::check(part.column + part.width <= product.n, place.c_str(), "a part exceeds n");
        base::check(part.column % tensor::kRowAlignment == 0, place.c_str(), "a part is unaligned");
      }
      written.add({Place::Kind::product, step.index});
    } else {
      for (const RegionOp& op : regions[step.index].ops) {
        written.require(op.a, place);
        written.require(op.b, place);
        written.add(op.to);
      }
    }
  }
  for (std::uint32_t port = 0; port < output_widths.size(); ++port) {
    written.require({Place::Kind::output, port}, place);
  }
}

std::string CompiledCell::to_string() const {
  std::string text = "compiled cell " + name + "\n";
  for (const Step& step : steps) {
    if (step.kind == Step::Kind::lookup) {
      text += "  lookup -> " + text_of(lookups[step.index].to) + "\n";
    } else if (step.kind == Step::Kind::product) {
      const Product& product = products[step.index];
      text +=
          "  product " + std::to_string(step.index) + ": k = " + std::to_string(product.k) + " (";
      for (const KRange& range : product.ranges) {
        text += " " + text_of(range.from) + ":" + std::to_string(range.width);
      }
      text += " ), n = " + std::to_string(product.n) + ", " + std::to_string(product.parts.size()) +
              " parts\n";
    } else {
      text += "  region " + std::to_string(step.index) + "\n";
      for (const RegionOp& op : regions[step.index].ops) {
        text += "    " + std::string(ops::schema(op.kind).name) + " " + text_of(op.a);
        if (op.b.kind != Place::Kind::none) text += " " + text_of(op.b);
        text += " -> " + text_of(op.to) + " : " + std::to_string(op.width) + "\n";
      }
    }
  }
  return text;
}

}  // namespace sheaf::memory_plan
