// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sheaf::io {

// Whether the bytes begin as those of a gzip file (RFC 1952) do.
[[nodiscard]] bool is_gzip(std::string_view bytes);

// What a gzip file holds, its members one after the other. Throws DataError, with `path` as the
// place, for bytes that are not a whole gzip file and for more than `most` bytes.
[[nodiscard]] std::string gunzip(std::string_view bytes, const std::string& path, std::size_t most);

}  // namespace sheaf::io
