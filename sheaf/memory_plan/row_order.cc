// SPDX-License-Identifier: Apache-2.0
#include "sheaf/memory_plan/row_order.h"

#include <algorithm>

namespace sheaf::memory_plan {

using graph::NodeId;

namespace {

// Rows ahead of the one at hand that are fetched into the cache, as in reads.cc.
constexpr std::size_t kFar = 64;
constexpr std::size_t kMiddle = 40;
constexpr std::size_t kNear = 16;

bool has_fixed_inputs(const graph::Network& network) {
  for (graph::TypeId type = 0; type < network.type_count(); ++type) {
    if (network.type(type).cell->fixed_inputs() > 0) return true;
  }
  return false;
}

std::span<NodeId> rows_of(batching::Schedule& schedule, std::size_t batch) {
  const batching::Batch& b = schedule.batches[batch];
  return std::span(schedule.order).subspan(b.begin, b.size());
}

}  // namespace

void RowOrder::run(const graph::Graph& graph, graph::Segment segment,
                   batching::Schedule& schedule) {
  if (!has_fixed_inputs(graph.network())) return;
  open(segment, schedule);
  entries_.reserve(graph.operand_count(segment));
  for (auto b = static_cast<std::uint32_t>(schedule.batches.size()); b-- > 0;) {
    follow_consumers(b, rows_of(schedule, b));
    tell_producers(graph, schedule, b);
  }
  follow_producers(graph, schedule);
}

void RowOrder::open(graph::Segment segment, const batching::Schedule& schedule) {
  segment_ = segment;
  batch_of_.resize(segment.size());
  for (std::uint32_t b = 0; b < schedule.batches.size(); ++b) {
    for (const NodeId node : schedule.nodes(schedule.batches[b])) {
      batch_of_[node - segment.begin] = b;
    }
  }
  wanted_.assign(schedule.batches.size(), kNone);
  is_read_.assign(schedule.batches.size(), 0);
  next_row_.resize(schedule.batches.size());
  placed_.assign(segment.size(), 0);
  entries_.clear();
}

void RowOrder::follow_consumers(std::uint32_t batch, std::span<NodeId> rows) {
  if (wanted_[batch] == kNone) return;
  before_.assign(rows.begin(), rows.end());
  auto next = rows.begin();
  const auto place = [&](NodeId node) {
    std::uint8_t& placed = placed_[node - segment_.begin];
    if (placed == 0) *next++ = node;
    placed = 1;
  };
  // What was pushed last comes first: the first batch that reads, its first input, its first row.
  for (std::uint32_t e = wanted_[batch]; e != kNone; e = entries_[e].next) place(entries_[e].node);
  if (next == rows.end()) return;
  for (const NodeId node : before_) place(node);
}

void RowOrder::tell_producers(const graph::Graph& graph, const batching::Schedule& schedule,
                              std::uint32_t batch) {
  const auto rows = schedule.nodes(schedule.batches[batch]);
  const std::uint32_t inputs = inputs_of_one_operand(graph, rows);
  const auto first = graph.operands(rows[0]);
  const auto in_segment = [&](graph::Operand operand) { return operand.node >= segment_.begin; };
  for (const graph::Operand& operand : first) {
    if (in_segment(operand)) is_read_[batch_of(operand.node)] = 1;
  }
  // Heads of several batches will follow them: what they ask for would only be undone.
  const bool heads = is_read_[batch] == 0 && inputs == 1;
  const graph::Operand last =
      graph.operands(rows.back()).empty() ? graph::Operand{} : graph.operands(rows.back())[0];
  if (heads && in_segment(first[0]) && in_segment(last) &&
      batch_of(first[0].node) != batch_of(last.node)) {
    return;
  }
  for (std::uint32_t i = inputs; i-- > 0;) {
    // Ports of one node in a row are one wish.
    if (i > 0 && first[i].node == first[i - 1].node) continue;
    for (std::size_t row = rows.size(); row-- > 0;) {
      if (row >= kFar) {
        graph.prefetch_begin(rows[row - kFar]);
        graph.prefetch_operands(rows[row - kMiddle]);
        const NodeId ahead = graph.operands(rows[row - kNear])[i].node;
        if (ahead >= segment_.begin) __builtin_prefetch(&batch_of_[ahead - segment_.begin]);
      }
      const graph::Operand operand = graph.operands(rows[row])[i];
      if (!in_segment(operand)) continue;
      const std::uint32_t producer = batch_of(operand.node);
      if (schedule.batches[producer].size() > 1) push(wanted_[producer], operand.node);
    }
  }
}

void RowOrder::follow_producers(const graph::Graph& graph, batching::Schedule& schedule) {
  entries_.clear();
  followers_.assign(segment_.size(), kNone);
  bool any = false;
  for (std::size_t b = 0; b < schedule.batches.size(); ++b) {
    const auto rows = rows_of(schedule, b);
    if (is_read_[b] != 0 || rows.size() == 1 || inputs_of_one_operand(graph, rows) == 0) continue;
    next_row_[b] = schedule.batches[b].begin;
    any |= list_first_operands(graph, next_row_[b], rows);
  }
  if (!any) return;
  // The order of followers is written while that of others is read: never the same batch.
  const std::span<NodeId> order(schedule.order);
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (i + kFar < order.size()) {
      __builtin_prefetch(&followers_[order[i + kFar] - segment_.begin]);
      const std::uint32_t ahead = followers_[order[i + kNear] - segment_.begin];
      if (ahead != kNone) __builtin_prefetch(&entries_[ahead]);
    }
    for (std::uint32_t e = followers_[order[i] - segment_.begin]; e != kNone;
         e = entries_[e].next) {
      const NodeId follower = entries_[e].node;
      order[next_row_[batch_of(follower)]++] = follower;
    }
  }
}

// Rows whose first operand is of an earlier segment come first, as they were.
bool RowOrder::list_first_operands(const graph::Graph& graph, std::uint32_t& next_row,
                                   std::span<NodeId> rows) {
  const auto is_earlier = [&](NodeId node) {
    return graph.operands(node)[0].node < segment_.begin;
  };
  before_.assign(rows.begin(), rows.end());
  if (segment_.begin > 0) {
    auto next = rows.begin();
    for (const NodeId node : before_) {
      if (is_earlier(node)) *next++ = node;
    }
    next_row += static_cast<std::uint32_t>(next - rows.begin());
    if (next == rows.end()) return false;
  }
  for (std::size_t row = before_.size(); row-- > 0;) {
    if (row >= kFar) {
      graph.prefetch_begin(before_[row - kFar]);
      graph.prefetch_operands(before_[row - kMiddle]);
      const NodeId ahead = graph.operands(before_[row - kNear])[0].node;
      if (ahead >= segment_.begin) __builtin_prefetch(&followers_[ahead - segment_.begin]);
    }
    const NodeId node = before_[row];
    if (!is_earlier(node)) push(followers_[graph.operands(node)[0].node - segment_.begin], node);
  }
  return true;
}

}  // namespace sheaf::memory_plan
