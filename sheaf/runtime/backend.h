// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "sheaf/memory_plan/memory_plan.h"
#include "sheaf/runtime/convolution_gradients.h"
#include "sheaf/runtime/outer_products.h"
#include "sheaf/runtime/profile.h"

namespace sheaf::runtime {

// Whether a backend can run something; when not, why.
struct Support {
  bool ok = true;
  std::string reason;
  std::size_t scratch_bytes = 0;  // that it will hold while it runs
};

// Where batches run. Owns the arena and the packed weights. Used by one thread at a time.
class Backend {
 public:
  virtual ~Backend() = default;
  [[nodiscard]] virtual std::string_view name() const = 0;

  [[nodiscard]] virtual Support supports(const memory_plan::CompiledCell& cell) const = 0;

  // Packs the weights of every type and reserves scratch memory. Both arguments must outlive the
  // backend. Call again when a parameter's version has changed; what has not changed is not packed
  // again.
  virtual void prepare(const graph::Network& network,
                       const memory_plan::CompiledNetwork& compiled) = 0;

  // Makes the arena at least this large; what lies in it stays.
  virtual void reserve(memory_plan::Offset floats) = 0;

  // Runs one batch of a plan that has been checked and reserved.
  virtual void run(const memory_plan::MemoryPlan& plan,
                   const memory_plan::BatchPlan& batch) noexcept = 0;

  // Adds outer products of values that batches have written. Throws UnsupportedError where a
  // backend has no weight gradients.
  virtual void add(const OuterProducts& products);
  virtual void add(const ConvolutionGradients& gradients);

  // Adds what the steps of batches take to `profile`, which times steps, until called with null.
  // Backends that cannot, or that run on several threads, do not.
  virtual void record_steps(Profile* /*profile*/) {}

  // A result in the arena, valid until the next reserve().
  [[nodiscard]] virtual std::span<const float> read(memory_plan::Offset offset,
                                                    std::size_t floats) const = 0;
};

}  // namespace sheaf::runtime
