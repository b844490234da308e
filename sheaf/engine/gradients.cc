// SPDX-License-Identifier: Apache-2.0
#include "sheaf/engine/gradients.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "sheaf/base/error.h"

namespace sheaf::engine {

using autodiff::ForwardValue;
using graph::NodeId;
using graph::Operand;
using memory_plan::Offset;
using tensor::padded;

namespace {

constexpr std::uint32_t kNoSlot = ~0U;

void add_to(std::span<float> to, std::span<const float> from) {
  for (std::size_t i = 0; i < to.size(); ++i) to[i] += from[i];
}

// The sum of one row of every shard by the tree, (s0 + s1) + (s2 + s3), without passing over memory
// more than once.
void write_sum(std::span<const float* const> s, float factor, std::span<float> to) {
  if (s.size() == 1) {
    for (std::size_t j = 0; j < to.size(); ++j) to[j] = s[0][j] * factor;
  } else if (s.size() == 2) {
    for (std::size_t j = 0; j < to.size(); ++j) to[j] = (s[0][j] + s[1][j]) * factor;
  } else if (s.size() == 4) {
    for (std::size_t j = 0; j < to.size(); ++j) {
      to[j] = ((s[0][j] + s[1][j]) + (s[2][j] + s[3][j])) * factor;
    }
  } else {
    std::vector<float> right(to.size());
    write_sum(s.first(s.size() / 2), 1, to);
    write_sum(s.subspan(s.size() / 2), 1, right);
    for (std::size_t j = 0; j < to.size(); ++j) to[j] = (to[j] + right[j]) * factor;
  }
}

void make_zeros(tensor::AlignedBuffer& buffer, std::size_t floats) {
  if (buffer.size() < floats) buffer = tensor::AlignedBuffer(floats + floats / 2);
  if (floats > 0) std::memset(buffer.data(), 0, floats * sizeof(float));
}

}  // namespace

std::size_t GradientSums::Piece::stride() const {
  return is_vector ? padded(width) : tensor::round_up(width, memory_plan::kPanelAlignment);
}

GradientSums::GradientSums(const graph::Network& network,
                           const autodiff::Differentiation& differentiation, Session& session)
    : network_(network), differentiation_(differentiation), session_(session) {
  for (graph::TypeId type = 0; type < differentiation.types(); ++type) {
    if (differentiation.of(type)) add_type(type);
  }
  require_apart();
}

void GradientSums::add_type(graph::TypeId id) {
  const autodiff::CellGradient& cell = differentiation_.of(id)->cell;
  const graph::Binding& binding = network_.type(id).binding;
  Type type{.type = id, .groups = {}, .tables = {}};
  for (const autodiff::WeightGradient& weight : cell.weights) {
    const std::uint32_t delta_width = cell.backward.output_width(weight.delta);
    const std::uint32_t delta_rows = cell.backward.output_rows(weight.delta);
    const std::uint32_t piece = piece_of(binding[weight.slot], weight, delta_width);
    const auto same = std::find_if(type.groups.begin(), type.groups.end(), [&](const Group& group) {
      return group.x == weight.x && group.rows == delta_rows && !group.convolution &&
             !weight.convolution;
    });
    if (same != type.groups.end()) {
      same->deltas.push_back({weight.delta, delta_width, piece});
      continue;
    }
    const bool table = weight.x.kind == ForwardValue::Kind::table;
    type.groups.push_back({.x = weight.x,
                           .table = table ? binding[weight.x.index] : 0,
                           .width = weight.width,
                           .rows = delta_rows,
                           .deltas = {{weight.delta, delta_width, piece}},
                           .convolution = weight.convolution});
  }
  for (const autodiff::TableGradient& table : cell.tables) {
    type.tables.push_back({binding[table.slot], table.port, cell.backward.output_width(table.port),
                           cell.backward.output_rows(table.port)});
    tables_[binding[table.slot]];
  }
  types_.push_back(std::move(type));
}

// What is written column by column may not overlap, and a table that is looked up is no matrix.
void GradientSums::require_apart() const {
  const auto refuse = [this](graph::ParameterId id, const char* got) {
    throw base::UnsupportedError({.place = "parameter " + network_.parameters()[id].name,
                                  .what = "gradient",
                                  .got = got,
                                  .expected = "uses of the same columns"});
  };
  for (std::size_t a = 0; a < pieces_.size(); ++a) {
    const Piece& piece = pieces_[a];
    if (tables_.contains(piece.parameter)) refuse(piece.parameter, "a table that is a matrix, too");
    for (std::size_t b = 0; b < a; ++b) {
      const Piece& other = pieces_[b];
      const bool apart = piece.parameter != other.parameter ||
                         piece.column + piece.width <= other.column ||
                         other.column + other.width <= piece.column;
      if (!apart) refuse(piece.parameter, "uses of different columns that overlap");
    }
  }
}

std::uint32_t GradientSums::piece_of(graph::ParameterId parameter,
                                     const autodiff::WeightGradient& weight,
                                     std::uint32_t delta_width) {
  const bool is_vector = weight.x.kind == ForwardValue::Kind::one;
  for (std::uint32_t p = 0; p < pieces_.size(); ++p) {
    const Piece& piece = pieces_[p];
    const bool same = piece.parameter == parameter && piece.column == weight.column &&
                      piece.width == weight.width && piece.is_vector == is_vector;
    if (same) return p;
  }
  Piece piece{.parameter = parameter,
              .column = weight.column,
              .width = weight.width,
              .rows = is_vector ? 1 : delta_width,
              .is_vector = is_vector,
              .at = piece_floats_};
  piece_floats_ += piece.floats();
  pieces_.push_back(piece);
  return static_cast<std::uint32_t>(pieces_.size() - 1);
}

void GradientSums::sum(const graph::Graph& graph, const ShardRange& shards, float factor,
                       graph::Gradients& gradients) {
  const std::uint32_t here = shards.end - shards.first;
  base::check(std::has_single_bit(here) && shards.first % here == 0, "gradients",
              "shards are no branch of the tree");
  list_nodes(graph, shards);
  find_rows(graph, here);
  sums_.resize(std::max<std::size_t>(sums_.size(), here));
  for (std::uint32_t shard = 0; shard < here; ++shard) {
    if (sums_[shard].size() < piece_floats_) {
      sums_[shard] = tensor::AlignedBuffer(piece_floats_);
    }
    sum_shard(graph, shard);
  }
  join_tables(here);
  write(factor, here, gradients);
}

// By shard and type, the nodes that have gradients, ascending.
void GradientSums::list_nodes(const graph::Graph& graph, const ShardRange& shards) {
  const std::size_t types = differentiation_.types();
  const std::uint32_t here = shards.end - shards.first;
  nodes_.resize(std::max(nodes_.size(), here * types));
  for (auto& nodes : nodes_) nodes.clear();
  const auto gradient = differentiation_.gradient_nodes();
  for (NodeId node = 0; node < gradient.size(); ++node) {
    if (gradient[node] == autodiff::Differentiation::kNone) continue;
    // What all instances share comes before the first of them.
    const std::uint32_t instance = graph.instance(node);
    // Its value, and its share of the sums, would be those of the instances that are here.
    if (instance == graph::kShared && here != shards.count) {
      throw base::UnsupportedError(
          {.place = "gradients",
           .what = "value that all instances of a minibatch share (" +
                   network_.type(graph.type(node)).name + ")",
           .got = std::to_string(here) + " of " + std::to_string(shards.count) + " shards",
           .expected = "all of them",
           .hint = "train such a model with one process"});
    }
    const std::uint32_t shard =
        instance == graph::kShared ? shards.first : shards.shard_of(instance);
    base::check(shard >= shards.first && shard < shards.end, "gradients",
                "an instance is of a shard that is not here");
    nodes_[(shard - shards.first) * types + graph.type(node)].push_back(node);
  }
}

void GradientSums::sum_shard(const graph::Graph& graph, std::uint32_t shard) {
  written_.assign(pieces_.size(), 0);
  for (const Type& type : types_) {
    const auto& nodes = nodes_[shard * differentiation_.types() + type.type];
    if (nodes.empty()) continue;
    for (const Group& group : type.groups) sum_group(graph, group, shard, nodes);
    for (const Table& table : type.tables) sum_table(graph, table, shard, nodes);
  }
  for (std::uint32_t piece = 0; piece < pieces_.size(); ++piece) {
    if (written_[piece] == 0) clear(piece, shard);
  }
}

void GradientSums::clear(std::uint32_t piece, std::uint32_t shard) {
  std::fill_n(sums_[shard].data() + pieces_[piece].at, pieces_[piece].floats(), 0.0F);
}

Offset GradientSums::offset(Operand operand) const {
  return session_.plan().offset(session_.compiled(), operand);
}

// The values of x of a group, by node.
void GradientSums::list_x(const graph::Graph& graph, const Group& group,
                          std::span<const NodeId> nodes) {
  x_.clear();
  for (const NodeId node : nodes) {
    switch (group.x.kind) {
      case ForwardValue::Kind::one:
        break;
      case ForwardValue::Kind::operand:
        x_.push_back(offset(graph.operands(node)[group.x.index]));
        break;
      case ForwardValue::Kind::output:
        x_.push_back(offset({node, group.x.index}));
        break;
      case ForwardValue::Kind::table:
        x_.push_back(memory_plan::table_offset(
            group.table,
            std::uint64_t{graph.payload(node)} * network_.parameters()[group.table].shape.cols));
        break;
    }
  }
}

void GradientSums::sum_convolution(const Group& group, std::uint32_t shard) {
  const autodiff::ConvolutionWeights& of = *group.convolution;
  const Group::Delta& delta = group.deltas[0];
  const Piece& piece = pieces_[delta.piece];
  session_.backend().add(runtime::ConvolutionGradients{.window = of.window,
                                                       .depthwise = of.depthwise,
                                                       .channels = of.channels,
                                                       .outputs = delta.width,
                                                       .x = x_,
                                                       .one_row = of.one_row,
                                                       .delta = deltas_[0],
                                                       .to = sums_[shard].data() + piece.at,
                                                       .stride = piece.stride()});
}

void GradientSums::sum_group(const graph::Graph& graph, const Group& group, std::uint32_t shard,
                             std::span<const NodeId> nodes) {
  const auto gradient = differentiation_.gradient_nodes();
  list_x(graph, group, nodes);
  deltas_.resize(std::max(deltas_.size(), group.deltas.size()));
  std::vector<runtime::OuterProducts::Left> lefts;
  for (std::size_t d = 0; d < group.deltas.size(); ++d) {
    const Group::Delta& delta = group.deltas[d];
    deltas_[d].clear();
    for (const NodeId node : nodes) deltas_[d].push_back(offset({gradient[node], delta.port}));
    const bool begins = written_[delta.piece] == 0;
    written_[delta.piece] = 1;
    lefts.push_back(
        {deltas_[d], delta.width, sums_[shard].data() + pieces_[delta.piece].at, begins});
  }
  if (group.convolution) {
    if (lefts[0].begins) clear(group.deltas[0].piece, shard);
    return sum_convolution(group, shard);
  }
  session_.backend().add(
      runtime::OuterProducts{.lefts = lefts, .b = x_, .width = group.width, .rows = group.rows});
}

// The rows of each table that any shard touches.
void GradientSums::find_rows(const graph::Graph& graph, std::uint32_t shards) {
  for (auto& [parameter, table] : tables_) {
    table.slot_of_row.resize(network_.parameters()[parameter].shape.rows, kNoSlot);
    for (const std::uint32_t row : table.rows) table.slot_of_row[row] = kNoSlot;
    table.rows.clear();
  }
  for (std::uint32_t shard = 0; shard < shards; ++shard) {
    for (const Type& type : types_) {
      for (const Table& of : type.tables) {
        TableRows& table = tables_[of.parameter];
        for (const NodeId node : nodes_[shard * differentiation_.types() + type.type]) {
          std::uint32_t& slot = table.slot_of_row[graph.payload(node)];
          if (slot != kNoSlot) continue;
          slot = 0;
          table.rows.push_back(graph.payload(node));
        }
      }
    }
  }
  for (auto& [parameter, table] : tables_) {
    std::sort(table.rows.begin(), table.rows.end());
    for (std::uint32_t slot = 0; slot < table.rows.size(); ++slot) {
      table.slot_of_row[table.rows[slot]] = slot;
    }
    const std::size_t width = network_.parameters()[parameter].shape.cols;
    table.sums.resize(std::max<std::size_t>(table.sums.size(), shards));
    table.seen.resize(table.sums.size());
    for (std::uint32_t shard = 0; shard < shards; ++shard) {
      make_zeros(table.sums[shard], table.rows.size() * width);
      table.seen[shard].assign(table.rows.size(), 0);
    }
  }
}

void GradientSums::sum_table(const graph::Graph& graph, const Table& of, std::uint32_t shard,
                             std::span<const NodeId> nodes) {
  TableRows& table = tables_[of.parameter];
  const auto gradient = differentiation_.gradient_nodes();
  const std::size_t stride = padded(of.width);
  for (const NodeId node : nodes) {
    const std::uint32_t slot = table.slot_of_row[graph.payload(node)];
    table.seen[shard][slot] = 1;
    const auto value = session_.read({gradient[node], of.port});
    float* to = table.sums[shard].data() + std::size_t{slot} * of.rows * of.width;
    for (std::uint32_t r = 0; r < of.rows; ++r, to += of.width) {
      add_to({to, of.width}, value.subspan(r * stride, of.width));
    }
  }
}

void GradientSums::join_tables(std::uint32_t shards) {
  for (std::uint32_t step = 1; step < shards; step *= 2) {
    for (std::uint32_t left = 0; left < shards; left += 2 * step) {
      const std::uint32_t right = left + step;
      for (auto& [parameter, table] : tables_) {
        const std::size_t width = network_.parameters()[parameter].shape.cols;
        for (std::size_t slot = 0; slot < table.rows.size(); ++slot) {
          if (table.seen[right][slot] == 0) continue;
          table.seen[left][slot] = 1;
          add_to({table.sums[left].data() + slot * width, width},
                 {table.sums[right].data() + slot * width, width});
        }
      }
    }
  }
}

void GradientSums::write(float factor, std::uint32_t shards, graph::Gradients& gradients) {
  gradients.resize(network_.parameters().size());
  for (graph::ParameterGradient& gradient : gradients) {
    gradient.rows.clear();
  }
  for (const Piece& piece : pieces_) {
    const tensor::Shape shape = network_.parameters()[piece.parameter].shape;
    tensor::Tensor& dense = gradients[piece.parameter].dense;
    if (dense.shape() != shape) dense = tensor::Tensor(shape);
    std::vector<const float*> from(shards);
    for (std::uint32_t i = 0; i < piece.rows; ++i) {
      for (std::uint32_t shard = 0; shard < shards; ++shard) {
        from[shard] = sums_[shard].data() + piece.at + i * piece.stride();
      }
      write_sum(from, factor, dense.row(i).subspan(piece.column, piece.width));
    }
  }
  for (const auto& [parameter, table] : tables_) {
    write_table(factor, parameter, table, gradients[parameter]);
  }
}

void GradientSums::write_table(float factor, graph::ParameterId parameter, const TableRows& table,
                               graph::ParameterGradient& gradient) const {
  const std::uint32_t width = network_.parameters()[parameter].shape.cols;
  gradient.rows = table.rows;
  const auto rows = static_cast<std::uint32_t>(table.rows.size());
  if (gradient.row_values.shape() != tensor::Shape{rows, width}) {
    gradient.row_values = tensor::Tensor({rows, width});
  }
  const auto values = gradient.row_values.values();
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = table.sums[0].data()[i] * factor;
}

}  // namespace sheaf::engine
