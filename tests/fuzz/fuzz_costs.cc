// SPDX-License-Identifier: Apache-2.0
//
// Whatever the bytes, engine::parse_cost_file() gives tables that hold together and come back from
// their JSON, or throws a ConfigError.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string_view>

#include "sheaf/base/error.h"
#include "sheaf/engine/cost_file.h"

namespace {

using sheaf::engine::CostFile;

CostFile parse(std::string_view text) {
  return sheaf::engine::parse_cost_file(text, "fuzz", {"cpu", "avx2", "0.1.0"});
}

std::optional<CostFile> parse_or_refuse(std::string_view text) {
  try {
    return parse(text);
  } catch (const sheaf::base::ConfigError&) {
    return std::nullopt;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto file = parse_or_refuse({reinterpret_cast<const char*>(data), size});
  if (!file) return 0;
  // Anything that is thrown here ends the run as a crash.
  for (const auto& network : file->networks) {
    network.costs.verify();
    if (network.cells.size() != network.costs.types.size()) std::abort();
    if (network.names.size() != network.costs.types.size()) std::abort();
    if (file->find(network.cells) != &network.costs) std::abort();
  }
  const CostFile again = parse(sheaf::engine::to_json(*file));
  if (again.networks.size() != file->networks.size()) std::abort();
  return 0;
}
