// SPDX-License-Identifier: Apache-2.0
#include "sheaf/study/memory_report.h"

#include <fmt/format.h>

#include "sheaf/report/table.h"

namespace sheaf::study {
namespace {

nlohmann::ordered_json to_json(const CellMemory& cell) {
  nlohmann::ordered_json json;
  json["latency_us"] = cell.latency_us;
  json["compile_ms"] = cell.compile_ms;
  json["copy_kernels"] = cell.report.copy_kernels;
  json["copied_bytes"] = cell.copied_bytes;
  json["copied_bytes_per_node"] = cell.report.copied_bytes_per_node;
  json["copied_bytes_per_call"] = cell.report.copied_bytes_per_call;
  json["batches_found"] = cell.report.batches_found;
  json["batches_in_place"] = cell.report.batches_in_place;
  json["batches_dropped"] = cell.report.batches_dropped;
  json["broadcast_operands"] = cell.report.broadcast_operands;
  return json;
}

report::Table table_of(const std::vector<CellComparison>& cells) {
  report::Table table;
  table.head = {
      "cell",    "us unplanned", "us planned",         "ratio",     "copy kernels", "kB copied",
      "batches", "in place",     "broadcast operands", "compile ms"};
  for (const CellComparison& c : cells) {
    table.rows.push_back(
        {c.cell, fmt::format("{:.2f}", c.unplanned.latency_us),
         fmt::format("{:.2f}", c.planned.latency_us),
         fmt::format("{:.2f}", c.unplanned.latency_us / c.planned.latency_us),
         fmt::format("{} -> {}", c.unplanned.report.copy_kernels, c.planned.report.copy_kernels),
         fmt::format("{:.1f} -> {:.1f}", static_cast<double>(c.unplanned.copied_bytes) * 1e-3,
                     static_cast<double>(c.planned.copied_bytes) * 1e-3),
         std::to_string(c.planned.report.batches_found),
         std::to_string(c.planned.report.batches_in_place),
         std::to_string(c.planned.report.broadcast_operands),
         fmt::format("{:.2f}", c.planned.compile_ms)});
  }
  return table;
}

}  // namespace

std::string memory_text(const std::vector<CellComparison>& cells, bool markdown) {
  const report::Table table = table_of(cells);
  return markdown ? table.to_markdown() : table.to_string();
}

nlohmann::ordered_json memory_json(const MemoryOptions& options,
                                   const std::vector<CellComparison>& cells) {
  nlohmann::ordered_json json;
  json["study"] = "memory";
  json["hidden"] = options.hidden;
  json["batch"] = options.batch;
  json["rounds"] = options.repeat;
  json["isa"] = options.isa;
  json["threads"] = 1;
  json["clock"] = "thread CPU time";
  for (const CellComparison& cell : cells) {
    json["cells"].push_back({{"cell", cell.cell},
                             {"unplanned", to_json(cell.unplanned)},
                             {"planned", to_json(cell.planned)}});
  }
  return json;
}

}  // namespace sheaf::study
