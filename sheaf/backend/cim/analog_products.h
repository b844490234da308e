// SPDX-License-Identifier: Apache-2.0
//
// The products of a quantised graph in crossbars whose cells, wires and converters are not ideal:
// there to show what that does to a network's results.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "sheaf/backend/cim/counted_products.h"
#include "sheaf/sim/crossbar/analog.h"
#include "sheaf/target/chip.h"

namespace sheaf::backend::cim {

// Whether cells and wires are ideal: what CrossbarProducts takes them for. A chip without crossbars
// is.
[[nodiscard]] bool is_ideal(const target::Chip& chip);

// As CrossbarProducts, with the cells and wires of the chip's description. Sums are near those of
// integers, not equal. The cells of a weight follow from the seed and the parameter's name; the
// noise of a read (`cell.read_noise_sigma`) from the seed, the name, and what is read: the row's
// integers and its position (a column of a value, a pixel). So neither minibatch nor policy nor
// order show in a sum; two nodes with the same inputs meet the same noise.
class AnalogProducts final : public CountedProducts {
 public:
  // `compensate_leak`: take off what cells at level 0 conduct. `pool`, if any, must outlive it.
  explicit AnalogProducts(target::Chip chip, std::uint64_t seed, bool compensate_leak = true,
                          base::ThreadPool* pool = nullptr);

  // Throws as CrossbarProducts::prepare() does.
  void prepare(const runtime::IntegerMatrix& matrix) override;

 private:
  struct Matrix {
    Size size;
    std::unique_ptr<sim::crossbar::AnalogProduct> product;
  };

  [[nodiscard]] Size size_of(graph::ParameterId parameter) const override;
  sim::crossbar::Conversions product(const runtime::IntegerCall& call,
                                     std::span<const std::int32_t> inputs,
                                     std::span<std::int64_t> sums) override;

  target::Chip chip_;
  std::uint64_t seed_;
  bool compensate_leak_;
  base::ThreadPool* pool_;
  std::map<graph::ParameterId, Matrix> matrices_;
  std::vector<std::uint64_t> numbers_;  // of a call's rows
};

}  // namespace sheaf::backend::cim
