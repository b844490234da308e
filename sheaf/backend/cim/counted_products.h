// SPDX-License-Identifier: Apache-2.0
//
// What units that stand for crossbars share: rows in and out, accounts of what was converted, and
// where a fault goes that kernels may not throw.
#pragma once

#include <cstdint>
#include <exception>
#include <span>
#include <vector>

#include "sheaf/runtime/integer_products.h"
#include "sheaf/sim/crossbar/exact.h"

namespace sheaf::backend::cim {

// What one matrix did in one batch.
struct ProductUse {
  graph::ParameterId parameter = 0;
  graph::TypeId type = 0;
  std::uint32_t batch = 0;  // runtime::IntegerCall::batch
  std::uint64_t nodes = 0;  // that the batch has; counted once
  std::uint64_t vectors = 0;
  sim::crossbar::Conversions conversions;
};

class CountedProducts : public runtime::IntegerProducts {
 public:
  // Sums that do not fit 32 bits (of saturated columns, of cells that conduct too much) become the
  // nearest number that does. After a fault, such as lack of memory, sums are 0 and the fault is
  // kept for rethrow_fault().
  void multiply(const runtime::IntegerCall& call) noexcept final;

  // Throws what multiply() met first, if anything. Who uses a unit asks after every run.
  void rethrow_fault();

  // Since the last clear(), in the order of the calls; calls of one batch and matrix are one use.
  [[nodiscard]] std::span<const ProductUse> uses() const { return uses_; }
  [[nodiscard]] sim::crossbar::Conversions conversions() const;
  void clear() { uses_.clear(); }

 protected:
  struct Size {
    std::uint32_t inputs = 0;
    std::uint32_t outputs = 0;
  };
  // Of a matrix that was prepared.
  [[nodiscard]] virtual Size size_of(graph::ParameterId parameter) const = 0;
  // `inputs` [call.count x inputs] -> `sums` [call.count x outputs].
  virtual sim::crossbar::Conversions product(const runtime::IntegerCall& call,
                                             std::span<const std::int32_t> inputs,
                                             std::span<std::int64_t> sums) = 0;

 private:
  void multiply_and_count(const runtime::IntegerCall& call, const Size& size);
  void count(const runtime::IntegerCall& call, const sim::crossbar::Conversions& conversions);

  std::vector<ProductUse> uses_;
  std::vector<std::int32_t> inputs_;
  std::vector<std::int64_t> sums_;
  std::exception_ptr fault_;
};

}  // namespace sheaf::backend::cim
