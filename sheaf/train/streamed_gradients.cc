// SPDX-License-Identifier: Apache-2.0
#include "sheaf/train/streamed_gradients.h"

#include "sheaf/base/error.h"

namespace sheaf::train {

StepLoss StreamedGradients::run(std::span<const std::uint32_t> positions, std::uint64_t step,
                                graph::Gradients& gradients) {
  const std::uint64_t epoch = step / minibatches_;
  minibatch_.clear();
  numbers_.clear();
  for (const std::uint32_t position : positions) {
    const bool here = epoch == epoch_ && position >= begin_ && position - begin_ < window_.size();
    if (!here) load(epoch, position);
    minibatch_.push_back(window_[position - begin_]);
    numbers_.push_back(window_numbers_[position - begin_]);
  }
  own_.set_minibatch(minibatch_);
  return source_.run(numbers_, step, gradients);
}

void StreamedGradients::load(std::uint64_t epoch, std::uint32_t position) {
  window_.clear();  // one window in memory, not two
  epoch_ = epoch;
  begin_ = 0;
  for (std::size_t w = 0; w < stream_.windows(); ++w) {
    const std::uint32_t size = stream_.window_size(epoch, w);
    if (position - begin_ < size) {
      window_ = stream_.read(epoch, w);
      window_numbers_ = stream_.numbers(epoch, w);
      if (window_.size() == size) return;
      throw base::DataError({.place = "training data",
                             .what = "instances of a window",
                             .got = std::to_string(window_.size()),
                             .expected = std::to_string(size) + ", as when they were counted"});
    }
    begin_ += size;
  }
  base::check(false, "streamed gradients", "a position beyond the data");
}

}  // namespace sheaf::train
