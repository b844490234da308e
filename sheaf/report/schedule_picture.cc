// SPDX-License-Identifier: Apache-2.0
#include "sheaf/report/schedule_picture.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <vector>

#include "sheaf/report/colours.h"
#include "sheaf/report/table.h"
#include "sheaf/report/xml_text.h"

namespace sheaf::report {
namespace {

using graph::NodeId;

constexpr double kStepX = 34;
constexpr double kStepY = 46;
constexpr double kMargin = 30;
constexpr double kTitleHeight = 64;
constexpr double kRadius = 11;

struct Point {
  double x = 0;
  double y = 0;
  bool beside = false;  // a head, drawn as a square beside the call that it reads
};

// Where every node goes, in steps; y grows with depth.
class Layout {
 public:
  explicit Layout(const graph::Graph& graph) : graph_(graph), points_(graph.size()) {
    find_heads();
    place();
    attach_heads();
    for (const Point& point : points_) {
      width_ = std::max(width_, point.x);
      height_ = std::max(height_, point.y);
    }
  }
  [[nodiscard]] const Point& at(NodeId node) const { return points_[node]; }
  [[nodiscard]] double width() const { return width_; }
  [[nodiscard]] double height() const { return height_; }

 private:
  void find_heads() {
    std::vector<bool> read(graph_.size(), false);
    for (NodeId v = 0; v < graph_.size(); ++v) {
      for (const graph::Operand& operand : graph_.operands(v)) read[operand.node] = true;
    }
    for (NodeId v = 0; v < graph_.size(); ++v) {
      const auto operands = graph_.operands(v);
      points_[v].beside = !read[v] && !operands.empty();
      for (const graph::Operand& operand : operands) {
        if (operand.node != operands[0].node) points_[v].beside = false;
      }
    }
  }

  // Sources from left to right as the graph was built; others above the middle of their operands,
  // moved right where it is crowded.
  void place() {
    std::map<double, double> next_x;  // by y
    double next_source = 0;
    for (NodeId v = 0; v < graph_.size(); ++v) {
      if (points_[v].beside) continue;
      Point& point = points_[v];
      const auto operands = graph_.operands(v);
      for (const graph::Operand& operand : operands) {
        point.x += points_[operand.node].x / static_cast<double>(operands.size());
        point.y = std::max(point.y, points_[operand.node].y + 1);
      }
      if (operands.empty()) {
        if (v > 0 && graph_.instance(v) != graph_.instance(v - 1)) next_source += 0.8;
        point.x = next_source++;
      }
      const auto [it, fresh] = next_x.try_emplace(point.y, point.x);
      point.x = std::max(point.x, it->second);
      it->second = point.x + 1;
    }
  }

  void attach_heads() {
    for (NodeId v = 0; v < graph_.size(); ++v) {
      if (!points_[v].beside) continue;
      const Point& read = points_[graph_.operands(v)[0].node];
      points_[v].x = read.x + 0.48;
      points_[v].y = read.y + 0.36;
    }
  }

