// SPDX-License-Identifier: Apache-2.0
#include "sheaf/train/impl/optimisers.h"

namespace sheaf::train {
namespace {

class Sgd final : public Optimiser {
 public:
  explicit Sgd(const OptimiserOptions& options)
      : Optimiser(options.momentum > 0 ? std::vector<Slot>{{"momentum"}} : std::vector<Slot>{}),
        momentum_(static_cast<float>(options.momentum)),
        decay_(static_cast<float>(options.weight_decay)),
        nesterov_(options.nesterov) {}

 private:
  void update_range(const Range& range, double rate, std::uint64_t /*count*/) override {
    const auto r = static_cast<float>(rate);
    if (range.slots.empty()) {
      plain(range, r);
    } else if (nesterov_) {
      nesterov(range, r);
    } else {
      with_momentum(range, r);
    }
  }

  void plain(const Range& range, float rate) const {
    float* __restrict w = range.values.data();
    const float* __restrict g = range.gradient.data();
    const float decay = decay_;
    for (std::size_t i = 0; i < range.values.size(); ++i) w[i] -= rate * (g[i] + decay * w[i]);
  }

  // torch's first buffer is the gradient itself: what m * 0 + d is.
  void with_momentum(const Range& range, float rate) const {
    float* __restrict w = range.values.data();
    float* __restrict b = range.slots[0].data();
    const float* __restrict g = range.gradient.data();
    const float decay = decay_;
    const float momentum = momentum_;
    for (std::size_t i = 0; i < range.values.size(); ++i) {
      b[i] = momentum * b[i] + (g[i] + decay * w[i]);
      w[i] -= rate * b[i];
    }
  }

  void nesterov(const Range& range, float rate) const {
    float* __restrict w = range.values.data();
    float* __restrict b = range.slots[0].data();
    const float* __restrict g = range.gradient.data();
    const float decay = decay_;
    const float momentum = momentum_;
    for (std::size_t i = 0; i < range.values.size(); ++i) {
      const float d = g[i] + decay * w[i];
      b[i] = momentum * b[i] + d;
      w[i] -= rate * (d + momentum * b[i]);
    }
  }

  float momentum_;
  float decay_;
  bool nesterov_;
};

}  // namespace

std::unique_ptr<Optimiser> make_sgd(const OptimiserOptions& options) {
  return std::make_unique<Sgd>(options);
}

}  // namespace sheaf::train
