// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "sheaf/train/impl/optimisers.h"

namespace sheaf::train {
namespace {

constexpr double kEpsilon = 1e-10;

class AdaGrad final : public Optimiser {
 public:
  explicit AdaGrad(const OptimiserOptions& options)
      : Optimiser({{"sum", static_cast<float>(options.initial_sum)}}),
        decay_(static_cast<float>(options.weight_decay)),
        epsilon_(static_cast<float>(options.epsilon > 0 ? options.epsilon : kEpsilon)) {}

 private:
  void update_range(const Range& range, double rate, std::uint64_t /*count*/) override {
    float* __restrict w = range.values.data();
    float* __restrict s = range.slots[0].data();
    const float* __restrict g = range.gradient.data();
    const auto r = static_cast<float>(rate);
    const float decay = decay_;
    const float epsilon = epsilon_;
    for (std::size_t i = 0; i < range.values.size(); ++i) {
      const float d = g[i] + decay * w[i];
      s[i] += d * d;
      w[i] -= r * (d / (std::sqrt(s[i]) + epsilon));
    }
  }

  float decay_;
  float epsilon_;
};

}  // namespace

std::unique_ptr<Optimiser> make_adagrad(const OptimiserOptions& options) {
  return std::make_unique<AdaGrad>(options);
}

}  // namespace sheaf::train
