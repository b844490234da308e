// SPDX-License-Identifier: Apache-2.0
//
// What others published of designs that compress weights as block-circulant matrices do, and of
// chips of crossbars: the one list of figures that results are printed beside.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace sheaf::backend::cim {

struct RivalFigure {
  std::string_view design;
  std::string_view figure;  // what was measured, on what
  double value;
  std::string_view unit;
  std::string_view source;
  bool recalled = false;  // not read in the source; to be checked before it is relied upon
};

[[nodiscard]] std::span<const RivalFigure> rival_figures();

// Frames per joule of LSTM accelerators for the network `ese_lstm`.
inline constexpr double kEseFramesPerJoule = 17544.0 / 41;     // recalled
inline constexpr double kClstmFramesPerJoule = 330275.0 / 23;  // block 16; recalled

}  // namespace sheaf::backend::cim
