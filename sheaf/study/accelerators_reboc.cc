// SPDX-License-Identifier: Apache-2.0
//
// ReBoc against the two chips of crossbars that its abstract may mean.
#include <fmt/format.h>

#include <cmath>
#include <map>

#include "sheaf/backend/cim/comparison.h"
#include "sheaf/backend/cim/read_layers.h"
#include "sheaf/study/accelerator_parts.h"
#include "sheaf/study/simulate.h"
#include "sheaf/target/read_chip.h"

namespace sheaf::study {
namespace {

namespace cim = backend::cim;

constexpr const char* kLabels[] = {"isaac", "isaac, layers in turns", "pipelayer",
                                   "reboc, layers at a time", "reboc"};

// Share of an area that a network has to use, so that the comparison counts in the mean.
constexpr double kSpent = 0.95;

struct Chips {
  target::Chip isaac = target::read_chip("isaac");
  target::Chip pipelayer = target::read_chip("pipelayer");
  target::Chip reboc = target::read_chip("reboc");
};

// Geometric means over models, of ReBoc over one rival.
struct Means {
  double throughput = 1;
  double latency = 1;
  double energy = 1;
  int count = 0;

  void add(const cim::NetworkCost& rival, const cim::NetworkCost& reboc) {
    throughput *= rival.interval_ns / reboc.interval_ns;
    latency *= rival.latency_ns / reboc.latency_ns;
    energy *= rival.total_energy_pj() / reboc.total_energy_pj();
    ++count;
  }
  [[nodiscard]] double mean(double product) const { return std::pow(product, 1.0 / count); }
};

void add_rows(const cim::Comparison& comparison, std::map<std::string, Means>& means,
              AcceleratorTable& table) {
  const char* equal = comparison.equal == cim::Equal::area ? "area" : "crossbars";
  const cim::NetworkCost& reboc = comparison.costs.back();
  for (std::size_t i = 0; i < comparison.costs.size(); ++i) {
    const cim::NetworkCost& cost = comparison.costs[i];
    table.rows.push_back(
        {word(cost.network), word(equal), word(kLabels[i]),
         number(static_cast<double>(cost.given_crossbars)),
         number(static_cast<double>(cost.crossbars)), number(100 * cost.utilisation),
         number(cost.interval_ns / 1e3), number(cost.latency_ns / 1e3),
         number(cost.total_energy_pj() / 1e6), number(cost.total_area_um2() / 1e6),
         times(cost.interval_ns / reboc.interval_ns), times(cost.latency_ns / reboc.latency_ns),
         times(cost.total_energy_pj() / reboc.total_energy_pj())});
    // Where the network cannot use the area that it is given, it is no comparison at equal area.
    const double least_area = kSpent * comparison.area_um2;
    const bool spent =
        comparison.equal == cim::Equal::crossbars ||
        (cost.total_area_um2() >= least_area && reboc.total_area_um2() >= least_area);
    if (&cost != &reboc && spent) means[std::string(equal) + ", " + kLabels[i]].add(cost, reboc);
  }
}

// What one budget of crossbars is worth, in multiples of what one dense copy takes.
struct Network {
  const cim::LayerShapes* dense;
  const cim::LayerShapes* circulant;
  const Chips* chips;
};
void add_budgets(const Network& network, AcceleratorTable& table) {
  const std::uint64_t least = cim::least_crossbars(*network.dense, network.chips->isaac);
  for (const double factor : {1.0, 1.1, 1.5, 2.0, 4.0, 8.0}) {
    cim::CostOptions options;
    options.crossbars = static_cast<std::uint64_t>(factor * static_cast<double>(least));
    const cim::NetworkCost isaac = cim::cost_of(*network.dense, network.chips->isaac, options);
    const cim::NetworkCost reboc = cim::cost_of(*network.circulant, network.chips->reboc, options);
    options.mapping.pipeline = cim::PipelineKind::intra_layer;
    const cim::NetworkCost turns = cim::cost_of(*network.dense, network.chips->isaac, options);
    options.mapping.pipeline = cim::PipelineKind::inter_layer;
    const cim::NetworkCost together =
        cim::cost_of(*network.circulant, network.chips->reboc, options);
    table.rows.push_back(
        {word(isaac.network), number(factor), number(static_cast<double>(options.crossbars)),
         times(isaac.interval_ns / reboc.interval_ns), times(isaac.latency_ns / reboc.latency_ns),
         times(turns.latency_ns / reboc.latency_ns),
         times(isaac.interval_ns / together.interval_ns),
         times(isaac.latency_ns / together.latency_ns)});
  }
}

AcceleratorTable budget_table() {
  AcceleratorTable table;
  table.name = "reboc_budget";
  table.title = "ReBoc over dense ISAAC by budget, in copies of the dense network that it holds";
  table.head = {"model",
                "copies",
                "crossbars",
                "faster",
                "sooner",
                "sooner, both in turns",
                "faster, both at a time",
                "sooner, both at a time"};
  table.notes = {
      "With no room for replicas a dense network waits for its first convolution, while blocks "
      "leave "
      "most crossbars free for replicas of it; with more room that advantage goes. So the speed-up "
      "is "
      "mostly a matter of the budget that a comparison grants, and the abstract's 4.1x lies within "
      "what budgets give.",
      "At a time: layers in ISAAC's pipeline; in turns: one layer after the other, in ReBoc's."};
  return table;
}

void add_energy(const cim::Comparison& comparison, AcceleratorTable& table) {
  for (const cim::NetworkCost& cost : comparison.costs) {
    std::vector<AcceleratorCell> row = {word(cost.network), word(cost.chip)};
    for (std::size_t c = 0; c < 8; ++c) row.push_back(number(cost.energy_pj[c] / 1e6));
    const cim::Decomposition& d = cost.decomposition;
    row.push_back(number(d.convert_pj));
    row.push_back(number(d.converts_per_mac));
    row.push_back(number(d.macs));
    row.push_back(number(d.utilisation));
    if (&cost == &comparison.costs[1] || &cost == &comparison.costs[3]) continue;
    table.rows.push_back(std::move(row));
  }
}

AcceleratorTable speed_table(const AcceleratorOptions& options) {
  AcceleratorTable table;
  table.name = "reboc";
  table.title = fmt::format(
      "ReBoc (reconstructed; blocks of {}) against ISAAC's dense mapping and PipeLayer, {}-bit "
      "weights and inputs",
      options.block, options.bits);
  table.head = {"model",
                "equal",
                "chip",
                "given",
                "crossbars",
                "cells in use %",
                "interval us",
                "latency us",
                "energy uJ",
                "area mm2",
                "ReBoc faster by",
                "ReBoc sooner by",
                "ReBoc less energy by"};
  return table;
}

AcceleratorTable energy_table() {
  AcceleratorTable table;
  table.name = "reboc_energy";
  table.title =
      "Where the energy goes, at equal crossbars: uJ an input by component, and that of "
      "the converters as pJ a conversion x conversions a MAC x MACs / share of rows in use";
  table.head = {"model", "chip"};
  for (std::size_t c = 0; c < 8; ++c) table.head.emplace_back(cim::kComponentNames[c]);
  table.head.insert(table.head.end(), {"pJ/convert", "converts/MAC", "MACs", "rows in use"});
  return table;
}

// What PipeLayer's writes are of its energy, and the rate by power that the network comes to.
std::string pipelayer_words(const std::vector<cim::NetworkCost>& costs) {
  std::string text;
  for (const cim::NetworkCost& cost : costs) {
    text +=
        fmt::format("{}{} {:.0f} % and {:.0f}", text.empty() ? "" : ", ", cost.network,
                    100 * cim::of(cost.energy_pj, cim::Component::buffer) / cost.total_energy_pj(),
                    2e3 * static_cast<double>(cost.macs) / cost.total_energy_pj());
  }
  return "PipeLayer writes every result into cells, 3.91 nJ a cell (reconstructed: its paper says "
         "a "
         "spike), by which it loses. Share of its energy that writes take, and GOPs/W: " +
         text + "; the paper's peak is 142.9 GOPs/W, which ReBoc's gain rests on.";
}

void add_notes(const std::map<std::string, Means>& means, AcceleratorTable& table) {
  for (const auto& [rival, mean] : means) {
    table.notes.push_back(fmt::format(
        "geometric mean at equal {}: {:.2f}x faster, {:.2f}x sooner, {:.2f}x less energy; the "
        "abstract says 4.1x and 2.6x, on average, over unnamed accelerators",
        rival, mean.mean(mean.throughput), mean.mean(mean.latency), mean.mean(mean.energy)));
  }
  table.notes.insert(
      table.notes.end(),
      {"faster: inputs per second in steady state; sooner: one input by itself.",
       "What makes up the difference. Conversions are those of the dense network for any block and "
       "any number of copies, so that converters, and all that goes with a conversion, take what "
       "ISAAC's do: against ISAAC energy can only be saved in its memories, network and crossbars "
       "that are not full.",
       "A crossbar does as many products a second with primitive vectors as with a dense block. "
       "Time is gained where weights are large but rarely used: full connections take 1/block of "
       "the crossbars, and what they leave goes to convolutions.",
       "One layer at a time is why an input by itself may be sooner and a stream of them slower: "
       "ISAAC's and PipeLayer's layers all work at a time.",
       "Networks that cannot use 95 % of the area count in no mean at equal area.",
       "Block size, precision, encoding, networks and baselines of the paper are not known; 16-bit "
       "offset weights are ISAAC's."});
}

}  // namespace

std::vector<AcceleratorTable> study_reboc(const AcceleratorOptions& options) {
  const Chips chips;
  AcceleratorTable speed = speed_table(options);
  AcceleratorTable energy = energy_table();
  AcceleratorTable budget = budget_table();
  std::map<std::string, Means> means;
  std::vector<cim::NetworkCost> pipelayers;
  for (const std::string& model : options.models) {
    cim::LayerShapes dense = listed_layers(model);
    cim::set_precision(dense, {options.bits, options.bits});
    cim::LayerShapes circulant = dense;
    const cim::Stored stored = cim::make_block_circulant(circulant, options.block);
    for (const std::string& left : stored.left) {
      speed.notes.push_back("stays dense: " + model + ", " + left);
    }
    cim::CostOptions in_turns;
    in_turns.mapping.pipeline = cim::PipelineKind::intra_layer;
    cim::CostOptions at_a_time;
    at_a_time.mapping.pipeline = cim::PipelineKind::inter_layer;
    const std::vector<cim::Contestant> contestants = {
        {kLabels[0], &dense, &chips.isaac, {}},
        {kLabels[1], &dense, &chips.isaac, in_turns},
        {kLabels[2], &dense, &chips.pipelayer, {}},
        {kLabels[3], &circulant, &chips.reboc, at_a_time},
        {kLabels[4], &circulant, &chips.reboc, {}}};
    add_budgets({&dense, &circulant, &chips}, budget);
    const cim::Comparison crossbars = cim::compare(contestants, cim::Equal::crossbars);
    add_rows(crossbars, means, speed);
    add_energy(crossbars, energy);
    pipelayers.push_back(crossbars.costs[2]);
    add_rows(cim::compare(contestants, cim::Equal::area), means, speed);
  }
  add_notes(means, speed);
  speed.notes.push_back(pipelayer_words(pipelayers));
  return {std::move(speed), std::move(budget), std::move(energy)};
}

}  // namespace sheaf::study
