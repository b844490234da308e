// SPDX-License-Identifier: Apache-2.0
//
// Whatever the bytes, train::parse_checkpoint() gives a state that holds together and finite
// tensors, or throws a DataError; and so it does when their digest is right, behind which all else
// would hide. What it gives as a state is read back as the same.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "sheaf/base/error.h"
#include "sheaf/train/checkpoint.h"

namespace {

void parse(std::string_view bytes) {
  using namespace sheaf::train;
  try {
    const Checkpoint checkpoint = parse_checkpoint(bytes, "fuzz");
    const TrainState& state = checkpoint.state;
    if (state.best && state.best->epoch >= state.epoch()) std::abort();
    for (const auto& entry : checkpoint.tensors) {
      for (const float value : entry.second.values()) {
        if (!std::isfinite(value)) std::abort();
      }
    }
    const std::string text = to_json(state).dump();
    if (to_json(parse_train_state(nlohmann::json::parse(text), "again")).dump() != text) {
      std::abort();
    }
  } catch (const sheaf::base::DataError&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string bytes(reinterpret_cast<const char*>(data), size);
  parse(bytes);
  constexpr std::size_t kDigits = 64;
  const std::size_t at = sheaf::train::checkpoint_digest_offset();
  if (bytes.size() < at + kDigits) return 0;
  bytes.replace(at, kDigits, sheaf::train::checkpoint_digest(bytes));
  parse(bytes);
  return 0;
}
