// SPDX-License-Identifier: Apache-2.0
//
// Layers of a list of configs/models as a chip stores them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "sheaf/backend/cim/layer_shape.h"
#include "sheaf/target/chip.h"

namespace sheaf::study {

// Of a list's name or file, as io::read_layer_list() has them; what that throws.
[[nodiscard]] backend::cim::LayerShapes layers_of_list(const std::string& model);

// How weights are compressed.
struct Compression {
  enum class Kind : std::uint8_t {
    as_the_chip,      // blocks and non-zeros of the chip's `mapping`
    none,             // dense
    block_circulant,  // blocks of `size`
    column_nonzeros,  // at most `size` in a crossbar column
    pow2_basis,       // bases of size x size, of whose rows `row_density` is kept
  };
  Kind kind = Kind::as_the_chip;
  std::uint32_t size = 1;
  double row_density = 1;
};

// "chip", "none", "block_circulant:k=16", "column_nonzeros:n=8", "pow2_basis:k=3,rows=0.5", or
// several of them joined by +. Throws ConfigError at `place`.
[[nodiscard]] std::vector<Compression> parse_compression(const std::string& text,
                                                         const std::string& place);

// Gives the layers the chip's bits of weights and inputs, and compresses them.
void fit_to_chip(backend::cim::LayerShapes& shapes, const target::Chip& chip,
                 std::span<const Compression> how);

}  // namespace sheaf::study
