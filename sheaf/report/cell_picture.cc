// SPDX-License-Identifier: Apache-2.0
#include "sheaf/report/cell_picture.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "sheaf/memory_plan/cell_layout.h"
#include "sheaf/memory_plan/lower.h"
#include "sheaf/report/colours.h"
#include "sheaf/report/xml_text.h"

namespace sheaf::report {
namespace {

using graph::SlotId;
using graph::ValueId;
using memory_plan::CellLayout;
using memory_plan::LayoutMode;

constexpr std::size_t kNoBatch = ~std::size_t{0};
constexpr double kBox = 78;
constexpr double kRow = 62;
constexpr double kLeft = 20;

CellLayout layout_of(const graph::Cell& cell, LayoutMode mode) {
  const memory_plan::CellFacts facts(cell);
  return plan_cell_layout(cell, facts, find_cell_batches(cell, facts), mode);
}

std::string value_name(const graph::Cell& cell, ValueId v) {
  const graph::CellOp& op = cell.ops()[v];
  if (op.kind == ops::OpKind::input) return cell.inputs()[op.input].name;
  return fmt::format("%{} {}", v, ops::schema(op.kind).name);
}

// Batches by value and by parameter.
struct Colouring {
  Colouring(const graph::Cell& cell, const CellLayout& layout)
      : value(cell.ops().size(), kNoBatch), slot(cell.slots().size(), kNoBatch) {
    for (std::size_t b = 0; b < layout.batches.size(); ++b) {
      for (const ValueId v : layout.batches[b].ops) {
        value[v] = b;
        for (const SlotId s : cell.ops()[v].slots) slot[s] = b;
      }
    }
  }
  std::vector<std::size_t> value, slot;
};

class Drawing {
 public:
  explicit Drawing(const graph::Cell& cell)
      : cell_(cell),
        layout_(layout_of(cell, LayoutMode::planned)),
        colouring_(cell, layout_),
        width_(2 * kLeft +
               kBox * static_cast<double>(std::max({layout_.values.size(), layout_.slots.size(),
                                                    cell.ops().size(), std::size_t{8}}))) {}

  std::string draw() {
    const double height = 60 + 4 * kRow;
    add("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0:.0f}\" height=\"{1:.0f}\" "
        "viewBox=\"0 0 {0:.0f} {1:.0f}\" font-family=\"sans-serif\" font-size=\"10\">\n"
        "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n",
        width_, height);
    add("<text x=\"{}\" y=\"26\" font-size=\"15\">{}: memory before and after planning; one colour "
        "per batch</text>\n",
        kLeft, xml_text(cell_.name()));
    std::vector<SlotId> slots(cell_.slots().size());
    std::iota(slots.begin(), slots.end(), 0U);
    std::vector<ValueId> values;
    for (ValueId v = 0; v < cell_.ops().size(); ++v) values.push_back(v);
    row(0, "parameters, as declared", slots, colouring_.slot, true);
    row(1, "parameters, planned", layout_.slots, colouring_.slot, true);
    row(2, "values, as declared", values, colouring_.value, false);
    row(3, "values, planned", layout_.values, colouring_.value, false);
    return text_ + "</svg>\n";
  }

 private:
  template <typename... Values>
  void add(fmt::format_string<Values...> format, Values&&... values) {
    fmt::format_to(std::back_inserter(text_), format, std::forward<Values>(values)...);
  }

  void row(int number, const char* title, const std::vector<std::uint32_t>& items,
           const std::vector<std::size_t>& batch, bool parameters) {
    const double y = 46 + kRow * number;
    add("<text x=\"{}\" y=\"{:.0f}\" font-size=\"12\">{}</text>\n", kLeft, y + 8, title);
    for (std::size_t i = 0; i < items.size(); ++i) {
      const double x = kLeft + kBox * static_cast<double>(i);
      const std::string fill = batch[items[i]] == kNoBatch ? "#f2f2f2" : colour_of(batch[items[i]]);
      add("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{}\" height=\"28\" fill=\"{}\" "
          "stroke=\"#666\"/>",
          x, y + 14, kBox, fill);
      const std::string name =
          parameters ? cell_.slots()[items[i]].name : value_name(cell_, items[i]);
      add("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">{}</text>\n", x + kBox / 2,
          y + 32, xml_text(name));
    }
  }

  const graph::Cell& cell_;
  CellLayout layout_;
  Colouring colouring_;
  double width_;
  std::string text_;
};

std::string copies(const memory_plan::CellReport& report) {
  return fmt::format("{} copy kernels, {} bytes copied per node and {} per call",
                     report.copy_kernels, report.copied_bytes_per_node,
                     report.copied_bytes_per_call);
}

}  // namespace

std::string cell_to_svg(const graph::Cell& cell) { return Drawing(cell).draw(); }

std::string cell_to_text(const graph::Cell& cell) {
  const CellLayout layout = layout_of(cell, LayoutMode::planned);
  std::string text = "cell " + cell.name() + "\n";
  for (const CellLayout::Batch& batch : layout.batches) {
    text += fmt::format("  batch of {}:", ops::schema(batch.kind).name);
    for (const ValueId v : batch.ops) {
      text += fmt::format(" %{}", v);
      for (const SlotId slot : cell.ops()[v].slots) text += " " + cell.slots()[slot].name;
    }
    text += "\n";
  }
  text += "  parameters side by side:";
  for (const SlotId slot : layout.slots) text += " " + cell.slots()[slot].name;
  text += "\n  planned:   " + copies(memory_plan::lower(cell, LayoutMode::planned).report);
  text += "\n  unplanned: " + copies(memory_plan::lower(cell, LayoutMode::unplanned).report);
  return text + "\n";
}

}  // namespace sheaf::report
