// SPDX-License-Identifier: Apache-2.0
#include "sheaf/sim/noc/spec.h"

#include <charconv>
#include <cmath>
#include <string_view>

#include "sheaf/base/error.h"
#include "sheaf/sim/noc/lines.h"
#include "sheaf/sim/noc/traffic.h"

namespace sheaf::sim::noc {
namespace {

bool read_count(std::string_view word, std::uint32_t& value) {
  const auto [end, problem] = std::from_chars(word.data(), word.data() + word.size(), value);
  return problem == std::errc() && end == word.data() + word.size();
}

[[noreturn]] void refuse_rates(const std::string& text, const std::string& expected) {
  throw base::UsageError(
      {.place = "--rate", .what = "wrong rate", .got = quoted(text), .expected = expected});
}

std::vector<double> numbers_of(const std::string& text) {
  std::vector<double> numbers;
  std::string_view rest = text;
  while (true) {
    const std::size_t end = std::min(rest.find(':'), rest.size());
    double value = 0;
    if (!read_number(rest.substr(0, end), value)) refuse_rates(text, "a number, or FROM:TO:STEP");
    numbers.push_back(value);
    if (end == rest.size()) return numbers;
    rest.remove_prefix(end + 1);
  }
}

}  // namespace

Topology parse_size(const std::string& text) {
  const std::size_t cross = text.find('x');
  std::uint32_t columns = 0;
  std::uint32_t rows = 0;
  if (cross == std::string::npos || !read_count(std::string_view(text).substr(0, cross), columns) ||
      !read_count(std::string_view(text).substr(cross + 1), rows)) {
    throw base::UsageError({.place = "--mesh",
                            .what = "wrong size of a mesh",
                            .got = quoted(text),
                            .expected = "COLUMNSxROWS, 8x8 for instance"});
  }
  return Topology(columns, rows);
}

std::vector<double> parse_rates(const std::string& text) {
  const std::vector<double> numbers = numbers_of(text);
  if (numbers.size() == 1) {
    require_rate(numbers[0]);
    return numbers;
  }
  if (numbers.size() != 3) refuse_rates(text, "a number, or FROM:TO:STEP");
  const double from = numbers[0];
  const double to = numbers[1];
  const double step = numbers[2];
  require_rate(from);
  require_rate(to);
  if (!(from <= to) || !(step > 0)) refuse_rates(text, "FROM <= TO and STEP > 0");
  const double count = std::floor((to - from) / step + 1e-9) + 1;
  if (!(count <= static_cast<double>(kMostRates))) {
    refuse_rates(text, "at most " + std::to_string(kMostRates) + " rates");
  }
  std::vector<double> rates;
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
    rates.push_back(std::min(from + static_cast<double>(i) * step, to));
  }
  return rates;
}

}  // namespace sheaf::sim::noc
