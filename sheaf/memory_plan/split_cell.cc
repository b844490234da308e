// SPDX-License-Identifier: Apache-2.0
#include "sheaf/memory_plan/split_cell.h"

#include <algorithm>
#include <map>
#include <utility>

#include "sheaf/base/error.h"

namespace sheaf::memory_plan {
namespace {

using Kind = Place::Kind;

// What a step reads and writes.
struct Access {
  std::vector<Place> reads;
  std::vector<Place> writes;
  std::uint32_t rows = 1;
};

Access access_of(const CompiledCell& cell, const Step& step) {
  switch (step.kind) {
    case Step::Kind::lookup: {
      const Lookup& lookup = cell.lookups[step.index];
      return {{}, {lookup.to}, lookup.rows};
    }
    case Step::Kind::repack:
      break;
    case Step::Kind::product: {
      const Product& product = cell.products[step.index];
      Access access{{}, {product.to}, product.rows};
      for (const KRange& range : product.ranges) access.reads.push_back(range.from);
      if (product.adds) access.reads.push_back(product.to);
      return access;
    }
    case Step::Kind::matvec: {
      const MatVec& matvec = cell.matvecs[step.index];
      return {{matvec.matrix, matvec.vector}, {matvec.to}, matvec.rows};
    }
    case Step::Kind::spatial: {
      // As if of several rows: only rows that stand alone can be made early.
      const Spatial& spatial = cell.spatials[step.index];
      Access access{{}, {spatial.to}, std::max(spatial.shape.rows, 2U)};
      for (const Spatial::Operand& operand : spatial.operands) access.reads.push_back(operand.from);
      return access;
    }
    case Step::Kind::integer_product: {
      const IntegerProduct& product = cell.integer_products[step.index];
      // A convolution looks at several rows.
      Access access{{}, {product.to}, std::max(product.shape.rows, product.slides() ? 2U : 1U)};
      for (const IntegerProduct::Term& term : product.terms) access.reads.push_back(term.from);
      return access;
    }
    case Step::Kind::region: {
      const Region& region = cell.regions[step.index];
      Access access{{}, {}, region.rows};
      for (const RegionOp& op : region.ops) {
        access.reads.push_back(op.a);
        access.reads.push_back(op.b);
        access.writes.push_back(op.to);
      }
      return access;
    }
  }
  return {};
}

// A buffer of the block: all places of one kind and index.
using Buffer = std::pair<Kind, std::uint32_t>;

bool is_buffer(const Place& place) {
  return place.kind == Kind::product || place.kind == Kind::block;
}
Buffer buffer_of(const Place& place) { return {place.kind, place.index}; }

class Splitter {
 public:
  explicit Splitter(const CompiledCell& cell) : cell_(cell) {
    for (const Step& step : cell.steps) {
      accesses_.push_back(access_of(cell, step));
      for (const Place& to : accesses_.back().writes) {
        if (is_buffer(to)) writers_[buffer_of(to)].push_back(accesses_.size() - 1);
      }
    }
    in_prefix_.assign(cell.steps.size(), true);
  }

  std::shared_ptr<const SplitCell> run() {
    if (!cell_.repacks.empty()) return nullptr;
    while (drop_what_waits()) {
    }
    const bool all = std::all_of(in_prefix_.begin(), in_prefix_.end(), [](bool is) { return is; });
    const auto gains = [this](const Step& step) {
      return step.kind == Step::Kind::product && (leading(step) > 0);
    };
    if (all || std::none_of(cell_.steps.begin(), cell_.steps.end(), gains)) return nullptr;
    place_early_values();
    auto split = std::make_shared<SplitCell>();
    split->early_floats = early_floats_;
    fill(split->prefix, true);
    fill(split->rest, false);
    for (const Product& product : split->prefix.products) {
      split->weight_bytes += std::uint64_t{product.k} * product.n * sizeof(float);
    }
    split->prefix.verify();
    split->rest.verify();
    return split;
  }

 private:
  [[nodiscard]] std::size_t index_of(const Step& step) const {
    return static_cast<std::size_t>(&step - cell_.steps.data());
  }

  // Whether all that is ever written there is the prefix's.
  [[nodiscard]] bool is_early(const Place& place) const {
    if (!is_buffer(place)) return false;
    const auto it = writers_.find(buffer_of(place));
    return it != writers_.end() && std::all_of(it->second.begin(), it->second.end(),
                                               [this](std::size_t s) { return in_prefix_[s]; });
  }

