// SPDX-License-Identifier: Apache-2.0
//
// Whatever the bytes, io::read_idx() gives an array with as many values as its sizes say or throws
// a DataError.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "sheaf/base/error.h"
#include "sheaf/io/idx.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  try {
    const sheaf::io::IdxArray array = sheaf::io::read_idx(bytes, "fuzz");
    std::size_t values = 1;
    for (const std::uint32_t n : array.sizes) values *= n;
    if (values == 0 || values != array.bytes.size()) std::abort();
  } catch (const sheaf::base::DataError&) {
  }
  return 0;
}
