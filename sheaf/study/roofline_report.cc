// SPDX-License-Identifier: Apache-2.0
#include "sheaf/study/roofline_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "sheaf/report/table.h"

namespace sheaf::study {
namespace {

// The parts of the pipeline, which add up to its time.
std::vector<std::pair<std::string, double>> parts_of(const Roofline& roofline) {
  double gather = 0;
  double product = 0;
  double region = 0;
  for (const TypeTime& type : roofline.types) {
    gather += type.gather_ns;
    product += type.product_ns;
    region += type.region_ns;
  }
  return {{"construct", roofline.construct_ns},
          {"schedule", roofline.schedule_ns},
          {"plan", roofline.plan_ns},
          {"gather", gather},
          {"products", product},
          {"regions", region},
          {"rest of execute", std::max(0.0, roofline.execute_ns - gather - product - region)},
          {"read", roofline.read_ns}};
}

double percent(double part, double whole) { return whole > 0 ? 100 * part / whole : 0; }

double ratio(double a, double b) { return b > 0 ? a / b : 0; }

report::Table cell_table(const Roofline& roofline) {
  report::Table table;
  table.head = {"type",           "rows",       "kflop",        "kB weights", "from",
                "kB activations", "from",       "us",           "us compute", "us bandwidth",
                "bound by",       "% of limit", "% of FMA peak"};
  for (const CellPoint& cell : roofline.cells) {
    table.rows.push_back(
        {cell.type, std::to_string(cell.rows), fmt::format("{:.1f}", cell.flops * 1e-3),
         fmt::format("{:.1f}", cell.weight_bytes * 1e-3), cell.weight_level,
         fmt::format("{:.1f}", cell.activation_bytes * 1e-3), cell.activation_level,
         fmt::format("{:.2f}", cell.ns * 1e-3), fmt::format("{:.2f}", cell.compute_ns * 1e-3),
         fmt::format("{:.2f}", cell.bandwidth_ns * 1e-3),
         cell.bandwidth_bound() ? "bandwidth" : "compute",
         fmt::format("{:.0f}", cell.percent_of_limit()),
         fmt::format("{:.0f}", percent(cell.compute_ns, cell.ns))});
  }
  return table;
}

report::Table part_table(const Roofline& roofline) {
  report::Table table{{"part", "us per instance", "%"}, {}};
  for (const auto& [name, ns] : parts_of(roofline)) {
    table.rows.push_back(
        {name, fmt::format("{:.2f}", ns * 1e-3 / static_cast<double>(roofline.instances)),
         fmt::format("{:.1f}", percent(ns, roofline.total_ns()))});
  }
  return table;
}

report::Table type_table(const Roofline& roofline) {
  report::Table table{{"type", "batches", "rows per batch", "% of time", "gather %", "products %",
                       "regions %", "GFLOP/s", "% of FMA peak"},
                      {}};
  for (const TypeTime& type : roofline.types) {
    if (type.batches == 0) continue;
    const double rate = ratio(type.flops, type.ns);
    table.rows.push_back(
        {type.type, std::to_string(type.batches),
         fmt::format("{:.1f}",
                     ratio(static_cast<double>(type.rows), static_cast<double>(type.batches))),
         fmt::format("{:.1f}", percent(type.ns, roofline.total_ns())),
         fmt::format("{:.0f}", percent(type.gather_ns, type.ns)),
         fmt::format("{:.0f}", percent(type.product_ns, type.ns)),
         fmt::format("{:.0f}", percent(type.region_ns, type.ns)), fmt::format("{:.1f}", rate),
         fmt::format("{:.0f}", percent(rate, roofline.fma_peak_gflops))});
  }
  return table;
}

double all_flops(const Roofline& roofline) {
  double flops = 0;
  for (const TypeTime& type : roofline.types) flops += type.flops;
  return flops;
}

}  // namespace

std::string roofline_text(const RooflineOptions& options, const Roofline& roofline, bool markdown) {
  const auto text_of = [markdown](const report::Table& table) {
    return markdown ? table.to_markdown() : table.to_string();
  };
  std::string text = fmt::format("{}, hidden {}, batch {}, policy {}, {}: FMA peak {:.0f} GFLOP/s",
                                 roofline.model, roofline.hidden, options.batch, options.policy,
                                 roofline.isa, roofline.fma_peak_gflops);
  for (const auto& level : roofline.levels) {
    text += fmt::format(", {} {:.0f} GB/s", level.name, level.gigabytes_per_s);
  }
  text += ". One thread, thread CPU time.\n\n";
  text += "Cells by themselves, by rows of a batch:\n\n" + text_of(cell_table(roofline));
  text += fmt::format(
      "\nThe whole pipeline, {} instances, {:.1f} % of the FMA peak:\n\n", roofline.instances,
      percent(ratio(all_flops(roofline), roofline.total_ns()), roofline.fma_peak_gflops));
  text += text_of(part_table(roofline));
  return text + "\nIts batches, by type:\n\n" + text_of(type_table(roofline));
}

nlohmann::ordered_json roofline_json(const RooflineOptions& options, const Roofline& roofline) {
  nlohmann::ordered_json json;
  json["study"] = "roofline";
  json["model"] = roofline.model;
  json["data"] = options.workload.data;
  json["hidden"] = roofline.hidden;
  json["batch"] = options.batch;
  json["policy"] = options.policy;
  json["rounds"] = options.repeat;
  json["isa"] = roofline.isa;
  json["threads"] = 1;
  json["clock"] = "thread CPU time";
  json["instances"] = roofline.instances;
  json["fma_peak_gflops"] = roofline.fma_peak_gflops;
  for (const auto& level : roofline.levels) {
    json["read_gigabytes_per_s"][std::string(level.name)] = level.gigabytes_per_s;
  }
  json["percent_of_fma_peak"] =
      percent(ratio(all_flops(roofline), roofline.total_ns()), roofline.fma_peak_gflops);
  for (const auto& [name, ns] : parts_of(roofline)) {
    json["parts"].push_back(
        {{"part", name}, {"ns", ns}, {"percent", percent(ns, roofline.total_ns())}});
  }
  for (const TypeTime& type : roofline.types) {
    json["types"].push_back({{"type", type.type},
                             {"batches", type.batches},
                             {"rows", type.rows},
                             {"flops", type.flops},
                             {"ns", type.ns},
                             {"gather_ns", type.gather_ns},
                             {"product_ns", type.product_ns},
                             {"region_ns", type.region_ns}});
  }
  for (const CellPoint& cell : roofline.cells) {
    json["cells"].push_back({{"type", cell.type},
                             {"rows", cell.rows},
                             {"flops", cell.flops},
                             {"weight_bytes", cell.weight_bytes},
                             {"weight_set_bytes", cell.weight_set_bytes},
                             {"weight_level", cell.weight_level},
                             {"activation_bytes", cell.activation_bytes},
                             {"activation_set_bytes", cell.activation_set_bytes},
                             {"activation_level", cell.activation_level},
                             {"ns", cell.ns},
                             {"compute_ns", cell.compute_ns},
                             {"bandwidth_ns", cell.bandwidth_ns},
                             {"percent_of_limit", cell.percent_of_limit()}});
  }
  return json;
}

report::RooflineChart roofline_chart(const Roofline& roofline) {
  report::RooflineChart chart{.title = fmt::format("{}, hidden {}: cells at 1, 2, 4, ... rows",
                                                   roofline.model, roofline.hidden),
                              .peak_gflops = roofline.fma_peak_gflops,
                              .levels = {},
                              .series = {}};
  for (const auto& level : roofline.levels) {
    chart.levels.push_back({std::string(level.name), level.gigabytes_per_s});
  }
  for (const CellPoint& cell : roofline.cells) {
    if (chart.series.empty() || chart.series.back().name != cell.type) {
      chart.series.push_back({cell.type, {}});
    }
    chart.series.back().points.push_back({fmt::format("{}, {} rows", cell.type, cell.rows),
                                          cell.flops_per_byte(), cell.flops / cell.ns});
  }
  return chart;
}

}  // namespace sheaf::study
