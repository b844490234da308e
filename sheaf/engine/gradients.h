// SPDX-License-Identifier: Apache-2.0
//
// Weight gradients of a graph that has run with its backward pass: sums over all calls.
//
// They do not depend on the policy, the plan or the number of threads. The instances of a minibatch
// are cut into a fixed number of contiguous shards. Within a shard a gradient is summed node by
// node, in the order of instances and of the nodes of an instance, type by type; the sums of shards
// are joined by a fixed binary tree, ((s0 + s1) + (s2 + s3)). So several processes that share the
// shards come to the same bits.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "sheaf/autodiff/backward.h"
#include "sheaf/engine/compile.h"
#include "sheaf/graph/gradients.h"
#include "sheaf/tensor/aligned_buffer.h"

namespace sheaf::engine {

inline constexpr std::uint32_t kShards = 4;

// A minibatch of `instances`, of which shards [first, end) are here. A power of two of shards, at a
// multiple of their number, so that they are a branch of the tree.
struct ShardRange {
  std::uint32_t instances;
  std::uint32_t count = kShards;  // of all, a power of two
  std::uint32_t first = 0;
  std::uint32_t end = kShards;

  [[nodiscard]] std::uint32_t shard_of(std::uint32_t instance) const {
    return static_cast<std::uint32_t>(std::uint64_t{instance} * count / instances);
  }
  // The first instance of a shard; of `count`, the number of instances.
  [[nodiscard]] std::uint32_t begin_of(std::uint32_t shard) const {
    return static_cast<std::uint32_t>((std::uint64_t{shard} * instances + count - 1) / count);
  }
};

// Sums the gradients of one session's graphs. Holds memory that is used again.
class GradientSums {
 public:
  // All must outlive it. Throws UnsupportedError for a parameter that is used in ways whose
  // gradients overlap in part: as a table and a matrix, or by other columns.
  GradientSums(const graph::Network& network, const autodiff::Differentiation& differentiation,
               Session& session);

  // After session.step(graph), where `graph` has the backward pass that `differentiation` appended
  // last: the gradients of all parameters, times `factor`, over the shards that are here. The
  // instances of the graph are numbered as in the whole minibatch.
  void sum(const graph::Graph& graph, const ShardRange& shards, float factor,
           graph::Gradients& gradients);

 private:
  // Some columns of a parameter, which are a sum of outer products, or of rows.
  struct Piece {
    graph::ParameterId parameter;
    std::uint32_t column;
    std::uint32_t width;
    std::uint32_t rows;
    bool is_vector;  // a sum of rows, one row
    std::size_t at;  // first float in the sums of a shard
    [[nodiscard]] std::size_t stride() const;
    [[nodiscard]] std::size_t floats() const { return rows * stride(); }
  };
  // Weight gradients of one type that have the same x.
  struct Group {
    autodiff::ForwardValue x;
    graph::ParameterId table;  // that x is a row of, if it is
    std::uint32_t width;
    std::uint32_t rows;
    struct Delta {
      std::uint32_t port;
      std::uint32_t width;
      std::uint32_t piece;
    };
    std::vector<Delta> deltas;  // one where it is a convolution's
    std::optional<autodiff::ConvolutionWeights> convolution = {};
  };
  struct Table {
    graph::ParameterId parameter;
    std::uint32_t port;
    std::uint32_t width;  // of a row, in the table
    std::uint32_t rows;   // of the value, a matrix where it has more than one
  };
  struct Type {
    graph::TypeId type;
    std::vector<Group> groups;
    std::vector<Table> tables;
  };
  // Rows of a table, by shard.
  struct TableRows {
    std::vector<std::uint32_t> slot_of_row;       // by row of the table, or kNoSlot
    std::vector<std::uint32_t> rows;              // by slot, ascending
    std::vector<tensor::AlignedBuffer> sums;      // by shard: [slots x width]
    std::vector<std::vector<std::uint8_t>> seen;  // by shard and slot
  };

  void add_type(graph::TypeId type);
  void require_apart() const;
  std::uint32_t piece_of(graph::ParameterId parameter, const autodiff::WeightGradient& weight,
                         std::uint32_t delta_width);
  void list_nodes(const graph::Graph& graph, const ShardRange& shards);
  void sum_shard(const graph::Graph& graph, std::uint32_t shard);
  void sum_group(const graph::Graph& graph, const Group& group, std::uint32_t shard,
                 std::span<const graph::NodeId> nodes);
  void sum_convolution(const Group& group, std::uint32_t shard);
  void list_x(const graph::Graph& graph, const Group& group, std::span<const graph::NodeId> nodes);
  void find_rows(const graph::Graph& graph, std::uint32_t shards);
  void sum_table(const graph::Graph& graph, const Table& table, std::uint32_t shard,
                 std::span<const graph::NodeId> nodes);
  void clear(std::uint32_t piece, std::uint32_t shard);
  void join_tables(std::uint32_t shards);
  void write(float factor, std::uint32_t shards, graph::Gradients& gradients);
  void write_table(float factor, graph::ParameterId parameter, const TableRows& table,
                   graph::ParameterGradient& gradient) const;
  [[nodiscard]] memory_plan::Offset offset(graph::Operand operand) const;

  const graph::Network& network_;
  const autodiff::Differentiation& differentiation_;
  Session& session_;
  std::vector<Type> types_;
  std::vector<Piece> pieces_;
  std::size_t piece_floats_ = 0;
  std::map<graph::ParameterId, TableRows> tables_;
  std::vector<std::uint8_t> written_;              // by piece, in the shard that is summed
  std::vector<tensor::AlignedBuffer> sums_;        // by shard: all pieces
  std::vector<std::vector<graph::NodeId>> nodes_;  // by shard and type
  std::vector<memory_plan::Offset> x_;
  std::vector<std::vector<memory_plan::Offset>> deltas_;
};

}  // namespace sheaf::engine