  const graph::Graph& graph_;
  std::vector<Point> points_;
  double width_ = 0;
  double height_ = 0;
};

std::vector<std::size_t> batch_of_nodes(const graph::Graph& graph,
                                        const batching::Schedule& schedule) {
  std::vector<std::size_t> batch_of(graph.size(), 0);
  for (std::size_t b = 0; b < schedule.batches.size(); ++b) {
    for (const NodeId node : schedule.nodes(schedule.batches[b])) batch_of[node] = b;
  }
  return batch_of;
}

void draw_graph(const graph::Graph& graph, const Layout& layout, const ScheduleView& view,
                double left, std::string& svg) {
  const auto out = std::back_inserter(svg);
  const auto x = [&](NodeId v) { return left + layout.at(v).x * kStepX; };
  const auto y = [&](NodeId v) {
    return kTitleHeight + kMargin + (layout.height() - layout.at(v).y) * kStepY;
  };
  fmt::format_to(out,
                 "<text x=\"{:.0f}\" y=\"58\" font-size=\"16\" font-weight=\"bold\">{}: {} "
                 "batches</text>\n",
                 left - kRadius, xml_text(view.title), view.schedule->batches.size());
  for (NodeId v = 0; v < graph.size(); ++v) {
    for (const graph::Operand& operand : graph.operands(v)) {
      fmt::format_to(out, "<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\"/>\n", x(v),
                     y(v), x(operand.node), y(operand.node));
    }
  }
  const auto batch_of = batch_of_nodes(graph, *view.schedule);
  for (NodeId v = 0; v < graph.size(); ++v) {
    const std::string colour = colour_of(batch_of[v]);
    const std::string type = xml_text(graph.network().type(graph.type(v)).name);
    if (layout.at(v).beside) {
      fmt::format_to(out,
                     "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"14\" height=\"14\" rx=\"2\" "
                     "fill=\"{}\"><title>{}</title></rect>\n",
                     x(v) - 7, y(v) - 7, colour, type);
    } else {
      fmt::format_to(out,
                     "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{}\" fill=\"{}\">"
                     "<title>{}</title></circle>\n",
                     x(v), y(v), kRadius, colour, type);
    }
    fmt::format_to(out, "<text class=\"n\" x=\"{:.1f}\" y=\"{:.1f}\" font-size=\"{}\">{}</text>\n",
                   x(v), y(v) + 3.5, layout.at(v).beside ? 8 : 11, batch_of[v] + 1);
  }
}

}  // namespace

std::string to_svg(const graph::Graph& graph, std::span<const ScheduleView> views,
                   const std::string& title) {
  const Layout layout(graph);
  const double panel = layout.width() * kStepX + 2 * kMargin;
  const double width = panel * static_cast<double>(views.size());
  const double height = kTitleHeight + layout.height() * kStepY + 2 * kMargin;
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0:.0f}\" height=\"{1:.0f}\" "
      "viewBox=\"0 0 {0:.0f} {1:.0f}\" font-family=\"sans-serif\">\n"
      "<style>line{{stroke:#999;stroke-width:1.2}}circle,rect{{stroke:#333;stroke-width:0.8}}"
      ".n{{text-anchor:middle}}</style>\n"
      "<rect width=\"100%\" height=\"100%\" fill=\"white\" stroke=\"none\" "
      "style=\"stroke:none\"/>\n"
      "<text x=\"{2:.0f}\" y=\"26\" font-size=\"15\">{3}</text>\n",
      width, height, kMargin - kRadius, xml_text(title));
  for (std::size_t i = 0; i < views.size(); ++i) {
    draw_graph(graph, layout, views[i], kMargin + panel * static_cast<double>(i), svg);
  }
  return svg + "</svg>\n";
}

std::string to_text(const graph::Graph& graph, std::span<const ScheduleView> views) {
  Table table;
  std::size_t lines = 0;
  for (const ScheduleView& view : views) {
    table.head.push_back(fmt::format("{}: {} batches", view.title, view.schedule->batches.size()));
    lines = std::max(lines, view.schedule->batches.size());
  }
  std::vector<std::vector<std::string>> columns;
  std::size_t width = 0;
  for (const ScheduleView& view : views) {
    std::vector<std::string> column;
    for (std::size_t b = 0; b < view.schedule->batches.size(); ++b) {
      const batching::Batch& batch = view.schedule->batches[b];
      constexpr std::uint32_t kMostMarks = 24;
      std::string marks(std::min(batch.size(), kMostMarks), '#');
      if (batch.size() > kMostMarks) marks += "+";
      column.push_back(fmt::format("{:2} {:9} {:3} {}", b + 1,
                                   graph.network().type(batch.type).name, batch.size(), marks));
      width = std::max(width, column.back().size());
    }
    columns.push_back(std::move(column));
  }
  for (std::size_t i = 0; i < lines; ++i) {
    std::vector<std::string> row;
    for (const auto& column : columns) {
      row.push_back(fmt::format("{:{}}", i < column.size() ? column[i] : "", width));
    }
    table.rows.push_back(std::move(row));
  }
  for (std::string& head : table.head) head = fmt::format("{:{}}", head, width);
  return table.to_string();
}

}  // namespace sheaf::report
