// SPDX-License-Identifier: Apache-2.0
//
// Whatever the bytes, batching::parse_fsm_table() gives a table that holds together and comes back
// from its JSON, or throws a ConfigError.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "sheaf/base/error.h"
#include "sheaf/batching/fsm_table.h"

namespace {

using sheaf::batching::FsmTable;

FsmTable parse(std::string_view text) { return sheaf::batching::parse_fsm_table(text, "fuzz"); }

std::optional<FsmTable> parse_or_refuse(std::string_view text) {
  try {
    return parse(text);
  } catch (const sheaf::base::ConfigError&) {
    return std::nullopt;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto table = parse_or_refuse({reinterpret_cast<const char*>(data), size});
  if (!table) return 0;
  for (const auto& [key, state] : table->states) {
    if (key.find(state.action) == key.npos) std::abort();
  }
  // Anything that is thrown here ends the run as a crash.
  const FsmTable again = parse(sheaf::batching::to_json(*table));
  if (again.states.size() != table->states.size()) std::abort();
  if (again.history != table->history) std::abort();
  return 0;
}
