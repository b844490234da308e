// SPDX-License-Identifier: Apache-2.0
#include "sheaf/report/product_picture.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>
#include <vector>

#include "sheaf/report/svg_text.h"
#include "sheaf/report/table.h"

namespace sheaf::report {
namespace {

using sim::crossbar::Cycle;
using sim::crossbar::ProductFlow;
using sim::crossbar::WeightEncoding;

std::string factor_of(const Cycle& cycle) {
  return fmt::format("{}{}", cycle.negative ? "-" : "", std::int64_t{1} << cycle.first_bit);
}

std::string column_name(const ProductFlow::Column& column) {
  return fmt::format("{}{}", column.polarity == 1 ? "-" : "", std::int64_t{1} << column.shift);
}

std::string reading_text(const ProductFlow::Reading& reading) {
  if (reading.code == reading.sum) return fmt::format("{}", reading.code);
  return fmt::format("{} of {}", reading.code, reading.sum);
}

// From white to blue.
std::string level_colour(double share) {
  const auto between = [&](int light, int dark) {
    return static_cast<int>(std::lround(light + share * (dark - light)));
  };
  return fmt::format("#{:02x}{:02x}{:02x}", between(0xf7, 0x2b), between(0xf9, 0x6c),
                     between(0xfc, 0xb0));
}

// What is added besides the readings, in words.
std::string digital_text(const ProductFlow& flow, std::uint32_t output) {
  return fmt::format("readings {:+}, digital {:+}", flow.y[output] - flow.digital[output],
                     flow.digital[output]);
}

std::string result_text(const ProductFlow& flow, std::uint32_t output) {
  const std::string wrong =
      flow.y[output] == flow.product[output] ? "" : fmt::format(", not {}", flow.product[output]);
  return fmt::format("y{} = {}{}", output, flow.y[output], wrong);
}

constexpr double kCell = 28;
constexpr double kMargin = 20;
constexpr double kTop = 96;
constexpr double kGap = 64;  // between outputs, with the weight in it

class Drawing {
 public:
  explicit Drawing(const ProductFlow& flow) : flow_(flow) {
    digits_left_ = kMargin + 66;
    double x = digits_left_ + kCell * static_cast<double>(flow.cycles.size());
    for (std::size_t c = 0; c < flow.columns.size(); ++c) {
      if (c == 0 || flow.columns[c].output != flow.columns[c - 1].output) x += kGap;
      lefts_.push_back(x);
      x += kCell;
    }
    // Results may be wider than the columns of one output.
    width_ = std::max(x, lefts_.back() + 200) + kMargin;
    cells_bottom_ = row_top(flow.inputs - 1) + kCell;
    readings_top_ = cells_bottom_ + 66;
    height_ =
        readings_top_ + 20 * static_cast<double>(flow.groups.size() * flow.cycles.size()) + 76;
  }

  std::string draw() {
    SvgText svg(width_, height_);
    svg.title(
        kMargin,
        fmt::format("{} x {} weights of {} bits in cells of {}, inputs of {} bits in "
                    "{} reads, converters of {} bits",
                    flow_.inputs, flow_.outputs, flow_.format.weight_bits, flow_.format.cell_bits,
                    flow_.format.input_bits, flow_.cycles.size(), flow_.format.adc_bits));
    inputs(svg);
    cells(svg);
    readings(svg);
    results(svg);
    return svg.done();
  }

 private:
  [[nodiscard]] std::size_t group_of(std::uint32_t row) const {
    std::size_t group = 0;
    while (row >= flow_.groups[group].first + flow_.groups[group].count) ++group;
    return group;
  }
  [[nodiscard]] double row_top(std::uint32_t row) const {
    return kTop + kCell * row + 10 * static_cast<double>(group_of(row));
  }
  [[nodiscard]] bool starts_output(std::size_t c) const {
    return c == 0 || flow_.columns[c].output != flow_.columns[c - 1].output;
  }

