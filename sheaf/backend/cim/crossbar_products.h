// SPDX-License-Identifier: Apache-2.0
//
// The products of a quantised graph in the simulated crossbars of a chip: values as its cells and
// converters give them, and how often they convert. Everything else of the graph runs on the host.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "sheaf/runtime/integer_products.h"
#include "sheaf/sim/crossbar/exact.h"
#include "sheaf/target/chip.h"

namespace sheaf::backend::cim {

// How numbers become bits on `chip` with factors of these widths instead of those of its mapping.
// Inputs are two's complement. Throws UnsupportedError for chips without crossbars.
[[nodiscard]] sim::crossbar::Format format_of(const target::Chip& chip, tensor::Bits bits);

// Sums that saturated columns or cells that conduct too much make of others may not fit.
[[nodiscard]] constexpr std::int32_t to_int32(std::int64_t sum) {
  return static_cast<std::int32_t>(std::clamp<std::int64_t>(sum, INT32_MIN, INT32_MAX));
}

// A matrix as crossbars hold it: [inputs x outputs], input i drives row i.
struct PlacedMatrix {
  sim::crossbar::Format format;  // its rows are those of whole blocks
  std::vector<std::int32_t> weights;
};

// Throws as format_of(), and UnsupportedError for blocks that are larger than a crossbar.
[[nodiscard]] PlacedMatrix place(const target::Chip& chip, const runtime::IntegerMatrix& matrix);

// What one matrix did in one batch.
struct ProductUse {
  graph::ParameterId parameter = 0;
  graph::TypeId type = 0;
  std::uint32_t batch = 0;  // runtime::IntegerCall::batch
  std::uint64_t nodes = 0;  // that the batch has; counted once
  std::uint64_t vectors = 0;
  sim::crossbar::Conversions conversions;
};

// Block-circulant matrices are placed as dense ones here: strips of whole blocks add up the same
// products column by column, so that values and conversions are those of rotated inputs
// (docs/mapping.md).
class CrossbarProducts final : public runtime::IntegerProducts {
 public:
  // `isa`: of the kernels of sim/crossbar; changes no bit.
  explicit CrossbarProducts(target::Chip chip, std::string isa = "auto");

  void prepare(const runtime::IntegerMatrix& matrix) override;
  void multiply(const runtime::IntegerCall& call) noexcept override;

  // Since the last clear(), in the order of the calls; calls of one batch and matrix are one use.
  [[nodiscard]] std::span<const ProductUse> uses() const { return uses_; }
  [[nodiscard]] sim::crossbar::Conversions conversions() const;
  void clear() { uses_.clear(); }

  [[nodiscard]] const target::Chip& chip() const { return chip_; }
  [[nodiscard]] const std::string& name(graph::ParameterId parameter) const;

 private:
  struct Matrix {
    std::string name;
    std::uint64_t version;
    std::unique_ptr<sim::crossbar::ExactProduct> product;
  };

  target::Chip chip_;
  std::string isa_;
  std::map<graph::ParameterId, Matrix> matrices_;
  std::vector<ProductUse> uses_;
  std::vector<std::int32_t> inputs_;
  std::vector<std::int64_t> sums_;
};

}  // namespace sheaf::backend::cim
