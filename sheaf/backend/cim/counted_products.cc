// SPDX-License-Identifier: Apache-2.0
#include "sheaf/backend/cim/counted_products.h"

#include <algorithm>
#include <utility>

namespace sheaf::backend::cim {
namespace {

std::int32_t to_int32(std::int64_t sum) {
  return static_cast<std::int32_t>(std::clamp<std::int64_t>(sum, INT32_MIN, INT32_MAX));
}

}  // namespace

void CountedProducts::multiply(const runtime::IntegerCall& call) noexcept {
  Size size;
  try {
    size = size_of(call.parameter);
    multiply_and_count(call, size);
  } catch (...) {
    if (!fault_) fault_ = std::current_exception();
    for (std::uint32_t i = 0; i < call.count; ++i) {
      std::fill_n(call.sums + i * call.sum_stride, size.outputs, 0);
    }
  }
}

void CountedProducts::rethrow_fault() {
  if (fault_) std::rethrow_exception(std::exchange(fault_, nullptr));
}

sim::crossbar::Conversions CountedProducts::conversions() const {
  sim::crossbar::Conversions all;
  for (const ProductUse& use : uses_) all += use.conversions;
  return all;
}

void CountedProducts::multiply_and_count(const runtime::IntegerCall& call, const Size& size) {
  inputs_.resize(std::size_t{size.inputs} * call.count);
  sums_.resize(std::size_t{size.outputs} * call.count);
  for (std::uint32_t i = 0; i < call.count; ++i) {
    std::copy_n(call.rows + i * call.row_stride, size.inputs,
                inputs_.data() + std::size_t{i} * size.inputs);
  }
  const sim::crossbar::Conversions conversions = product(call, inputs_, sums_);
  for (std::uint32_t i = 0; i < call.count; ++i) {
    const std::int64_t* from = sums_.data() + std::size_t{i} * size.outputs;
    std::transform(from, from + size.outputs, call.sums + i * call.sum_stride, to_int32);
  }
  count(call, conversions);
}

void CountedProducts::count(const runtime::IntegerCall& call,
                            const sim::crossbar::Conversions& conversions) {
  const bool goes_on = !uses_.empty() && uses_.back().batch == call.batch &&
                       uses_.back().type == call.type && uses_.back().parameter == call.parameter &&
                       call.batch != runtime::IntegerCall::kNoBatch;
  if (!goes_on) {
    uses_.push_back({.parameter = call.parameter, .type = call.type, .batch = call.batch});
  }
  ProductUse& use = uses_.back();
  // A node whose positions are cut in two is counted by the part that has its first.
  const std::uint32_t first = call.first_position % call.positions;
  use.nodes += (first + call.count + call.positions - 1) / call.positions - (first > 0 ? 1 : 0);
  use.vectors += call.count;
  use.conversions += conversions;
}

}  // namespace sheaf::backend::cim