  // One pass over the steps; returns whether one has left the prefix.
  bool drop_what_waits() {
    bool dropped = false;
    const auto drop = [&](std::size_t step) {
      dropped |= in_prefix_[step];
      in_prefix_[step] = false;
    };
    for (std::size_t s = 0; s < accesses_.size(); ++s) {
      const Access& access = accesses_[s];
      if (!in_prefix_[s]) {
        // It must read what was written before it, not what the prefix writes there afterwards.
        for (const Place& from : access.reads) {
          if (is_early(from) && writers_[buffer_of(from)].back() > s) {
            for (const std::size_t writer : writers_[buffer_of(from)]) drop(writer);
          }
        }
        continue;
      }
      const auto needs_nothing = [this](const Place& from) {
        return from.kind == Kind::none || from.kind == Kind::parameter || from.kind == Kind::tile ||
               is_early(from);
      };
      const auto is_own = [this](const Place& to) { return to.kind == Kind::tile || is_early(to); };
      if (access.rows > 1 ||
          !std::all_of(access.reads.begin(), access.reads.end(), needs_nothing) ||
          !std::all_of(access.writes.begin(), access.writes.end(), is_own)) {
        drop(s);
      }
    }
    return dropped;
  }

  // Ranges of a product of the rest that the prefix has.
  [[nodiscard]] std::size_t leading(const Step& step) const {
    const Product& product = cell_.products[step.index];
    if (in_prefix_[index_of(step)] || product.rows > 1) return 0;
    if (product.adds || !product.encoding.is_dense()) return 0;
    const auto first_late =
        std::find_if_not(product.ranges.begin(), product.ranges.end(),
                         [this](const KRange& range) { return is_early(range.from); });
    // All of them: the sums lie beside results of the rest, or in an output. Nothing would go on.
    if (first_late == product.ranges.end()) return 0;
    return static_cast<std::size_t>(first_late - product.ranges.begin());
  }

  // Look-ups are made again rather than stored.
  [[nodiscard]] bool only_looked_up(const Buffer& buffer) const {
    const auto& writers = writers_.at(buffer);
    return std::all_of(writers.begin(), writers.end(),
                       [this](std::size_t s) { return cell_.steps[s].kind == Step::Kind::lookup; });
  }

  // What the rest reads of the prefix: sums of products, and whole buffers.
  void place_early_values() {
    for (const Step& step : cell_.steps) {
      if (in_prefix_[index_of(step)]) continue;
      const std::size_t taken = step.kind == Step::Kind::product ? leading(step) : 0;
      if (taken > 0) {
        sums_[step.index] = early_floats_;
        early_floats_ += cell_.products[step.index].n;
      }
      const std::vector<Place>& reads = accesses_[index_of(step)].reads;
      for (std::size_t r = taken; r < reads.size(); ++r) {
        if (!is_early(reads[r])) continue;
        const Buffer buffer = buffer_of(reads[r]);
        if (only_looked_up(buffer)) {
          looked_up_again_[buffer] = true;
        } else if (early_buffers_.try_emplace(buffer, early_floats_).second) {
          early_floats_ += static_cast<std::uint32_t>(tensor::padded(reads[r].stride));
        }
      }
    }
  }

  // Where a place of the cell lies in one of its two parts.
  [[nodiscard]] Place moved(const Place& place) const {
    if (!is_buffer(place)) return place;
    const auto it = early_buffers_.find(buffer_of(place));
    return it == early_buffers_.end() ? place : early(it->second + place.column);
  }
  [[nodiscard]] Place early(std::uint32_t column) const {
    return {Kind::early, 0, column, early_floats_};
  }

  void fill(CompiledCell& to, bool prefix) const {
    to.name = cell_.name + (prefix ? ", prefix" : ", rest");
    if (!prefix) {
      to.inputs = cell_.inputs;
      to.fixed_inputs = cell_.fixed_inputs;
      to.output_widths = cell_.output_widths;
      to.output_rows = cell_.output_rows;
      to.output_tables = cell_.output_tables;
    }
    to.product_buffers = cell_.product_buffers;
    to.block_floats = cell_.block_floats;
    to.parameter_order = cell_.parameter_order;
    for (const Step& step : cell_.steps) {
      if (step.kind == Step::Kind::product) {
        add_product(step, prefix, to);
      } else if (in_prefix_[index_of(step)] == prefix || (!prefix && is_looked_up_again(step))) {
        add_step(step, to);
      }
    }
  }

