// SPDX-License-Identifier: Apache-2.0
//
// IDX files as bytes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/io/temp_folder.h"

namespace sheaf::test {

inline std::string idx(const std::vector<std::uint32_t>& sizes, const std::string& values,
                       char type = 8) {
  std::string bytes{'\0', '\0', type, static_cast<char>(sizes.size())};
  for (const std::uint32_t size : sizes) {
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(size >> shift & 255U);
  }
  return bytes + values;
}

// Pictures that are dark but for a third of their rows, which is their label: 0, 1 or 2 from the
// top, in turn; no two alike.
struct Stripes {
  std::string pictures;  // the file
  std::string labels;
};

inline Stripes stripes(std::uint32_t count, std::uint32_t side, std::uint32_t first = 0) {
  std::string pixels;
  std::string labels;
  for (std::uint32_t i = first; i < first + count; ++i) {
    const std::uint32_t label = i % 3;
    labels += static_cast<char>(label);
    for (std::uint32_t p = 0; p < side * side; ++p) {
      const bool bright = p / side * 3 / side == label;
      pixels += static_cast<char>((bright ? 150 : 0) + (i * 31 + p * 7) % 60);
    }
  }
  return {idx({count, side, side}, pixels), idx({count}, labels)};
}

// Writes NAME-images-idx3-ubyte and NAME-labels-idx1-ubyte; gives the path of the pictures.
inline std::string write_stripes(const TempFolder& folder, const std::string& name,
                                 const Stripes& set) {
  folder.write(name + "-labels-idx1-ubyte", set.labels);
  return folder.write(name + "-images-idx3-ubyte", set.pictures);
}

}  // namespace sheaf::test
