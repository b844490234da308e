// SPDX-License-Identifier: Apache-2.0
#include "sheaf/report/noc.h"

#include <fmt/format.h>

#include <cmath>

#include "sheaf/report/table.h"

namespace sheaf::report {
namespace {

using nlohmann::ordered_json;
using sim::noc::Estimate;
using sim::noc::NocEnergy;
using sim::noc::Simulation;

ordered_json number_or_null(double value) {
  return std::isfinite(value) ? ordered_json(value) : ordered_json(nullptr);
}

ordered_json settings_json(const NocSettings& settings) {
  const target::Mesh& mesh = settings.mesh;
  ordered_json json = {{"mesh", fmt::format("{}x{}", mesh.columns, mesh.rows)},
                       {"pattern", settings.pattern},
                       {"routing", settings.routing},
                       {"vcs", mesh.router.vcs},
                       {"buffer_flits", mesh.router.buffer_flits},
                       {"look_ahead", mesh.router.look_ahead},
                       {"packet_flits", settings.options.packet_flits},
                       {"flit_bits", mesh.flit_bits},
                       {"link_mm", mesh.link_mm},
                       {"energy_table", mesh.energy},
                       {"energy_source", sim::noc::energy_preset(mesh.energy).source},
                       {"model", settings.analytical ? "analytical" : "cycle"}};
  if (!settings.analytical) {
    json["seed"] = settings.options.seed;
    json["warmup_cycles"] = settings.options.warmup_cycles;
    json["measured_cycles"] = settings.options.measured_cycles;
  }
  return json;
}

ordered_json energy_json(const NocEnergy& energy) {
  return {{"buffer_write_pj", energy.buffer_write_pj},
          {"buffer_read_pj", energy.buffer_read_pj},
          {"crossbar_pj", energy.crossbar_pj},
          {"arbitration_pj", energy.arbitration_pj},
          {"link_pj", energy.link_pj},
          {"static_pj", energy.static_pj},
          {"clock_pj", energy.clock_pj},
          {"total_pj", energy.total_pj()}};
}

double dynamic_pj_per_flit(const Simulation& result) {
  return result.measured.ejected_flits == 0
             ? 0
             : result.energy.dynamic_pj() / static_cast<double>(result.measured.ejected_flits);
}

void add_simulation(ordered_json& json, const Simulation& result) {
  json["accepted_flits_per_node_cycle"] = result.accepted_flits_per_node_cycle;
  json["mean_latency_cycles"] = result.mean_latency_cycles;
  json["min_latency_cycles"] = result.min_latency_cycles;
  json["max_latency_cycles"] = result.max_latency_cycles;
  json["zero_load_latency_cycles"] = result.zero_load_latency_cycles;
  json["mean_hops"] = result.mean_links;
  json["mean_routers"] = result.packets > 0 ? result.mean_links + 1 : 0;
  json["saturated"] = result.saturated;
  json["packets"] = result.packets;
  json["unfinished_packets"] = result.unfinished;
  json["cycles"] = result.cycles;
  json["flit_hops"] = result.total.link_traversals;
  json["dynamic_pj_per_flit"] = dynamic_pj_per_flit(result);
  json["energy"] = energy_json(result.energy);
}

void add_estimate(ordered_json& json, const Estimate& result) {
  json["accepted_flits_per_node_cycle"] =
      std::isfinite(result.mean_latency_cycles) ? ordered_json(json["rate"]) : nullptr;
  json["mean_latency_cycles"] = number_or_null(result.mean_latency_cycles);
  json["zero_load_latency_cycles"] = result.zero_load_latency_cycles;
  json["mean_hops"] = result.mean_links;
  json["mean_routers"] = result.mean_links + 1;
  json["saturated"] = result.saturated;
  json["dynamic_pj_per_flit"] = result.dynamic_pj_per_flit;
  json["busiest_port"] =
      fmt::format("{} {}", result.busiest.router, sim::noc::kPortNames[result.busiest.port]);
  json["busiest_load_flits_per_cycle"] = result.busiest_load;
}

void add_point(ordered_json& json, const NocPoint& point) {
  json["rate"] = point.rate;
  if (point.simulation) add_simulation(json, *point.simulation);
  if (point.estimate) add_estimate(json, *point.estimate);
}

std::string heading(const NocSettings& settings) {
  const target::Mesh& mesh = settings.mesh;
  return fmt::format("{}x{} mesh, {} VCs x {} flits, {}; {}, packets of {} flits, {}\n",
                     mesh.columns, mesh.rows, mesh.router.vcs, mesh.router.buffer_flits,
                     mesh.router.look_ahead ? "4 cycles per router" : "5 cycles per router",
                     settings.pattern, settings.options.packet_flits,
                     settings.analytical ? "analytical model" : "cycle by cycle");
}

std::vector<std::string> text_row(const NocPoint& point) {
  const std::string rate = fmt::format("{:.4g}", point.rate);
  if (point.estimate) {
    const Estimate& result = *point.estimate;
    return {rate,
            std::isfinite(result.mean_latency_cycles) ? rate : "-",
            std::isfinite(result.mean_latency_cycles)
                ? fmt::format("{:.2f}", result.mean_latency_cycles)
                : "-",
            fmt::format("{:.2f}", result.mean_links),
            fmt::format("{:.2f}", result.dynamic_pj_per_flit),
            result.saturated ? "saturated" : ""};
  }
  const Simulation& result = *point.simulation;
  return {rate,
          fmt::format("{:.4f}", result.accepted_flits_per_node_cycle),
          result.packets > 0 ? fmt::format("{:.2f}", result.mean_latency_cycles) : "-",
          result.packets > 0 ? fmt::format("{:.2f}", result.mean_links) : "-",
          fmt::format("{:.2f}", dynamic_pj_per_flit(result)),
          result.saturated ? "saturated" : ""};
}

}  // namespace

ordered_json noc_json(const NocSettings& settings, const std::vector<NocPoint>& points) {
  ordered_json json = settings_json(settings);
  if (points.size() == 1) {
    add_point(json, points[0]);
    return json;
  }
  json["points"] = ordered_json::array();
  for (const NocPoint& point : points) {
    ordered_json one;
    add_point(one, point);
    json["points"].push_back(std::move(one));
  }
  return json;
}

ordered_json noc_json(const NocSettings& settings, const sim::noc::Saturation& saturation) {
  ordered_json json = settings_json(settings);
  json["saturation_flits_per_node_cycle"] = saturation.rate;
  json["saturates"] = saturation.reached;
  json["ideal_saturation_flits_per_node_cycle"] = saturation.ideal_rate;
  json["simulations"] = saturation.simulations;
  return json;
}

std::string noc_text(const NocSettings& settings, const std::vector<NocPoint>& points) {
  Table table{.head = {"rate", "accepted", "latency", "hops", "pJ/flit", ""}};
  for (const NocPoint& point : points) table.rows.push_back(text_row(point));
  return heading(settings) + table.to_string() +
         "rate and accepted in flits per node and cycle; latency in cycles from creation to the "
         "last flit;\nhops are links; pJ/flit are dynamic, by " +
         settings.mesh.energy + "\n";
}

std::string noc_text(const NocSettings& settings, const sim::noc::Saturation& saturation) {
  return heading(settings) +
         (saturation.reached
              ? fmt::format("saturates at {:.4f} flits per node and cycle, where the mean latency "
                            "is {} times that of an empty mesh;\n",
                            saturation.rate, sim::noc::kSaturationFactor)
              : fmt::format("does not saturate up to {:.4f} flits per node and cycle;\n",
                            saturation.rate)) +
         fmt::format("the busiest port would be full at {:.4f}\n", saturation.ideal_rate);
}

}  // namespace sheaf::report