  [[nodiscard]] bool is_looked_up_again(const Step& step) const {
    return step.kind == Step::Kind::lookup &&
           looked_up_again_.contains(buffer_of(cell_.lookups[step.index].to));
  }

  void add_product(const Step& step, bool prefix, CompiledCell& to) const {
    const Product& whole = cell_.products[step.index];
    const std::size_t taken = leading(step);
    if (taken == 0 && in_prefix_[index_of(step)] != prefix) return;
    const std::size_t begin = prefix ? 0 : taken;
    const std::size_t end = prefix && taken > 0 ? taken : whole.ranges.size();
    Product product = over_ranges(whole, begin, end);
    for (KRange& range : product.ranges) range.from = moved(range.from);
    product.to = moved(product.to);
    if (taken > 0) (prefix ? product.to : product.initial) = early(sums_.at(step.index));
    to.steps.push_back({Step::Kind::product, static_cast<std::uint32_t>(to.products.size())});
    to.products.push_back(std::move(product));
  }

  static Product over_ranges(const Product& whole, std::size_t begin, std::size_t end) {
    Product product = whole;
    std::uint32_t before = 0;
    for (std::size_t r = 0; r < begin; ++r) before += whole.ranges[r].width;
    product.ranges = {whole.ranges.begin() + static_cast<std::ptrdiff_t>(begin),
                      whole.ranges.begin() + static_cast<std::ptrdiff_t>(end)};
    product.k = 0;
    for (const KRange& range : product.ranges) product.k += range.width;
    for (ProductPart& part : product.parts) {
      std::vector<ProductPart::Term> terms;
      for (const ProductPart::Term& term : part.terms) {
        const std::uint32_t first = std::max(term.first_k, before);
        const std::uint32_t last = std::min(term.first_k + term.width, before + product.k);
        if (first >= last) continue;
        const std::uint32_t skipped = first - term.first_k;
        ProductPart::Term rest = term;
        rest.first_k = first - before;
        rest.width = last - first;
        (term.transposed ? rest.weight_row : rest.weight_column) += skipped;
        terms.push_back(rest);
      }
      part.terms = std::move(terms);
    }
    return product;
  }

  void add_step(const Step& step, CompiledCell& to) const {
    const auto add = [&to, kind = step.kind](auto& list, auto item) {
      to.steps.push_back({kind, static_cast<std::uint32_t>(list.size())});
      list.push_back(std::move(item));
    };
    switch (step.kind) {
      case Step::Kind::lookup: {
        Lookup lookup = cell_.lookups[step.index];
        lookup.to = moved(lookup.to);
        return add(to.lookups, lookup);
      }
      case Step::Kind::matvec: {
        MatVec matvec = cell_.matvecs[step.index];
        for (Place* place : {&matvec.matrix, &matvec.vector, &matvec.to}) *place = moved(*place);
        return add(to.matvecs, matvec);
      }
      case Step::Kind::spatial: {
        Spatial spatial = cell_.spatials[step.index];
        spatial.to = moved(spatial.to);
        for (Spatial::Operand& operand : spatial.operands) operand.from = moved(operand.from);
        return add(to.spatials, std::move(spatial));
      }
      case Step::Kind::integer_product: {
        IntegerProduct product = cell_.integer_products[step.index];
        product.to = moved(product.to);
        for (IntegerProduct::Term& term : product.terms) term.from = moved(term.from);
        return add(to.integer_products, std::move(product));
      }
      case Step::Kind::region: {
        Region region = cell_.regions[step.index];
        for (RegionOp& op : region.ops) {
          for (Place* place : {&op.to, &op.a, &op.b}) *place = moved(*place);
        }
        return add(to.regions, std::move(region));
      }
      case Step::Kind::repack:
      case Step::Kind::product:
        base::check(false, "split cell", "a step that does not come here");
    }
  }

  const CompiledCell& cell_;
  std::vector<Access> accesses_;                        // by step
  std::vector<bool> in_prefix_;                         // by step
  std::map<Buffer, std::vector<std::size_t>> writers_;  // in the order of the steps
  std::map<std::uint32_t, std::uint32_t> sums_;         // by product: first early column
  std::map<Buffer, std::uint32_t> early_buffers_;       // their first early columns
  std::map<Buffer, bool> looked_up_again_;
  std::uint32_t early_floats_ = 0;
};

}  // namespace

std::shared_ptr<const SplitCell> split_cell(const CompiledCell& cell) {
  return Splitter(cell).run();
}

}  // namespace sheaf::memory_plan
