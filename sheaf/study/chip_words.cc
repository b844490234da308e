// SPDX-License-Identifier: Apache-2.0
#include "sheaf/study/chip_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "sheaf/report/ticks.h"
#include "sheaf/study/chip_charts.h"

namespace sheaf::study {
namespace {

using backend::cim::Component;
using backend::cim::LayerCost;

double sum(const ChipStudy& study, std::uint64_t LayerCost::*figure) {
  double all = 0;
  for (const LayerCost& layer : study.cost.layers) all += static_cast<double>(layer.*figure);
  return all;
}

double sum(const ChipStudy& study, double LayerCost::*figure) {
  double all = 0;
  for (const LayerCost& layer : study.cost.layers) all += layer.*figure;
  return all;
}

// What a component's energy is the product of.
std::string made_of(const ChipStudy& study, Component component, double energy_pj) {
  const auto each = [&](double count, const char* what, const char* which) {
    return fmt::format("{:.4g} {} of {:.4g} pJ each, {}", count, what, energy_pj / count, which);
  };
  const auto& cost = study.cost;
  switch (component) {
    case Component::crossbar:
      return "cells that are read, by the share of ones among the bits that drive them";
    case Component::dac:
      return each(sum(study, &LayerCost::drives), "drives of a row", "by the share of ones");
    case Component::adc:
      return each(static_cast<double>(cost.conversions), "conversions",
                  fmt::format("at {} bits", cost.adc_bits).c_str());
    case Component::periphery:
      return each(static_cast<double>(cost.conversions), "conversions",
                  "what samples, shifts and adds them");
    case Component::registers:
      return sum(study, &LayerCost::register_bytes) > 0
                 ? each(sum(study, &LayerCost::register_bytes), "bytes", "through register files")
                 : "inputs that wait in registers for each digit to be driven";
    case Component::buffer:
      return each(sum(study, &LayerCost::buffer_bytes), "bytes", "read and written, bus included");
    case Component::network:
      if (cost.flit_hops == 0) return "flits through the router that tiles share";
      return each(cost.flit_hops, "flit-hops", "with the first router of every flit");
    case Component::digital:
      return "activation, pooling and sums of the results that leave a tile";
    case Component::compute:
      return each(static_cast<double>(cost.macs), "multiply-adds", "in the array's multipliers");
    case Component::rebuild:
      return "weights that engines rebuild from coefficients and bases";
    case Component::dram:
      return each(cost.dram_bytes, "bytes", "from and to memory outside of the chip");
    case Component::leakage:
      return "power of all parts in use while nothing switches, from one input to the next";
  }
  return {};
}

template <class Value>
std::vector<std::size_t> from_largest(const std::vector<Value>& values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return values[a] > values[b]; });
  return order;
}

std::string largest_layers(const ChipStudy& study, double all) {
  std::vector<double> energies;
  for (const LayerCost& layer : study.cost.layers) {
    energies.push_back(backend::cim::total(layer.energy_pj));
  }
  const std::vector<std::string> names = layer_names(study);
  std::string text = "By layer, most goes to ";
  const auto order = from_largest(energies);
  const std::size_t count = std::min<std::size_t>(3, order.size());
  for (std::size_t i = 0; i < count; ++i) {
    text += fmt::format("{}{} ({:.1f} %)",
                        i == 0           ? ""
                        : i + 1 == count ? " and "
                                         : ", ",
                        names[order[i]], 100 * energies[order[i]] / all);
  }
  return text + ".";
}

}  // namespace

std::vector<std::string> energy_words(const ChipStudy& study) {
  const double all = study.cost.total_energy_pj();
  const std::vector<double> parts(study.cost.energy_pj.begin(), study.cost.energy_pj.end());
  std::vector<std::string> words;
  for (const std::size_t c : from_largest(parts)) {
    if (parts[c] <= 0) continue;
    words.push_back(fmt::format("{}: {} uJ, {:.1f} %: {}.", backend::cim::kComponentNames[c],
                                report::plain_number(parts[c] / 1e6), 100 * parts[c] / all,
                                made_of(study, static_cast<Component>(c), parts[c])));
  }
  words.push_back(largest_layers(study, all));
  return words;
}

std::string bound_words(const ChipStudy& study) {
  const auto& limits = study.cost.limits;
  std::string text;
  for (const std::size_t b :
       from_largest(std::vector<double>(limits.ns.begin(), limits.ns.end()))) {
    if (limits.ns[b] == 0) continue;
    static constexpr const char* kOnCrossbars[] = {
        "crossbars and their converters", "the busiest link", "the busiest tile's memory", "DRAM"};
    const char* name = b == 0 && !study.chip.crossbar ? "multipliers" : kOnCrossbars[b];
    text += fmt::format("{}{} {:.4g} us", text.empty() ? "" : ", ", name, limits.ns[b] / 1e3);
  }
  return text;
}

std::vector<std::string> time_words(const ChipStudy& study) {
  const auto& cost = study.cost;
  std::vector<double> times;
  for (const LayerCost& layer : cost.layers) times.push_back(layer.limits.most());
  const std::size_t slowest = from_largest(times).front();
  std::vector<std::string> words;
  const std::string name = layer_names(study)[slowest];
  if (cost.pipeline == backend::cim::PipelineKind::intra_layer) {
    words.push_back(fmt::format("Layers take turns; {} takes longest, {:.1f} % of the time.", name,
                                100 * cost.layers[slowest].time_ns / cost.latency_ns));
    words.push_back("By what they wait for: " + bound_words(study) + ".");
    return words;
  }
  words.push_back(
      fmt::format("Layers work at the same time on inputs that follow each other, one every {:.4g} "
                  "us; {} takes longest by itself. One input that comes alone takes {:.4g} us.",
                  cost.interval_ns / 1e3, name, cost.latency_ns / 1e3));
  words.push_back("What an input takes at least: " + bound_words(study) + ".");
  double busy = 0;
  for (const LayerCost& layer : cost.layers) {
    busy += static_cast<double>(layer.mapping.crossbars) * static_cast<double>(layer.cycles);
  }
  busy *= cost.cycle_ns / (static_cast<double>(cost.crossbars) * cost.interval_ns);
  words.push_back(fmt::format(
      "In steady state a crossbar is read in {:.1f} % of its cycles; {:.1f} % of the cells hold "
      "weights.",
      100 * busy, 100 * cost.utilisation));
  return words;
}

bool is_reconstructed(const target::Chip& chip) {
  return std::any_of(chip.provenance.begin(), chip.provenance.end(), [](const auto& item) {
    return item.second.origin == target::Origin::reconstructed;
  });
}

bool is_reconstructed(const backend::cim::NetworkCost& cost) {
  return cost.strategy != "dense" && cost.strategy != "pipelayer";
}

bool is_reconstructed(const ChipStudy& study) {
  return is_reconstructed(study.chip) || is_reconstructed(study.cost);
}

std::vector<std::string> source_words(const target::Chip& chip) {
  std::vector<std::string> first;
  std::vector<std::string> rest;
  for (const auto& [path, provenance] : chip.provenance) {
    const bool reconstructed = provenance.origin == target::Origin::reconstructed;
    (reconstructed ? first : rest)
        .push_back(fmt::format("{} ({}): {}", path.empty() ? "the chip" : path,
                               target::kOriginNames[static_cast<std::size_t>(provenance.origin)],
                               provenance.source));
  }
  first.insert(first.end(), rest.begin(), rest.end());
  return first;
}

}  // namespace sheaf::study
