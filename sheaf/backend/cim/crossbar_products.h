// SPDX-License-Identifier: Apache-2.0
//
// The products of a quantised graph in the simulated crossbars of a chip: values as its cells and
// converters give them, and how often they convert. Everything else of the graph runs on the host.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sheaf/backend/cim/counted_products.h"
#include "sheaf/sim/crossbar/exact.h"
#include "sheaf/sim/crossbar/kernel.h"
#include "sheaf/target/chip.h"

namespace sheaf::backend::cim {

// How numbers become bits on `chip` with factors of these widths instead of those of its mapping.
// Inputs are two's complement. Throws UnsupportedError for chips without crossbars.
[[nodiscard]] sim::crossbar::Format format_of(const target::Chip& chip, tensor::Bits bits);

// A matrix as crossbars hold it: [inputs x outputs], input i drives row i.
struct PlacedMatrix {
  sim::crossbar::Format format;  // its rows are those of whole blocks
  std::vector<std::int32_t> weights;
};

// Throws as format_of(), and UnsupportedError for blocks that are larger than a crossbar.
[[nodiscard]] PlacedMatrix place(const target::Chip& chip, const runtime::IntegerMatrix& matrix);

// Block-circulant matrices are placed as dense ones here: strips of whole blocks add up the same
// products column by column, so that values and conversions are those of rotated inputs
// (docs/mapping.md).
class CrossbarProducts final : public CountedProducts {
 public:
  // `isa`: the best of the kernels of sim/crossbar that it has, as sim::crossbar::best_kernels()
  // says; changes no bit. Throws UsageError for an unknown one.
  explicit CrossbarProducts(target::Chip chip, std::string_view isa = "auto");

  void prepare(const runtime::IntegerMatrix& matrix) override;

  [[nodiscard]] const target::Chip& chip() const { return chip_; }
  [[nodiscard]] const std::string& name(graph::ParameterId parameter) const;

 private:
  struct Matrix {
    std::string name;
    std::uint64_t version;
    std::unique_ptr<sim::crossbar::ExactProduct> product;
  };

  [[nodiscard]] Size size_of(graph::ParameterId parameter) const override;
  sim::crossbar::Conversions product(const runtime::IntegerCall& call,
                                     std::span<const std::int32_t> inputs,
                                     std::span<std::int64_t> sums) override;

  target::Chip chip_;
  const sim::crossbar::KernelTable& kernels_;
  std::map<graph::ParameterId, Matrix> matrices_;
};

}  // namespace sheaf::backend::cim
