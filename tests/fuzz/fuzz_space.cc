// SPDX-License-Identifier: Apache-2.0
//
// Whatever the text, study::parse_space gives a space or throws a ConfigError, and
// study::parse_results gives results or throws a DataError or a ConfigError.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "sheaf/base/error.h"
#include "sheaf/study/explore_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const sheaf::study::ExploreSpace space = sheaf::study::parse_space(text, "fuzz.yaml", 10000);
    const std::uint64_t designs = space.designs();
    if (space.values(designs - 1).size() != space.axes.size()) __builtin_trap();
  } catch (const sheaf::base::ConfigError&) {
  }
  try {
    static_cast<void>(sheaf::study::parse_results(text, "fuzz.jsonl"));
  } catch (const sheaf::base::DataError&) {
  } catch (const sheaf::base::ConfigError&) {
  }
  return 0;
}
