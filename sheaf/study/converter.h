// SPDX-License-Identifier: Apache-2.0
//
// What stands behind `sheaf adc`: a crossbar's converter under every model, and the bits that the
// weights of a file need.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "sheaf/sim/adc/bounds.h"
#include "sheaf/sim/adc/lab.h"

namespace sheaf::study {

struct ConverterOptions {
  sim::adc::LabOptions lab;
  std::string encoding = "differential";
  std::string model;    // show this one only; empty: all
  std::string weights;  // a safetensors file; empty: none
  std::string tensor;   // of it, [outputs x inputs]; may be empty where there is but one
  std::uint32_t weight_bits = 8;
  std::uint32_t input_bits = 8;
  std::uint32_t samples = 16;  // uniformly random inputs that the observed bits are of
  std::uint64_t seed = 1;
};

// Weights of a file, rounded to whole multiples of max |w| / (2^(B-1) - 1): zeros stay zeros.
struct ConverterWeights {
  std::string tensor;
  std::uint32_t inputs = 0;
  std::uint32_t outputs = 0;
  double scale = 0;
  double zero_share = 0;
  sim::adc::Bounds bounds;
};

// What ISAAC's tile (the chip `isaac`) gains with the design's converters over its own of 8 bits,
// at the design's rate and node. None: the model has no word on it.
struct TileGain {
  std::optional<double> per_w;    // of GOPs/W
  std::optional<double> per_mm2;  // of GOPs/(s mm2)
};

struct ConverterStudy {
  ConverterOptions options;
  sim::adc::Lab lab;  // whose non-zeros are those of the weights where none were given
  std::vector<TileGain> tile_gains;  // in the order of lab.models
  std::optional<ConverterWeights> weights;
};

// Throws UsageError, NotFoundError and DataError.
[[nodiscard]] ConverterStudy study_converter(ConverterOptions options);

[[nodiscard]] nlohmann::ordered_json converter_json(const ConverterStudy& study);
[[nodiscard]] std::string converter_text(const ConverterStudy& study);

}  // namespace sheaf::study
