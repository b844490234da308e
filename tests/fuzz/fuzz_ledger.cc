// SPDX-License-Identifier: Apache-2.0
//
// Whatever the bytes, study::parse_ledger() gives a ledger that comes back from its JSON, or throws
// a DataError.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string_view>

#include "sheaf/base/error.h"
#include "sheaf/study/compare.h"

namespace {

std::optional<sheaf::study::LedgerFile> parse_or_refuse(std::string_view text) {
  try {
    return sheaf::study::parse_ledger(text, "fuzz");
  } catch (const sheaf::base::DataError&) {
    return std::nullopt;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto file = parse_or_refuse({reinterpret_cast<const char*>(data), size});
  if (!file) return 0;
  // Anything that is thrown here ends the run as a crash.
  const std::string text = to_json(*file);
  if (to_json(sheaf::study::parse_ledger(text, "fuzz")) != text) std::abort();
  const auto comparison = sheaf::study::compare(*file, *file);
  if (!comparison.differences.empty()) std::abort();
  static_cast<void>(to_text(comparison, *file, *file, 10));
  return 0;
}
