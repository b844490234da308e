// SPDX-License-Identifier: Apache-2.0
#include "sheaf/engine/sample_batches.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace sheaf::engine {
namespace {

// Embedding tables are cut down to so many rows, and to so many floats.
constexpr std::uint32_t kTableRows = 4096;
constexpr std::uint32_t kTableFloats = 1U << 22U;

// From so many rows on a curve is straight. At least 4.
std::uint32_t affordable_rows(const graph::Cell& cell) {
  constexpr std::uint64_t kMostFlops = std::uint64_t{1} << 28U;
  constexpr std::uint64_t kMostFloats = std::uint64_t{1} << 22U;
  std::uint64_t floats = 1;
  for (std::size_t port = 0; port < cell.outputs().size(); ++port) {
    floats += std::uint64_t{cell.output_rows(port)} * cell.output_width(port);
  }
  const std::uint64_t rows =
      std::min(kMostFlops / std::max<std::uint64_t>(cell.flops(), 1), kMostFloats / floats);
  return static_cast<std::uint32_t>(std::clamp<std::uint64_t>(rows, 4, kMostFloats));
}

// Of products of integers: weights must be integers, scales positive.
enum class Numbers : std::uint8_t { any, integers, scales };

std::vector<Numbers> numbers_of(const graph::Network& network) {
  std::vector<Numbers> numbers(network.parameters().size(), Numbers::any);
  for (graph::TypeId id = 0; id < network.type_count(); ++id) {
    const graph::BatchType& type = network.type(id);
    for (const graph::CellOp& op : type.cell->ops()) {
      if (!ops::is_quantised_product(op.kind)) continue;
      const std::size_t terms = op.operands.size();
      for (std::size_t i = 0; i < 3 * terms; ++i) {
        numbers[type.binding[op.slots[i]]] = i < terms ? Numbers::integers : Numbers::scales;
      }
    }
  }
  return numbers;
}

float drawn(Numbers numbers, base::Rng& rng) {
  if (numbers == Numbers::integers) return std::nearbyint(rng.uniform(-1, 1));
  return numbers == Numbers::scales ? rng.uniform(0.01F, 0.1F) : rng.uniform(-0.1F, 0.1F);
}

}  // namespace

graph::Network sample_network(const graph::Network& network) {
  graph::Network copy;
  for (graph::TypeId id = 0; id < network.type_count(); ++id) {
    const graph::BatchType& type = network.type(id);
    std::map<std::string, std::string> shared;
    for (std::size_t s = 0; s < type.binding.size(); ++s) {
      const graph::Parameter& parameter = network.parameters()[type.binding[s]];
      tensor::Shape shape = parameter.shape;
      const bool table = type.cell->slots()[s].shape.rows == 0;
      if (table) {
        const auto most = std::max<std::uint32_t>(kTableFloats / std::max(shape.cols, 1U), 1);
        shape.rows = std::min({shape.rows, kTableRows, most});
      }
      copy.parameters().declare(parameter.name, shape);
      shared[type.cell->slots()[s].name] = parameter.name;
    }
    copy.add_type(type.name, type.cell, shared);
  }
  const std::vector<Numbers> numbers = numbers_of(copy);
  for (graph::ParameterId id = 0; id < copy.parameters().size(); ++id) {
    const std::string& name = copy.parameters()[id].name;
    const graph::ParameterStore& parameters = network.parameters();
    copy.parameters().encode(id, parameters[parameters.find(name)].encoding);
    tensor::Tensor value(copy.parameters()[id].stored_shape());
    base::Rng rng(id);
    for (float& x : value.values()) x = drawn(numbers[id], rng);
    copy.parameters().assign(id, std::move(value));
  }
  return copy;
}

SampleBatches::SampleBatches(const graph::Network& network, std::uint32_t most_rows)
    : network_(network), graph_(network), largest_(network.type_count()) {
  while (make_one(most_rows, false) || make_one(most_rows, true)) {
  }
  segment_ = graph_.seal();
}

bool SampleBatches::make_one(std::uint32_t most_rows, bool empty_sums) {
  for (graph::TypeId type = 0; type < network_.type_count(); ++type) {
    if (largest_[type]) continue;
    const auto sources = sources_of(type, empty_sums);
    if (!sources) continue;
    const std::uint32_t most = std::min(most_rows, affordable_rows(*network_.type(type).cell));
    for (std::uint32_t rows = 1; rows <= most; rows *= 2) add(type, rows, *sources);
    return true;
  }
  return false;
}

std::optional<std::vector<SampleBatches::Source>> SampleBatches::sources_of(graph::TypeId type,
                                                                            bool empty_sums) const {
  const graph::Cell& cell = *network_.type(type).cell;
  std::vector<Source> sources;
  for (const graph::CellInput& input : cell.inputs()) {
    const auto source = source_of(input);
    if (source) {
      sources.push_back(*source);
    } else if (empty_sums && input.repeated) {
      sources.resize(cell.fixed_inputs());  // of one sum or all: there are as many terms of each
      return sources;
    } else {
      return std::nullopt;
    }
  }
  return sources;
}

std::optional<SampleBatches::Source> SampleBatches::source_of(const graph::CellInput& input) const {
  for (graph::TypeId type = 0; type < network_.type_count(); ++type) {
    if (!largest_[type]) continue;
    const graph::Cell& cell = *network_.type(type).cell;
    for (std::uint32_t port = 0; port < cell.outputs().size(); ++port) {
      const bool fits =
          cell.output_width(port) == input.width && cell.output_rows(port) == input.rows;
      if (fits) return Source{largest_[type]->begin, largest_[type]->size(), port};
    }
  }
  return std::nullopt;
}

void SampleBatches::add(graph::TypeId type, std::uint32_t rows, std::span<const Source> sources) {
  std::vector<graph::Operand> operands(sources.size());
  const graph::NodeId first = graph_.size();
  for (std::uint32_t row = 0; row < rows; ++row) {
    for (std::size_t i = 0; i < sources.size(); ++i) {
      operands[i] = {sources[i].first + (row * 37 + 11) % sources[i].count, sources[i].port};
    }
    schedule_.order.push_back(graph_.add(type, operands, payload(type)));
  }
  largest_[type] = graph::Segment{first, graph_.size()};
  schedule_.batches.push_back({type, first, graph_.size()});
}

std::uint32_t SampleBatches::payload(graph::TypeId type) {
  std::uint32_t rows = kTableRows;
  const graph::BatchType& of = network_.type(type);
  for (std::size_t s = 0; s < of.binding.size(); ++s) {
    if (of.cell->slots()[s].shape.rows != 0) continue;
    rows = std::min(rows, network_.parameters()[of.binding[s]].shape.rows);
  }
  return rng_.below(rows);
}

}  // namespace sheaf::engine
