// SPDX-License-Identifier: Apache-2.0
//
// Block-circulant matrices. An [n x m] matrix is [n / k][m / k] blocks; block w is
//
//   W[a][b] = w[(a - b) mod k],   so that W x = w (*) x, a circular convolution,
//
// and k numbers say all of it: its first column.
//
// Sources. Blocks of k x k whose products are products of spectra: CirCNN (Ding et al., MICRO 2017;
// its formula is the one above, its prose speaks of the first row). One transform back per output
// block, after the sum over input blocks: C-LSTM (Wang et al., FPGA 2018). That such networks are
// worth an accelerator that loads a block once for all its uses: ReBoc (Wang et al., DATE 2020), of
// which only the abstract was at hand. Reconstructed: the papers train such weights; here they are
// drawn, or dense weights are projected, by the nearest circulant matrix in the Frobenius norm.
#pragma once

#include "sheaf/tensor/encoding.h"

namespace sheaf::compress {

// What stored_shape() describes, of the block-circulant matrix nearest to `dense` in the Frobenius
// norm: every number is the mean over its wrapped diagonal. Throws UsageError when k does not
// divide rows and columns.
[[nodiscard]] tensor::Tensor project(const tensor::Tensor& dense, std::uint32_t k);

// The matrix that is stored: rows k times as many.
[[nodiscard]] tensor::Tensor expand(const tensor::Tensor& stored, std::uint32_t k);

// |dense - expand(project(dense))| / |dense| in the Frobenius norm; 0 for a matrix of zeros.
[[nodiscard]] double projection_error(const tensor::Tensor& dense, std::uint32_t k);

}  // namespace sheaf::compress
