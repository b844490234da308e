// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <memory>
#include <optional>

#include "apps/cli/noc_mapping.h"
#include "apps/cli/print_json.h"
#include "apps/cli/progress.h"
#include "apps/cli/verbs.h"
#include "sheaf/base/error.h"
#include "sheaf/io/file.h"
#include "sheaf/report/noc.h"
#include "sheaf/sim/noc/spec.h"
#include "sheaf/sim/placement/mask_flows.h"

namespace sheaf::cli {
namespace {

namespace noc = sim::noc;

constexpr std::uint64_t kMostCycles = 1'000'000'000;

struct NocFlags {
  report::NocSettings settings{.pattern = "uniform", .routing = "xy"};
  std::string mesh = "8x8";
  std::optional<std::string> rate;
  bool saturation = false;
  bool json = false;
  NocMappingFlags mapping;
};

noc::RoutingTable read_routing(const noc::Topology& topology, const std::string& routing) {
  if (routing == "xy") return noc::RoutingTable::xy(topology);
  if (routing == "yx") return noc::RoutingTable::yx(topology);
  return noc::RoutingTable::parse(topology, io::read_file(routing), routing);
}

noc::Traffic read_traffic(const noc::Topology& topology, const std::string& pattern) {
  constexpr std::string_view kMatrix = "matrix:";
  constexpr std::string_view kMasks = "masks:";
  if (pattern.starts_with(kMasks)) {
    const std::vector<double> flows =
        sim::placement::mask_flows(topology, pattern.substr(kMasks.size()));
    return noc::Traffic::matrix(flows, topology.nodes()).at_rate(noc::kDefaultRate);
  }
  if (!pattern.starts_with(kMatrix)) {
    return noc::Traffic::pattern(topology, pattern, noc::kDefaultRate);
  }
  const std::string path = pattern.substr(kMatrix.size());
  if (path.empty()) {
    throw base::UsageError(
        {.place = "--pattern", .what = "a matrix", .got = "no file", .expected = "matrix:FILE"});
  }
  return noc::Traffic::matrix(noc::parse_matrix(io::read_file(path), path, topology.nodes()),
                              topology.nodes());
}

std::vector<report::NocPoint> run_points(const report::NocSettings& settings,
                                         const noc::RoutingTable& table,
                                         const noc::Traffic& traffic,
                                         const std::vector<double>& rates) {
  std::vector<report::NocPoint> points;
  std::optional<noc::AnalyticalModel> model;
  if (settings.analytical) {
    model.emplace(settings.mesh, table, traffic, settings.options.packet_flits);
  }
  constexpr std::size_t kShares = 1000;  // of a point
  ProgressBar bar("cycles", kShares * rates.size());
  noc::SimulationOptions options = settings.options;
  options.progress = [&](std::uint64_t done, std::uint64_t all) {
    bar.show(kShares * (points.size() - 1) + kShares * done / all);
  };
  for (const double rate : rates) {
    const noc::Traffic offered = traffic.at_rate(rate);
    points.push_back({.rate = rate});
    if (model) {
      points.back().estimate = model->at(rate);
    } else {
      points.back().simulation = noc::simulate(settings.mesh, table, offered, options);
    }
  }
  return points;
}

void run_noc(NocFlags flags) {
  report::NocSettings& settings = flags.settings;
  if (!flags.mapping.hw.empty()) {
    flags.mapping.options.simulation = settings.options;
    return run_noc_mapping(flags.mapping, flags.json);
  }
  const noc::Topology topology = noc::parse_size(flags.mesh);
  settings.mesh.columns = topology.columns();
  settings.mesh.rows = topology.rows();
  noc::require_mesh(settings.mesh);
  static_cast<void>(noc::energy_preset(settings.mesh.energy));
  const std::vector<double> rates =
      flags.rate ? noc::parse_rates(*flags.rate) : std::vector<double>{};
  const noc::Traffic traffic = read_traffic(topology, settings.pattern);
  const noc::RoutingTable table = read_routing(topology, settings.routing);
  const auto print = [&](const auto& result) {
    if (flags.json) {
      print_json(report::noc_json(settings, result));
    } else {
      fmt::print("{}", report::noc_text(settings, result));
    }
  };
  if (flags.saturation) {
    print(settings.analytical
              ? noc::AnalyticalModel(settings.mesh, table, traffic, settings.options.packet_flits)
                    .saturation()
              : noc::find_saturation(settings.mesh, table, traffic, settings.options));
  } else {
    print(run_points(settings, table, traffic,
                     rates.empty() ? std::vector<double>{traffic.mean_rate()} : rates));
  }
}

}  // namespace

void add_noc(CLI::App& app) {
  auto* verb = app.add_subcommand("noc", "Latency, throughput and energy of a network-on-chip");
  const auto flags = std::make_shared<NocFlags>();
  report::NocSettings& settings = flags->settings;
  verb->add_option("--mesh", flags->mesh, "COLUMNSxROWS")->capture_default_str();
  verb->add_option(
          "--pattern", settings.pattern,
          "uniform, transpose, hotspot, bitcomp, neighbor, matrix:FILE of rates or volumes by "
          "(source, destination), or what a sparse network sends: "
          "masks:units=1000/1000/10,tiles=16/16/1,density=0.1,sigma=1,seed=1")
      ->capture_default_str();
  auto* rate = verb->add_option("--rate", flags->rate,
                                "Flits per node and cycle, or FROM:TO:STEP. Default: 0.1, or what "
                                "the matrix says");
  verb->add_flag("--saturation", flags->saturation, "Search the rate that the mesh can take")
      ->excludes(rate);
  verb->add_option("--packet", settings.options.packet_flits, "Flits of a packet")
      ->capture_default_str();
  verb->add_option("--vcs", settings.mesh.router.vcs, "Virtual channels of an input")
      ->capture_default_str();
  verb->add_option("--buffer", settings.mesh.router.buffer_flits, "Flits of a virtual channel")
      ->capture_default_str();
  verb->add_flag("--look-ahead", settings.mesh.router.look_ahead,
                 "Route a router ahead: 4 cycles per router instead of 5");
  verb->add_option("--routing", settings.routing, "xy, yx, or a file of ROUTER DESTINATION PORT")
      ->capture_default_str();
  verb->add_option("--warmup", settings.options.warmup_cycles, "Cycles before the measured ones")
      ->check(CLI::Range(std::uint64_t{0}, kMostCycles))
      ->capture_default_str();
  verb->add_option("--cycles", settings.options.measured_cycles, "Cycles that are measured")
      ->check(CLI::Range(std::uint64_t{1}, kMostCycles))
      ->capture_default_str();
  verb->add_option("--seed", settings.options.seed, "Of the packets")->capture_default_str();
  verb->add_option("--flit-bits", settings.mesh.flit_bits, "Width of a flit and a link")
      ->capture_default_str();
  verb->add_option("--link-mm", settings.mesh.link_mm, "Length of a link")->capture_default_str();
  verb->add_option("--energy", settings.mesh.energy,
                   "dsent-45, dsent-32, dsent-22, dsent-11, noxim-65 or booksim-32")
      ->capture_default_str();
  verb->add_flag("--analytical", settings.analytical, "Closed formulas instead of cycles");
  add_noc_mapping_options(*verb, flags->mapping);
  add_json_flag(*verb, flags->json);
  verb->callback([flags] { run_noc(*flags); });
}

}  // namespace sheaf::cli