  void inputs(SvgText& svg) const {
    svg.text(kMargin, kTop - 34, "input", " font-weight=\"bold\"");
    svg.text(digits_left_, kTop - 34, "its digits, a read each", " font-weight=\"bold\"");
    for (std::size_t t = 0; t < flow_.cycles.size(); ++t) {
      svg.text(digits_left_ + kCell * (static_cast<double>(t) + 0.5), kTop - 10,
               factor_of(flow_.cycles[t]), " text-anchor=\"middle\" fill=\"#555555\"");
    }
    for (std::uint32_t row = 0; row < flow_.inputs; ++row) {
      const double y = row_top(row);
      svg.text(digits_left_ - 10, y + 19, fmt::format("x{} = {}", row, flow_.x[row]),
               " text-anchor=\"end\"");
      for (std::size_t t = 0; t < flow_.cycles.size(); ++t) {
        const std::uint32_t digit = flow_.digits[t * flow_.inputs + row];
        square(svg, digits_left_ + kCell * static_cast<double>(t), y,
               digit == 0 ? "#f2f2f2" : "#ffd27f", std::to_string(digit), "black");
      }
      svg.line(digits_left_ + kCell * static_cast<double>(flow_.cycles.size()), y + kCell / 2,
               lefts_.back() + kCell, y + kCell / 2, " stroke=\"#999999\"");
    }
  }

  void cells(SvgText& svg) const {
    const double highest = (1 << flow_.format.cell_bits) - 1;
    for (std::size_t c = 0; c < flow_.columns.size(); ++c) {
      const ProductFlow::Column& column = flow_.columns[c];
      if (starts_output(c)) {
        svg.text(lefts_[c], kTop - 34, fmt::format("output {}", column.output),
                 " font-weight=\"bold\"");
      }
      svg.text(lefts_[c] + kCell / 2, kTop - 10, column_name(column),
               " text-anchor=\"middle\" fill=\"#555555\"");
      svg.line(lefts_[c] + kCell / 2, kTop, lefts_[c] + kCell / 2, cells_bottom_ + 12,
               " stroke=\"#999999\"");
      for (std::uint32_t row = 0; row < flow_.inputs; ++row) {
        const double y = row_top(row);
        const std::int32_t cell = flow_.cells[row * flow_.columns.size() + c];
        const double share = highest > 0 ? std::abs(cell) / highest : 0;
        square(svg, lefts_[c], y, level_colour(share), std::to_string(cell),
               share > 0.6 ? "white" : "black");
        if (!starts_output(c)) continue;
        const std::string weight =
            fmt::format("{}", flow_.weights[std::size_t{row} * flow_.outputs + column.output]);
        svg.add("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"16\" fill=\"white\"/>\n",
                lefts_[c] - 14 - text_width(weight), y + 6, text_width(weight) + 8);
        svg.text(lefts_[c] - 10, y + 19, weight, " text-anchor=\"end\" fill=\"#0072b2\"");
      }
      converter(svg, c);
    }
  }

  // A converter under a column, and whether the column is upside down.
  void converter(SvgText& svg, std::size_t c) const {
    const double x = lefts_[c] + 2;
    const double y = cells_bottom_ + 12;
    const bool flipped = std::any_of(flow_.groups.begin(), flow_.groups.end(),
                                     [&, g = std::size_t{0}](const auto&) mutable {
                                       return flow_.flipped[g++ * flow_.columns.size() + c];
                                     });
    svg.add(
        "<path d=\"M{:.1f} {:.1f} h{:.1f} l-5 16 h-{:.1f} z\" fill=\"{}\" stroke=\"#666666\"/>\n",
        x, y, kCell - 4, kCell - 14, flipped ? "#cc79a7" : "#e6f2fa");
    svg.text(x + kCell / 2 - 2, y + 12, flipped ? "flip" : "ADC",
             " text-anchor=\"middle\" font-size=\"8\"");
  }

  void readings(SvgText& svg) const {
    svg.text(kMargin, readings_top_ - 18, "what the converters return", " font-weight=\"bold\"");
    double y = readings_top_;
    for (std::size_t g = 0; g < flow_.groups.size(); ++g) {
      for (std::size_t t = 0; t < flow_.cycles.size(); ++t, y += 20) {
        const std::string rows =
            flow_.groups.size() == 1
                ? ""
                : fmt::format("rows {} to {}, ", flow_.groups[g].first,
                              flow_.groups[g].first + flow_.groups[g].count - 1);
        svg.text(kMargin, y, fmt::format("{}read {}: x {}", rows, t, factor_of(flow_.cycles[t])));
        for (std::size_t c = 0; c < flow_.columns.size(); ++c) {
          const ProductFlow::Reading& reading = flow_.reading(g, t, c);
          const bool saturated = reading.code != reading.sum;
          svg.add(
              "<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\"{}>{}<title>sum {}, "
              "converted {}, adds {}</title></text>\n",
              lefts_[c] + kCell / 2, y, saturated ? " fill=\"#d00000\" font-weight=\"bold\"" : "",
              reading.code, reading.sum, reading.code, reading.adds);
        }
      }
    }
  }

