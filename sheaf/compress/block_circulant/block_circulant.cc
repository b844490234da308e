// SPDX-License-Identifier: Apache-2.0
#include "sheaf/compress/block_circulant/block_circulant.h"

#include <cmath>

#include "sheaf/base/error.h"

namespace sheaf::compress {

tensor::Tensor project(const tensor::Tensor& dense, std::uint32_t k) {
  const tensor::Encoding encoding = tensor::block_circulant(k);
  if (!tensor::fits(encoding, dense.shape())) {
    throw base::UsageError({.place = "block_circulant",
                            .what = "shape",
                            .got = to_string(dense.shape()),
                            .expected = "rows and columns that " + std::to_string(k) + " divides"});
  }
  tensor::Tensor stored(tensor::stored_shape(encoding, dense.shape()));
  for (std::uint32_t i = 0; i < stored.shape().rows; ++i) {
    for (std::uint32_t j = 0; j < stored.shape().cols; j += k) {
      for (std::uint32_t d = 0; d < k; ++d) {
        double sum = 0;
        for (std::uint32_t b = 0; b < k; ++b) sum += dense.row(i * k + (b + d) % k)[j + b];
        stored.row(i)[j + d] = static_cast<float>(sum / k);
      }
    }
  }
  return stored;
}

tensor::Tensor expand(const tensor::Tensor& stored, std::uint32_t k) {
  tensor::Tensor dense({stored.shape().rows * k, stored.shape().cols});
  for (std::uint32_t row = 0; row < dense.shape().rows; ++row) {
    for (std::uint32_t col = 0; col < dense.shape().cols; ++col) {
      const std::uint32_t d = (row % k + k - col % k) % k;
      dense.row(row)[col] = stored.row(row / k)[col - col % k + d];
    }
  }
  return dense;
}

double projection_error(const tensor::Tensor& dense, std::uint32_t k) {
  const tensor::Tensor near = expand(project(dense, k), k);
  double error = 0;
  double norm = 0;
  for (std::size_t i = 0; i < dense.shape().size(); ++i) {
    const double value = dense.values()[i];
    error += (value - near.values()[i]) * (value - near.values()[i]);
    norm += value * value;
  }
  return norm == 0 ? 0 : std::sqrt(error / norm);
}

}  // namespace sheaf::compress
