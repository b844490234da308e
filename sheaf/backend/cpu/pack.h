// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sheaf/graph/network.h"
#include "sheaf/memory_plan/compiled_cell.h"
#include "sheaf/tensor/aligned_buffer.h"

namespace sheaf::backend::cpu {

// The weights of one product of one batch type, in the order in which a product kernel reads them.
struct PackedProduct {
  tensor::AlignedBuffer panels;  // [n / panel_width][k][panel_width], zero where no weight is
  tensor::AlignedBuffer bias;    // [n]
  // Block-circulant: `panels` is as circulant_pack.h says, and these are the first columns of the
  // output blocks.
  std::vector<std::uint32_t> columns;
};

// Throws UsageError when a parameter is not stored so.
void require_encoding(const graph::Parameter& parameter, tensor::Encoding encoding);

// Unplanned: copies the pieces of `repack` into the panels and the bias from where `apart`, packed
// before, holds them.
void repack(const memory_plan::Repack& repack, const memory_plan::Product& product,
            const PackedProduct& apart, std::uint32_t panel_width, PackedProduct& to) noexcept;

// Joins the weights [out x in] of all parts of `product`, which is dense, transposes them and cuts
// them into column panels. Throws UsageError when a parameter is not stored so.
[[nodiscard]] PackedProduct pack(const memory_plan::Product& product, const graph::Binding& binding,
                                 const graph::ParameterStore& parameters,
                                 std::uint32_t panel_width);

// A matrix with its rows padded to kRowAlignment.
[[nodiscard]] tensor::AlignedBuffer pad_rows(const tensor::Tensor& matrix);

}  // namespace sheaf::backend::cpu
