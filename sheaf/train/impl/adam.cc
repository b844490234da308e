// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "sheaf/train/impl/optimisers.h"

namespace sheaf::train {
namespace {

constexpr double kEpsilon = 1e-8;

// Adam and AdamW, which differ in where the decay goes.
class Adam final : public Optimiser {
 public:
  explicit Adam(const OptimiserOptions& options)
      : Optimiser({{"first_moment"}, {"second_moment"}}),
        beta1_(options.beta1),
        beta2_(options.beta2),
        l2_(options.name == "adam" ? static_cast<float>(options.weight_decay) : 0),
        decoupled_decay_(options.name == "adam" ? 0 : options.weight_decay),
        epsilon_(static_cast<float>(options.epsilon > 0 ? options.epsilon : kEpsilon)) {}

 private:
  void update_range(const Range& range, double rate, std::uint64_t count) override {
    const auto t = static_cast<double>(count);
    const auto step_size = static_cast<float>(rate / (1 - std::pow(beta1_, t)));
    const auto root = static_cast<float>(std::sqrt(1 - std::pow(beta2_, t)));
    const auto keep = static_cast<float>(1 - rate * decoupled_decay_);
    const auto new1 = static_cast<float>(1 - beta1_);
    const auto old2 = static_cast<float>(beta2_);
    const auto new2 = static_cast<float>(1 - beta2_);
    const float l2 = l2_;
    const float epsilon = epsilon_;
    float* __restrict w = range.values.data();
    float* __restrict m = range.slots[0].data();
    float* __restrict v = range.slots[1].data();
    const float* __restrict g = range.gradient.data();
    for (std::size_t i = 0; i < range.values.size(); ++i) {
      const float d = g[i] + l2 * w[i];
      m[i] += new1 * (d - m[i]);
      v[i] = old2 * v[i] + new2 * (d * d);
      const float kept = keep * w[i];
      w[i] = kept - step_size * (m[i] / (std::sqrt(v[i]) / root + epsilon));
    }
  }

  double beta1_;
  double beta2_;
  float l2_;
  double decoupled_decay_;
  float epsilon_;
};

}  // namespace

std::unique_ptr<Optimiser> make_adam(const OptimiserOptions& options) {
  return std::make_unique<Adam>(options);
}

}  // namespace sheaf::train
