// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cmath>

#include "sheaf/report/table.h"
#include "sheaf/study/mapped_traffic.h"

namespace sheaf::study {
namespace {

using nlohmann::ordered_json;

bool is_multicast(const MappedTraffic& traffic) {
  return traffic.options.delivery == sim::noc::Delivery::kMulticast;
}

// us for the flits of one input, by that of the share that was simulated.
double us_of(const MappedTraffic& traffic, const LayerBurst& burst, std::uint64_t cycles) {
  return static_cast<double>(cycles) / burst.share / traffic.mesh.clock_ghz / 1e3;
}

std::string burst_table(const MappedTraffic& traffic) {
  report::Table table{{"layer", "flits", "simulated %", "cycles", "least", "us", "least us",
                       "flit-hops", "closed form"},
                      {}};
  for (const LayerBurst& burst : traffic.bursts) {
    table.rows.push_back(
        {burst.layer, fmt::format("{:.5g}", burst.flits), fmt::format("{:.3g}", 100 * burst.share),
         report::with_commas(burst.burst.cycles), report::with_commas(burst.burst.least_cycles),
         fmt::format("{:.4g}", us_of(traffic, burst, burst.burst.cycles)),
         fmt::format("{:.4g}", us_of(traffic, burst, burst.burst.least_cycles)),
         fmt::format("{:.5g}", static_cast<double>(burst.burst.flit_hops) / burst.share),
         fmt::format("{:.5g}", burst.flit_hops)});
  }
  return table.to_string();
}

std::string steady_text(const MappedTraffic& traffic) {
  if (!traffic.steady) return "no flit moves between routers\n";
  const SteadyTraffic& steady = *traffic.steady;
  std::string text =
      fmt::format("steady, an input every {:.5g} us: {:.4g} flits per router and cycle",
                  traffic.interval_ns / 1e3, steady.rate);
  if (steady.busiest_source > 1) {
    return text + fmt::format("; too many: one router would send {:.4g} in a cycle\n",
                              steady.busiest_source);
  }
  return text +
         fmt::format("; mean latency {:.4g} cycles, closed form {:.4g}, empty mesh {:.4g}{}\n",
                     steady.simulation.mean_latency_cycles, steady.estimate.mean_latency_cycles,
                     steady.simulation.zero_load_latency_cycles,
                     steady.simulation.saturated ? "; saturated" : "");
}

ordered_json finite(double value) {
  return std::isfinite(value) ? ordered_json(value) : ordered_json(nullptr);
}

}  // namespace

std::string to_text(const MappedTraffic& traffic) {
  const target::Mesh& mesh = traffic.mesh;
  return fmt::format(
             "{} on {}: {} x {} routers{}, XY, flits of {} bits, packets of {}, {}\n"
             "bursts: all flits into a layer for one input, sent at once\n\n",
             traffic.network, traffic.chip, mesh.columns, mesh.rows,
             traffic.own_mesh ? "" : " (not described by the chip: defaults)", mesh.flit_bits,
             traffic.options.simulation.packet_flits,
             is_multicast(traffic) ? "multicast" : "unicast") +
         burst_table(traffic) + "\n" + steady_text(traffic);
}

ordered_json to_json(const MappedTraffic& traffic) {
  ordered_json json = {{"network", traffic.network},
                       {"chip", traffic.chip},
                       {"columns", traffic.mesh.columns},
                       {"rows", traffic.mesh.rows},
                       {"own_mesh", traffic.own_mesh},
                       {"flit_bits", traffic.mesh.flit_bits},
                       {"packet_flits", traffic.options.simulation.packet_flits},
                       {"delivery", is_multicast(traffic) ? "multicast" : "unicast"},
                       {"interval_ns", traffic.interval_ns},
                       {"layers", ordered_json::array()}};
  for (const LayerBurst& burst : traffic.bursts) {
    json["layers"].push_back({{"name", burst.layer},
                              {"flits", burst.flits},
                              {"flit_hops", burst.flit_hops},
                              {"share", burst.share},
                              {"cycles", burst.burst.cycles},
                              {"least_cycles", burst.burst.least_cycles},
                              {"simulated_flits", burst.burst.flits},
                              {"simulated_flit_hops", burst.burst.flit_hops},
                              {"us", us_of(traffic, burst, burst.burst.cycles)}});
  }
  if (!traffic.steady) return json;
  const SteadyTraffic& steady = *traffic.steady;
  json["steady"] = {{"rate", steady.rate}, {"busiest_source", steady.busiest_source}};
  if (steady.busiest_source > 1) return json;
  json["steady"].update({{"mean_latency_cycles", steady.simulation.mean_latency_cycles},
                         {"closed_form_cycles", finite(steady.estimate.mean_latency_cycles)},
                         {"zero_load_cycles", steady.simulation.zero_load_latency_cycles},
                         {"packets", steady.simulation.packets},
                         {"saturated", steady.simulation.saturated}});
  return json;
}

}  // namespace sheaf::study
