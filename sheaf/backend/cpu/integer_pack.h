// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "sheaf/graph/network.h"
#include "sheaf/memory_plan/compiled_network.h"
#include "sheaf/runtime/integer_products.h"
#include "sheaf/tensor/aligned_buffer.h"

namespace sheaf::backend::cpu {

// What the sums of a product of integers are scaled with; both padded to kIntegerAlignment.
struct IntegerFactors {
  std::vector<tensor::AlignedBuffer>
      factors;                 // by term: scale of its input times those of its rows
  tensor::AlignedBuffer bias;  // 0 where there is none
};

// Throws UsageError for a scale that is not a positive number.
[[nodiscard]] IntegerFactors pack_factors(const memory_plan::IntegerProduct& product,
                                          const graph::Binding& binding,
                                          const graph::ParameterStore& parameters);

// Gives a unit the weights of products, once each and again when they have changed.
class IntegerWeights {
 public:
  // All weights of products of integers in the network, in the order of the parameters. Throws
  // UsageError for weights that are no integers of their bits, and for sums that do not fit into 32
  // bits, naming the parameter.
  void prepare(const graph::Network& network, const memory_plan::CompiledNetwork& compiled,
               runtime::IntegerProducts& unit);

 private:
  struct Held {
    tensor::Bits bits;
    std::uint64_t version = 0;
    tensor::Encoding encoding;

    friend bool operator==(const Held&, const Held&) = default;
  };
  std::vector<Held> held_;  // by parameter; of others no bits
};

}  // namespace sheaf::backend::cpu
