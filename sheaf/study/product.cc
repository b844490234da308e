// SPDX-License-Identifier: Apache-2.0
#include "sheaf/study/product.h"

#include <fmt/format.h>

#include <charconv>
#include <string_view>
#include <utility>

#include "sheaf/backend/cim/crossbar_products.h"
#include "sheaf/base/error.h"
#include "sheaf/base/rng.h"
#include "sheaf/report/product_picture.h"
#include "sheaf/target/read_chip.h"

namespace sheaf::study {
namespace {

using nlohmann::ordered_json;
using sim::crossbar::Format;
using sim::crossbar::ProductFlow;
using sim::crossbar::WeightEncoding;

// The numbers of one part of --weights, apart by blanks or commas.
std::vector<std::int32_t> numbers_of(std::string_view part) {
  std::vector<std::int32_t> numbers;
  while (true) {
    const std::size_t begin = part.find_first_not_of(" ,\t");
    if (begin == std::string_view::npos) return numbers;
    part.remove_prefix(begin);
    const std::string_view word = part.substr(0, part.find_first_of(" ,\t"));
    std::int32_t number = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
    if (error != std::errc() || end != word.data() + word.size()) {
      throw base::UsageError({.place = "--weights",
                              .what = "not a whole number of 32 bits",
                              .got = std::string(word),
                              .expected = "numbers such as 3 -2, outputs apart by ;"});
    }
    numbers.push_back(number);
    part.remove_prefix(word.size());
  }
}

void require(const char* place, std::size_t got, std::size_t least, std::size_t most,
             const char* what) {
  if (got >= least && got <= most) return;
  throw base::UsageError(
      {.place = place,
       .what = what,
       .got = std::to_string(got),
       .expected = least == most ? std::to_string(least) : fmt::format("{} to {}", least, most)});
}

// [inputs x outputs], as rows hold them.
struct Matrix {
  std::vector<std::int32_t> weights;
  std::uint32_t outputs = 0;
};

Matrix given(const std::string& text) {
  std::vector<std::vector<std::int32_t>> outputs;
  std::string_view rest = text;
  while (true) {
    const std::size_t end = rest.find(';');
    outputs.push_back(numbers_of(rest.substr(0, end)));
    require("--weights", outputs.back().size(), outputs[0].size(), outputs[0].size(),
            "outputs with different numbers of weights");
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  require("--weights", outputs[0].size(), 1, kMostProductRows, "weights of an output");
  Matrix matrix{.outputs = static_cast<std::uint32_t>(outputs.size())};
  for (std::size_t i = 0; i < outputs[0].size(); ++i) {
    for (const auto& output : outputs) matrix.weights.push_back(output[i]);
  }
  return matrix;
}

// `polarised` columns hold one sign.
Matrix random(const ProductOptions& options, const Format& format) {
  sim::crossbar::require_between("--rows", options.rows, 1, kMostProductRows);
  sim::crossbar::require_between("--outputs", options.outputs, 1, kMostProductColumns);
  Matrix matrix{.outputs = options.outputs};
  base::Rng rng(options.seed, "weights");
  const std::uint32_t half = 1U << (format.weight_bits - 1);
  const bool one_sign = format.encoding == WeightEncoding::polarised;
  for (std::size_t i = 0; i < std::size_t{options.rows} * options.outputs; ++i) {
    const std::uint32_t draw = rng.below(one_sign ? half : 2 * half - 1);
    matrix.weights.push_back(static_cast<std::int32_t>(draw) -
                             (one_sign ? 0 : static_cast<std::int32_t>(half - 1)));
  }
  return matrix;
}

std::vector<std::int32_t> random_inputs(const ProductOptions& options, const Format& format,
                                        std::size_t count) {
  base::Rng rng(options.seed, "inputs");
  std::vector<std::int32_t> inputs(count);
  const std::int32_t least = format.signed_inputs ? -(1 << (format.input_bits - 1)) : 0;
  for (std::int32_t& input : inputs) {
    input = least + static_cast<std::int32_t>(rng.below(1U << format.input_bits));
  }
  return inputs;
}

}  // namespace

ProductStudy study_product(const ProductOptions& options) {
  const target::Chip chip = target::read_chip(options.hw, options.set);
  const Format format = backend::cim::format_of(
      chip, {.input = chip.mapping.input_bits, .weight = chip.mapping.weight_bits});
  const Matrix matrix = options.weights.empty() ? random(options, format) : given(options.weights);
  const std::size_t rows = matrix.weights.size() / matrix.outputs;
  require("--weights", std::size_t{matrix.outputs} * slices(format) * polarities(format), 1,
          kMostProductColumns, "too many columns for a picture");
  if (!options.inputs.empty()) {
    require("--inputs", options.inputs.size(), rows, rows, "wrong number of inputs");
  }
  return {.chip = chip.name,
          .flow = trace_product(
              format, matrix.weights, matrix.outputs,
              options.inputs.empty() ? random_inputs(options, format, rows) : options.inputs)};
}

std::string product_text(const ProductStudy& study) {
  const ProductFlow& flow = study.flow;
  return fmt::format(
             "{}: {}, weights of {} bits in cells of {}, inputs of {} bits in {} reads, converters "
             "of {} bits\n\n",
             study.chip,
             target::kWeightEncodingNames.at(static_cast<std::size_t>(flow.format.encoding)),
             flow.format.weight_bits, flow.format.cell_bits, flow.format.input_bits,
             flow.cycles.size(), flow.format.adc_bits) +
         report::product_to_text(flow) +
         fmt::format("{} conversions, {} saturated\n", flow.readings.size(), flow.saturated());
}

ordered_json product_json(const ProductStudy& study) {
  const ProductFlow& flow = study.flow;
  ordered_json columns = ordered_json::array();
  for (const ProductFlow::Column& column : flow.columns) {
    columns.push_back(
        {{"output", column.output}, {"shift", column.shift}, {"negative", column.polarity == 1}});
  }
  ordered_json readings = ordered_json::array();
  for (std::size_t i = 0; i < flow.readings.size(); ++i) {
    const std::size_t read = i / flow.columns.size();
    readings.push_back({{"first_row", flow.groups[read / flow.cycles.size()].first},
                        {"read", read % flow.cycles.size()},
                        {"column", i % flow.columns.size()},
                        {"sum", flow.readings[i].sum},
                        {"code", flow.readings[i].code},
                        {"adds", flow.readings[i].adds}});
  }
  return {{"chip", study.chip},           {"inputs", flow.x},
          {"weights", flow.weights},      {"outputs", flow.outputs},
          {"columns", columns},           {"cells", flow.cells},
          {"digits", flow.digits},        {"readings", readings},
          {"digital", flow.digital},      {"y", flow.y},
          {"exact", flow.product},        {"conversions", flow.readings.size()},
          {"saturated", flow.saturated()}};
}

}  // namespace sheaf::study
