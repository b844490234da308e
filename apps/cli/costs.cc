// SPDX-License-Identifier: Apache-2.0
#include "apps/cli/costs.h"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#include "sheaf/base/clock.h"
#include "sheaf/base/error.h"
#include "sheaf/base/rng.h"
#include "sheaf/engine/calibrate.h"
#include "sheaf/io/file.h"

namespace sheaf::cli {
namespace {

std::filesystem::path cache_folder() {
  const char* const cache = std::getenv("XDG_CACHE_HOME");
  if (cache != nullptr && *cache != '\0') return std::filesystem::path(cache) / "sheaf";
  const char* const home = std::getenv("HOME");
  if (home != nullptr && *home != '\0') return std::filesystem::path(home) / ".cache" / "sheaf";
  throw base::UsageError({.place = "policy cost",
                          .what = "no folder for measured costs",
                          .got = "neither XDG_CACHE_HOME nor HOME",
                          .expected = "one of them",
                          .hint = "set XDG_CACHE_HOME"});
}

// An empty one where there is no file yet.
engine::CostFile read_costs(const std::string& path, const engine::CostKey& key) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return {key, {}};
  return engine::parse_cost_file(io::read_file(path), path, key);
}

void write_costs(const std::string& path, const engine::CostFile& file) {
  std::error_code error;
  const auto folder = std::filesystem::path(path).parent_path();
  std::filesystem::create_directories(folder, error);
  if (error) {
    throw base::IoError(
        {.place = folder.string(), .what = "cannot make folder", .got = error.message()});
  }
  io::write_file(path, engine::to_json(file));
}

std::vector<std::string> hashes_of(const graph::Network& network) {
  return engine::cell_hashes(memory_plan::compile_network(network));
}

}  // namespace

std::string cost_path(const engine::CostKey& key) {
  const std::string name =
      fmt::format("costs-{}-{:016x}.json", key.isa, base::hash(key.cpu + "\n" + key.version));
  return (cache_folder() / name).string();
}

std::shared_ptr<const batching::CostTable> measure_costs(const graph::Network& network,
                                                         const std::string& isa, bool must_keep) {
  const engine::CostKey key = engine::cost_key(isa, SHEAF_VERSION);
  const std::string path = cost_path(key);
  engine::CostFile file = read_costs(path, key);
  const base::ThreadCpuClock clock;
  const std::uint64_t start = clock.now_ns();
  batching::CostTable costs = engine::calibrate(network, clock, {.isa = isa});
  fmt::print(stderr, "sheaf: measured the costs of {} batch types in {:.0f} ms\n",
             costs.types.size(), static_cast<double>(clock.now_ns() - start) * 1e-6);
  file.put({network.type_names(), hashes_of(network), costs});
  try {
    write_costs(path, file);
  } catch (const base::IoError& error) {
    if (must_keep) throw;
    fmt::print(stderr, "sheaf: the costs are not kept: {}\n", error.what());
  }
  return std::make_shared<const batching::CostTable>(std::move(costs));
}

std::shared_ptr<const batching::CostTable> find_costs(const graph::Network& network,
                                                      const std::string& isa) {
  const engine::CostKey key = engine::cost_key(isa, SHEAF_VERSION);
  const engine::CostFile file = read_costs(cost_path(key), key);
  const batching::CostTable* known = file.find(hashes_of(network));
  if (known == nullptr) return measure_costs(network, isa, false);
  return std::make_shared<const batching::CostTable>(*known);
}

}  // namespace sheaf::cli
