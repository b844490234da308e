// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <numeric>

#include "sheaf/base/error.h"
#include "sheaf/sim/noc/lines.h"
#include "sheaf/sim/noc/traffic.h"

namespace sheaf::sim::noc {
namespace {

constexpr double kMostValue = 1e15;  // sums of all pairs stay finite, and exact for whole numbers

class Reader {
 public:
  Reader(const std::string& path, std::uint32_t nodes)
      : path_(path), nodes_(nodes), values_(std::size_t{nodes} * nodes) {}

  void read_row(const Line& line) {
    if (rows_ == nodes_) fail(line, "too many lines", std::to_string(rows_ + 1), count_of("lines"));
    for (std::uint32_t i = 0; i < nodes_; ++i) {
      values_[std::size_t{rows_} * nodes_ + i] = value(line, line.words[i]);
    }
    ++rows_;
  }

  void read_pair(const Line& line) {
    const std::size_t source = node(line, line.words[0]);
    const std::size_t destination = node(line, line.words[1]);
    values_[source * nodes_ + destination] += value(line, line.words[2]);
  }

  [[nodiscard]] std::uint32_t rows() const { return rows_; }
  [[nodiscard]] std::string count_of(const std::string& what) const {
    return std::to_string(nodes_) + " " + what + ", one per node";
  }
  [[nodiscard]] std::vector<double> take() { return std::move(values_); }

  [[noreturn]] void fail(const Line& line, const std::string& what, const std::string& got,
                         const std::string& expected) const {
    throw base::DataError({.place = path_ + ":" + std::to_string(line.number),
                           .what = what,
                           .got = got,
                           .expected = expected});
  }

 private:
  [[nodiscard]] double value(const Line& line, std::string_view word) const {
    double number = 0;
    if (!read_number(word, number) || !(number >= 0 && number <= kMostValue)) {
      fail(line, "wrong volume", quoted(word), "a number from 0 to 1e15");
    }
    return number;
  }

  [[nodiscard]] std::size_t node(const Line& line, std::string_view word) const {
    double number = 0;
    if (!read_number(word, number) || !(number >= 0 && number < nodes_) ||
        number != std::floor(number)) {
      fail(line, "not a node", quoted(word), "0 to " + std::to_string(nodes_ - 1));
    }
    return static_cast<std::size_t>(number);
  }

  const std::string& path_;
  std::uint32_t nodes_;
  std::uint32_t rows_ = 0;
  std::vector<double> values_;
};

}  // namespace

std::vector<double> parse_matrix(std::string_view text, const std::string& path,
                                 std::uint32_t nodes) {
  constexpr std::size_t kPairWords = 3;
  const std::vector<Line> lines = words_of(text);
  if (lines.empty()) {
    throw base::DataError({.place = path,
                           .what = "no traffic",
                           .got = "no line with numbers",
                           .expected = "a square matrix, or lines SOURCE DESTINATION VALUE"});
  }
  Reader reader(path, nodes);
  const bool matrix = nodes == kPairWords || lines.front().words.size() != kPairWords;
  for (const Line& line : lines) {
    const std::size_t expected = matrix ? nodes : kPairWords;
    if (line.words.size() != expected) {
      reader.fail(line, "wrong number of words", std::to_string(line.words.size()),
                  matrix ? reader.count_of("numbers") : "SOURCE DESTINATION VALUE");
    }
    matrix ? reader.read_row(line) : reader.read_pair(line);
  }
  if (matrix && reader.rows() != nodes) {
    reader.fail(lines.back(), "too few lines", std::to_string(reader.rows()),
                reader.count_of("lines"));
  }
  std::vector<double> values = reader.take();
  if (std::all_of(values.begin(), values.end(), [](double value) { return value == 0; })) {
    throw base::DataError(
        {.place = path, .what = "no traffic", .got = "only zeros", .expected = "a volume above 0"});
  }
  return values;
}

}  // namespace sheaf::sim::noc
