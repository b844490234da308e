// SPDX-License-Identifier: Apache-2.0
//
// Whatever the text, io::RandomSpec gives values within their limits or throws a UsageError.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "sheaf/base/error.h"
#include "sheaf/io/random_spec.h"

namespace {

using sheaf::io::RandomSpec;

void require_range(const RandomSpec& spec, const std::string& key) {
  const sheaf::io::SizeRange range = spec.range(key);
  if (range.least < 1 || range.least > range.most) std::abort();
  sheaf::base::Rng rng(1);
  const std::uint32_t drawn = range.draw(rng);
  if (drawn < range.least || drawn > range.most) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const RandomSpec spec(text);
    static_cast<void>(spec.seed());
    if (spec.count("n") == 0 || spec.count("vocabulary") == 0) std::abort();
    if (spec.kind() == "trees") require_range(spec, "leaves");
    if (spec.kind() == "lattices") {
      require_range(spec, "positions");
      const double share = spec.share("words");
      if (!(share >= 0 && share <= 1)) std::abort();
    }
    if (spec.kind() == "dags") require_range(spec, "nodes");
  } catch (const sheaf::base::UsageError&) {
  }
  return 0;
}