  void results(SvgText& svg) const {
    const double y = height_ - 40;
    svg.line(kMargin, y - 30, width_ - kMargin, y - 30, " stroke=\"#999999\"");
    svg.text(kMargin, y, "all readings, shifted and added", " font-weight=\"bold\"");
    for (std::size_t c = 0; c < flow_.columns.size(); ++c) {
      if (!starts_output(c)) continue;
      const std::uint32_t output = flow_.columns[c].output;
      const bool wrong = flow_.y[output] != flow_.product[output];
      svg.text(lefts_[c], y, result_text(flow_, output),
               wrong ? " font-weight=\"bold\" fill=\"#d00000\"" : " font-weight=\"bold\"");
      svg.text(lefts_[c], y + 18, digital_text(flow_, output), " font-size=\"10\"");
    }
  }

  static void square(SvgText& svg, double x, double y, const std::string& fill,
                     const std::string& text, const char* colour) {
    svg.add(
        "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{}\" height=\"{}\" fill=\"{}\" "
        "stroke=\"#666666\"/>\n",
        x + 2, y + 2, kCell - 4, kCell - 4, fill);
    svg.add("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\" fill=\"{}\">{}</text>\n",
            x + kCell / 2, y + 19, colour, text);
  }

  const ProductFlow& flow_;
  std::vector<double> lefts_;  // of columns
  double digits_left_ = 0;
  double cells_bottom_ = 0;
  double readings_top_ = 0;
  double width_ = 0;
  double height_ = 0;
};

std::string cells_table(const ProductFlow& flow) {
  Table table;
  table.head = {"row", "input", "digits"};
  for (std::size_t c = 0; c < flow.columns.size(); ++c) {
    const ProductFlow::Column& column = flow.columns[c];
    if (c == 0 || column.output != flow.columns[c - 1].output) {
      table.head.push_back(fmt::format("w{}", column.output));
    }
    table.head.push_back(column_name(column));
  }
  for (std::uint32_t row = 0; row < flow.inputs; ++row) {
    std::string digits;
    for (std::size_t t = 0; t < flow.cycles.size(); ++t) {
      digits += fmt::format("{}{}", t == 0 ? "" : " ", flow.digits[t * flow.inputs + row]);
    }
    std::vector<std::string> line = {std::to_string(row), std::to_string(flow.x[row]), digits};
    for (std::size_t c = 0; c < flow.columns.size(); ++c) {
      const std::uint32_t output = flow.columns[c].output;
      if (c == 0 || output != flow.columns[c - 1].output) {
        line.push_back(std::to_string(flow.weights[std::size_t{row} * flow.outputs + output]));
      }
      line.push_back(std::to_string(flow.cells[row * flow.columns.size() + c]));
    }
    table.rows.push_back(line);
  }
  return table.to_string();
}

std::string readings_table(const ProductFlow& flow) {
  Table table;
  table.head = {"rows", "read", "counts"};
  for (const ProductFlow::Column& column : flow.columns) {
    table.head.push_back(fmt::format("y{} x {}", column.output, column_name(column)));
  }
  for (std::size_t g = 0; g < flow.groups.size(); ++g) {
    const auto& rows = flow.groups[g];
    for (std::size_t t = 0; t < flow.cycles.size(); ++t) {
      std::vector<std::string> line = {
          fmt::format("{}-{}", rows.first, rows.first + rows.count - 1), std::to_string(t),
          factor_of(flow.cycles[t])};
      for (std::size_t c = 0; c < flow.columns.size(); ++c) {
        const bool flipped = flow.flipped[g * flow.columns.size() + c];
        line.push_back((flipped ? "flipped " : "") + reading_text(flow.reading(g, t, c)));
      }
      table.rows.push_back(line);
    }
  }
  return table.to_string();
}

}  // namespace

std::string product_to_svg(const ProductFlow& flow) { return Drawing(flow).draw(); }

std::string product_to_text(const ProductFlow& flow) {
  std::string text = "cells\n" + cells_table(flow) + "\nreadings\n" + readings_table(flow) + "\n";
  for (std::uint32_t output = 0; output < flow.outputs; ++output) {
    text += fmt::format("{} ({})\n", result_text(flow, output), digital_text(flow, output));
  }
  return text;
}

}  // namespace sheaf::report
