// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sheaf/nn/dataset.h"
#include "sheaf/tensor/tensor.h"

namespace sheaf::io {

// An array of bytes in the IDX format of the MNIST database (Y. LeCun, C. Cortes, C. J. C. Burges,
// "The MNIST database of handwritten digits"): two bytes of 0, 8 for unsigned bytes, the number of
// dimensions, each of them as four bytes, the highest first, then the values, the last dimension
// running fastest.
struct IdxArray {
  std::vector<std::uint32_t> sizes;
  std::string bytes;  // the product of the sizes
};

inline constexpr std::size_t kMostIdxBytes = std::size_t{1} << 30U;

// Reads an array, which may be compressed by gzip. Throws DataError, with `path` as the place:
// bytes that are no such array, values of another type, an array without values or of more than
// kMostIdxBytes, more or fewer bytes than its sizes say.
[[nodiscard]] IdxArray read_idx(std::string_view bytes, const std::string& path);

// Pictures of one size and one channel with a label each.
struct PictureSet {
  std::uint32_t height = 0;
  std::uint32_t width = 0;
  std::string pixels;  // picture after picture, row after row
  std::vector<std::uint32_t> labels;

  [[nodiscard]] std::uint32_t count() const { return static_cast<std::uint32_t>(labels.size()); }
};

// Joins an array [count x height x width] with its labels [count]. Throws DataError where they are
// not that or do not fit.
[[nodiscard]] PictureSet join_pictures(IdxArray pictures, const std::string& pictures_path,
                                       const IdxArray& labels, const std::string& labels_path);

// Pictures of which no label is known (nn::kNoLabel). Throws DataError where they are no pictures.
[[nodiscard]] PictureSet unlabelled_pictures(IdxArray pictures, const std::string& path);

// The files NAME-images-idx3-ubyte and NAME-labels-idx1-ubyte of a folder, `name` being "train" or
// "t10k", with ".gz" or without. Throws NotFoundError, IoError or DataError.
[[nodiscard]] PictureSet read_picture_set(const std::string& folder, const std::string& name);

// The pixels of several sets as a table for a model of pictures: a row per picture, its pixels one
// after the other, 0 to 1 (a byte over 255). All sets must have pictures of one size.
[[nodiscard]] tensor::Tensor pixel_table(std::span<const PictureSet> sets);

// The pictures of a set whose first one is row `first_row` of the table.
[[nodiscard]] std::vector<nn::Instance> pictures_of(const PictureSet& set, std::uint32_t first_row);

}  // namespace sheaf::io
