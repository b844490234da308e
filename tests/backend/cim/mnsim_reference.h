// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "sheaf/backend/cim/layer_shape.h"

namespace sheaf::test {

// Energy and area of a network as MNSIM 2.0 counts them for its SimConfig.ini of commit ab3f989:
// power of a component by the time that it is busy, for each position; whole tiles for each layer.
// Written apart from sheaf/backend/cim, after the formulas, without registers, adders and pooling
// (0.2 % of the energy of its VGG-8). mW, ns, pJ, um2; its file names in brackets.
class MnsimReference {
 public:
  MnsimReference(const backend::cim::LayerShapes& shapes, std::uint64_t pooling_layers) {
    for (const backend::cim::LayerShape& layer : shapes.layers) add(layer);
    tiles += pooling_layers;
  }

  [[nodiscard]] double energy_pj() const { return crossbar_pj + dac_pj + adc_pj + buffer_pj; }
  [[nodiscard]] double area_um2() const { return static_cast<double>(tiles) * kTileUm2; }

  double crossbar_pj = 0;
  double dac_pj = 0;
  double adc_pj = 0;
  double buffer_pj = 0;
  std::uint64_t tiles = 0;

 private:
  static constexpr std::uint64_t kSide = 256;
  static constexpr std::uint64_t kBits = 9;        // of inputs, with their sign
  static constexpr std::uint64_t kSlices = 8;      // a PE for each bit of a weight
  static constexpr std::uint64_t kPes = 4;         // of a tile
  static constexpr double kConversionNs = 7.8125;  // 10 periods of 1.28 GS/s [ADC.py]
  static constexpr double kReadNs = 3.1628;        // [Crossbar.py]
  // 0.15 V in 0.1 of the reads, over a third of cells of 10 kohm and the rest of 1 Mohm
  // [Device.py].
  static constexpr double kCellMw = 0.1 * 0.15 * 0.15 / (1e10 / (0.67e4 + 0.33e6)) * 1e3;
  static constexpr double kCycleNs = 20;  // of a buffer, 64 bits [Buffer.py]
  static constexpr double kReadMw = 7.5695 / kCycleNs + 1.006428;
  static constexpr double kWriteMw = 13.1361 / kCycleNs + 1.006428;
  // 8 crossbars with drivers of rows, 512 converters, 1024 DACs, 5 buffers, pooling, registers,
  // multiplexers and adders [Tile.py].
  static constexpr double kTileUm2 =
      8 * (65536 * 1.44 + 256 * 1150) + 512 * 1200 + 1024 * 0.166 + 5 * 40580.3 + 91917.1562 +
      4 * (128 * (1.42 + 0.683276 + 1.352) + 256 * (0.683276 + 1.352)) + 384 * 169.5526;

  static std::uint64_t up(std::uint64_t a, std::uint64_t b) { return (a + b - 1) / b; }
  static double access_ns(std::uint64_t bits) {
    return static_cast<double>(up(bits, 64)) * kCycleNs;
  }

  void add(const backend::cim::LayerShape& layer) {
    const bool conv = layer.kind == backend::cim::LayerKind::conv2d;
    const std::uint64_t side = conv ? layer.kernel_height : 1;
    const std::uint64_t taps = side * side;
    const std::uint64_t inputs = conv ? layer.in_channels : layer.inputs;
    const std::uint64_t channels = std::min<std::uint64_t>(kSide / taps, inputs);  // of a crossbar
    const std::uint64_t rows = channels * taps;
    const std::uint64_t columns = std::min<std::uint64_t>(layer.outputs, kSide);
    const std::uint64_t pes = kSlices * up(layer.outputs, kSide) * up(inputs, kSide / taps);
    const std::uint64_t own_tiles = up(pes, kPes);
    const std::uint64_t used = std::min(pes, kPes);  // in each of them
    const double working = static_cast<double>(own_tiles * used * layer.positions);
    const double rounds = static_cast<double>(kBits * up(columns, 128));
    tiles += own_tiles;
    crossbar_pj += working * static_cast<double>(rows * columns) * kCellMw * rounds * kReadNs;
    dac_pj += working * static_cast<double>(rows) * 3.9e-3 * rounds * 3;
    adc_pj += working * static_cast<double>(up(columns, 2)) * 2 * rounds * kConversionNs;
    const std::uint64_t merged = used == 1 ? 0 : used == 2 ? 1 : 2;
    const double out_write = access_ns((8 + merged) * columns * used);
    const double out_read = access_ns(kBits * columns * used);
    const double in_write = access_ns(layer.stride * layer.stride * channels * kBits);
    const double in_read = access_ns(conv ? layer.stride * side * channels * kBits : rows * kBits);
    // All buffers of a tile take power whenever one of them is used [Tile.py, Model_energy.py].
    buffer_pj += static_cast<double>(own_tiles * (used + 1) * layer.positions) *
                 (kReadMw * (out_read + in_read) + kWriteMw * (out_write + in_write));
  }
};

}  // namespace sheaf::test
