// SPDX-License-Identifier: Apache-2.0
//
// Words of the command line that name hardware and weights: whatever they are, --set gives a chip
// or throws, and --compress gives layers that a mapping can take or throws.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "sheaf/base/error.h"
#include "sheaf/study/simulate.h"
#include "sheaf/target/read_chip.h"

namespace {

using namespace sheaf;

void check_change(const base::YamlNode& tree, const std::string& text) {
  try {
    const target::Chip chip = target::chip_of(tree, std::span(&text, 1));
    if (chip.changes.size() != 1) __builtin_trap();
  } catch (const base::UsageError&) {
  } catch (const base::ConfigError&) {
  }
}

void check_compression(const target::Chip& chip, const std::string& text) {
  backend::cim::LayerShapes shapes;
  shapes.name = "fuzz";
  shapes.layers.push_back({.name = "a", .outputs = 32, .inputs = 64, .in_channels = 64});
  try {
    static_cast<void>(study::compress(shapes, chip, {text}));
  } catch (const base::UsageError&) {
    return;
  }
  const backend::cim::LayerShape& layer = shapes.layers[0];
  if (!std::isfinite(layer.density) || !(layer.row_density > 0) || layer.block == 0) {
    __builtin_trap();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const base::YamlNode kTree = target::read_chip_tree("isaac");
  static const target::Chip kChip = target::chip_of(kTree, {});
  const std::string text(reinterpret_cast<const char*>(data), size);
  check_change(kTree, text);
  check_compression(kChip, text);
  return 0;
}
