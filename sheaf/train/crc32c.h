// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace sheaf::train {

// CRC-32C (Castagnoli; RFC 3720, appendix B.4): reflected polynomial 0x82F63B78.
[[nodiscard]] std::uint32_t crc32c(std::string_view bytes);

// As TFRecord files store it, so that the checksum of bytes that hold checksums is not degenerate:
// rotated right by 15 and a constant added (tensorflow/core/lib/hash/crc32c.h).
[[nodiscard]] std::uint32_t masked_crc32c(std::string_view bytes);

}  // namespace sheaf::train
