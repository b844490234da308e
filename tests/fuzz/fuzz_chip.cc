// SPDX-License-Identifier: Apache-2.0
//
// Whatever the bytes, target::parse_chip() gives a chip that holds together and comes back from its
// YAML, or throws a ConfigError, or a NotFoundError of what it extends.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string_view>

#include "sheaf/base/error.h"
#include "sheaf/target/read_chip.h"
#include "sheaf/target/validate.h"
#include "sheaf/target/write_chip.h"

namespace {

using sheaf::target::Chip;

std::optional<Chip> parse_or_refuse(std::string_view text) {
  try {
    return sheaf::target::parse_chip(text, "fuzz");
  } catch (const sheaf::base::ConfigError&) {
    return std::nullopt;
  } catch (const sheaf::base::NotFoundError&) {
    return std::nullopt;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto chip = parse_or_refuse({reinterpret_cast<const char*>(data), size});
  if (!chip) return 0;
  // Anything that is thrown here ends the run as a crash.
  validate(*chip);
  const std::string text = to_yaml(*chip);
  if (to_yaml(sheaf::target::parse_chip(text, "printed")) != text) std::abort();
  return 0;
}
