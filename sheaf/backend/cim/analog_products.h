// SPDX-License-Identifier: Apache-2.0
//
// The products of a quantised graph in crossbars whose cells, wires and converters are not ideal:
// there to show what that does to a network's results.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "sheaf/runtime/integer_products.h"
#include "sheaf/sim/crossbar/analog.h"
#include "sheaf/target/chip.h"

namespace sheaf::backend::cim {

// As CrossbarProducts, with the cells and wires of the chip's description. Sums are near those of
// integers, not equal. The cells of a weight follow from the seed and the parameter's name; the
// noise of a read from the number of rows that the weight has multiplied before, so that it
// depends on the order of the batches (noise only: `cell.read_noise_sigma` is 0 by default).
class AnalogProducts final : public runtime::IntegerProducts {
 public:
  // `compensate_leak`: take off what cells at level 0 conduct. `pool`, if any, must outlive it.
  explicit AnalogProducts(target::Chip chip, std::uint64_t seed, bool compensate_leak = true,
                          base::ThreadPool* pool = nullptr);

  // Throws as CrossbarProducts::prepare() does.
  void prepare(const runtime::IntegerMatrix& matrix) override;
  void multiply(const runtime::IntegerCall& call) noexcept override;

  [[nodiscard]] const sim::crossbar::Conversions& conversions() const { return conversions_; }

 private:
  struct Matrix {
    std::uint32_t inputs;
    std::uint32_t outputs;
    std::uint64_t rows = 0;  // that it has multiplied
    std::unique_ptr<sim::crossbar::AnalogProduct> product;
  };

  target::Chip chip_;
  std::uint64_t seed_;
  bool compensate_leak_;
  base::ThreadPool* pool_;
  std::map<graph::ParameterId, Matrix> matrices_;
  sim::crossbar::Conversions conversions_;
  std::vector<std::int32_t> inputs_;
  std::vector<std::int64_t> sums_;
};

}  // namespace sheaf::backend::cim
