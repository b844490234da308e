// SPDX-License-Identifier: Apache-2.0
//
// The product of a matrix in crossbars with integer inputs, bit by bit as the hardware makes it:
//
//   y[o] = sum over groups of rows g, slices s, polarities p and cycles c of
//          (-1)^p 2^(s cell_bits) 2^shift(c) convert(sum over rows r of g of cell[s,p,r,o]
//          digit[c,r])
//
// A cycle of the sign bit counts negative. What is added up digitally is exact: with `offset`, less
// 2^(B-1) times the sum of the inputs; a column that is stored upside down counts negative, and the
// highest level times the sum of its rows' inputs is added. With converters that never saturate it
// is W x.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "sheaf/base/thread_pool.h"
#include "sheaf/sim/crossbar/format.h"
#include "sheaf/sim/crossbar/kernel.h"
#include "sheaf/sim/crossbar/packed.h"

namespace sheaf::sim::crossbar {

struct Conversions {
  std::uint64_t reads = 0;        // groups of rows that were driven, times cycles, times vectors
  std::uint64_t conversions = 0;  // columns that were converted
  std::uint64_t saturated = 0;    // of them, those that lost something

  Conversions& operator+=(const Conversions& more) {
    reads += more.reads;
    conversions += more.conversions;
    saturated += more.saturated;
    return *this;
  }
  friend bool operator==(const Conversions&, const Conversions&) = default;
};

struct RunOptions {
  std::string_view isa = "auto";         // kernel.h; results and counts are the same for all
  base::ThreadPool* pool = nullptr;      // none: the calling thread
  const KernelTable* kernels = nullptr;  // instead of those of `isa`: chosen before
};

class ExactProduct {
 public:
  // `weights` [inputs x outputs], row-major: input i drives row i. Throws UsageError when the
  // format or a weight is out of range, or `polarised` meets mixed signs.
  ExactProduct(const Format& format, std::span<const std::int32_t> weights, std::uint32_t outputs);

  // `inputs` [vectors x inputs] -> `out` [vectors x outputs], both row-major. Throws UsageError
  // when an input is out of the format's range, or sizes disagree.
  Conversions multiply(std::span<const std::int32_t> inputs, std::span<std::int64_t> out,
                       const RunOptions& options = {}) const;

  // What multiply() returns but for `saturated`.
  [[nodiscard]] Conversions conversions(std::uint64_t vectors) const;

  // Throws UsageError unless multiply() takes these inputs and so many outputs.
  void require(std::span<const std::int32_t> inputs, std::size_t out_size) const;
  // Adds what is not read from columns: the digital parts of `offset` and of flipped columns.
  void add_digital(std::span<const std::int32_t> inputs, std::span<std::int64_t> out) const;

  [[nodiscard]] const Format& format() const { return format_; }
  [[nodiscard]] std::uint32_t inputs() const { return inputs_; }
  [[nodiscard]] std::uint32_t outputs() const { return outputs_; }
  [[nodiscard]] const PackedWeights& packed() const { return packed_; }
  // Whether all sums fit what the vector kernels hold; else a plain loop computes the same.
  [[nodiscard]] bool vectorised() const { return vectorised_; }

 private:
  struct Task;
  std::uint64_t run_block(const Task& task, std::size_t block, std::size_t first) const;
  std::uint64_t multiply_plainly(std::span<const std::int32_t> inputs,
                                 std::span<std::int64_t> out) const;

  Format format_;
  std::uint32_t inputs_;
  std::uint32_t outputs_;
  std::vector<Cycle> cycles_;
  PackedWeights packed_;
  // [groups x outputs]: how often the sum of a group's inputs counts in an output besides what its
  // columns read. Empty: never.
  std::vector<std::int64_t> digital_;
  bool vectorised_ = false;
  bool wide_ = false;
};

}  // namespace sheaf::sim::crossbar
