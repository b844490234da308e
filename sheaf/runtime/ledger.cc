// SPDX-License-Identifier: Apache-2.0
#include "sheaf/runtime/ledger.h"

#include <algorithm>

namespace sheaf::runtime {
namespace {

constexpr std::array<double Cost::*, kCostColumns> kColumns = {
    &Cost::ns, &Cost::bytes, &Cost::pj, &Cost::conversions, &Cost::flit_hops};

struct Floats {
  std::uint64_t weights = 0;  // of a batch
  std::uint64_t values = 0;   // of a call
};

Floats floats_of(const graph::Network& network, const graph::BatchType& type) {
  const graph::Cell& cell = *type.cell;
  Floats floats;
  for (const graph::CellOp& op : cell.ops()) {
    const bool reads = op.kind == ops::OpKind::input || op.kind == ops::OpKind::lookup;
    if (reads) floats.values += std::uint64_t{op.rows} * op.width;
  }
  for (std::size_t port = 0; port < cell.outputs().size(); ++port) {
    floats.values += std::uint64_t{cell.output_rows(port)} * cell.output_width(port);
  }
  for (std::size_t slot = 0; slot < cell.slots().size(); ++slot) {
    const bool table = cell.slots()[slot].shape.rows == 0 || cell.slots()[slot].is_data;
    if (table) continue;
    const tensor::Shape stored = network.parameters()[type.binding[slot]].stored_shape();
    floats.weights += std::uint64_t{stored.rows} * stored.cols;
  }
  return floats;
}

}  // namespace

Cost& Cost::operator+=(const Cost& other) {
  for (const auto of : kColumns) this->*of += other.*of;
  return *this;
}

bool Cost::is_nothing() const {
  return std::all_of(kColumns.begin(), kColumns.end(),
                     [&](double Cost::*of) { return this->*of == 0; });
}

double column(const Cost& cost, std::size_t index) { return cost.*kColumns[index]; }

void set_column(Cost& cost, std::size_t index, double value) { cost.*kColumns[index] = value; }

LedgerRow& Ledger::row(std::string_view name, std::string_view component) {
  const auto found = std::find_if(rows.begin(), rows.end(), [&](const LedgerRow& row) {
    return row.name == name && row.component == component;
  });
  if (found != rows.end()) return *found;
  rows.push_back({.name = std::string(name), .component = std::string(component), .cost = {}});
  return rows.back();
}

Cost Ledger::total() const {
  Cost total;
  for (const LedgerRow& row : rows) total += row.cost;
  return total;
}

Ledger ledger_of(const Profile& profile, std::string_view target) {
  Ledger ledger{.target = std::string(target), .rows = {}, .batches = {}};
  const graph::Network& network = profile.network();
  std::vector<Floats> floats;
  for (graph::TypeId type = 0; type < network.type_count(); ++type) {
    floats.push_back(floats_of(network, network.type(type)));
  }
  // Batches come in the order of the executions that they are in.
  std::vector<StageSlice> executions;
  for (const StageSlice& stage : profile.stages()) {
    if (stage.stage == Stage::execute) executions.push_back(stage);
  }
  std::size_t execution = 0;
  for (const BatchSlice& slice : profile.batches()) {
    while (execution < executions.size() && executions[execution].end_ns < slice.end_ns) {
      ++execution;
    }
    const Floats& of = floats[slice.type];
    const double moved = static_cast<double>(of.weights) +
                         static_cast<double>(of.values) * static_cast<double>(slice.rows);
    const Cost cost{.ns = static_cast<double>(slice.end_ns - slice.begin_ns),
                    .bytes = moved * sizeof(float),
                    .pj = Cost::kUnknown};
    const std::string& name = network.type(slice.type).name;
    ledger.batches.push_back(
        {.minibatch = execution < executions.size() ? executions[execution].minibatch : 0,
         .name = name,
         .nodes = slice.rows,
         .cost = cost});
    LedgerRow& row = ledger.row(name, "cpu");
    ++row.batches;
    row.nodes += slice.rows;
    row.cost += cost;
  }
  return ledger;
}

}  // namespace sheaf::runtime
