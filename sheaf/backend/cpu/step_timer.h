// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "sheaf/backend/cpu/block_run.h"

namespace sheaf::backend::cpu {

// Adds the time from its making to its end to one kind of step of a batch's type. Without a profile
// a comparison with null.
class StepTimer {
 public:
  using Total = std::uint64_t runtime::StepTimes::*;

  StepTimer(const BatchContext& context, Total total)
      : profile_(context.profile), type_(context.batch.type), total_(total) {
    if (profile_ != nullptr) begin_ns_ = profile_->now_ns();
  }
  StepTimer(const BatchContext& context, memory_plan::Step::Kind kind)
      : StepTimer(context, total_of(kind)) {}
  ~StepTimer() {
    if (profile_ != nullptr) profile_->steps(type_).*total_ += profile_->now_ns() - begin_ns_;
  }
  StepTimer(const StepTimer&) = delete;
  StepTimer& operator=(const StepTimer&) = delete;

 private:
  static Total total_of(memory_plan::Step::Kind kind) {
    using Kind = memory_plan::Step::Kind;
    if (kind == Kind::region) return &runtime::StepTimes::region_ns;
    const bool product = kind == Kind::product || kind == Kind::matvec || kind == Kind::spatial ||
                         kind == Kind::integer_product;
    return product ? &runtime::StepTimes::product_ns : &runtime::StepTimes::gather_ns;
  }

  runtime::Profile* profile_;
  graph::TypeId type_;
  Total total_;
  std::uint64_t begin_ns_ = 0;
};

}  // namespace sheaf::backend::cpu
