// SPDX-License-Identifier: Apache-2.0
//
// Whatever the bytes, io::parse_weights() gives finite tensors, those that are encoded in whole
// blocks, or throws a DataError.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "sheaf/base/error.h"
#include "sheaf/io/weights_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const sheaf::io::WeightsFile file = sheaf::io::parse_weights(text, "fuzz");
    for (const auto& [name, tensor] : file.tensors) {
      if (tensor.values().size() != tensor.shape().size()) std::abort();
      for (const float value : tensor.values()) {
        if (!std::isfinite(value)) std::abort();
      }
    }
    for (const auto& [name, encoding] : file.encodings) {
      const auto it = file.tensors.find(name);
      if (it == file.tensors.end() || it->second.shape().cols % encoding.block != 0) std::abort();
    }
  } catch (const sheaf::base::DataError&) {
  }
  return 0;
}
