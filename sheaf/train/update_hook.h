// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "sheaf/graph/gradients.h"
#include "sheaf/graph/parameter.h"
#include "sheaf/train/named_tensors.h"

namespace sheaf::train {

// A step beside the optimiser's: of a proximal method, of ADMM (Boyd et al., 2011), of a
// projection. Both are functions of their arguments and the hook's state.
class UpdateHook {
 public:
  virtual ~UpdateHook() = default;

  // A name of its own among the hooks of an updater, without '/'.
  [[nodiscard]] virtual std::string name() const = 0;

  // Before the update: may add to the gradients, rho (W - Z + U) for instance.
  virtual void add_gradients(const graph::ParameterStore& /*parameters*/,
                             graph::Gradients& /*gradients*/, std::uint64_t /*step*/) {}

  // After the update: may change parameters (ParameterStore::change) and state.
  virtual void after_update(graph::ParameterStore& parameters, std::uint64_t step) = 0;

  // What a checkpoint keeps of it. restore() gets what state() gave; throws DataError otherwise.
  [[nodiscard]] virtual NamedTensors state() const { return {}; }
  virtual void restore(NamedTensors& /*state*/) {}
};

}  // namespace sheaf::train
