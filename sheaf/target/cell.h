// SPDX-License-Identifier: Apache-2.0
//
// A resistive memory cell. Level v of a cell conducts G_off + v (G_on - G_off) / (2^bits - 1).
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

namespace sheaf::target {

// How far a programmed conductance lies from the one that was asked for.
enum class DeviceModel {
  ideal,      // not at all
  lognormal,  // times exp(variation_sigma z): FORMS (ISCA 2021) has sigma 0.1
  wan2022,    // RRAM, CrossSim's fit: sigma(G) cubic in G, for G <= 39.3 uS
  milo2021,   // RRAM, CrossSim's fit: sigma(G) = 4.782 - 0.00911 G uS, for 50..225 uS
  pcm,        // phase change, Joshi et al. (Nature Communications 11, 2473, 2020), G <= 25 uS
};

inline constexpr std::array<std::string_view, 5> kDeviceModelNames = {"ideal", "lognormal",
                                                                      "wan2022", "milo2021", "pcm"};

struct Cell {
  // Bits that a cell stores: 2^bits levels, 1..8. ISAAC (ISCA 2016), table I: 2.
  std::uint32_t bits = 2;
  // Resistance of the highest level, ohm, > 0. CrossSim's ISAAC preset: 2 kohm.
  double r_on_ohm = 2000;
  // G_on / G_off, > 1. Infinite: a cell at level 0 does not conduct. NeuroSim's default is 17,
  // CrossSim's ISAAC preset 1000.
  double on_off_ratio = std::numeric_limits<double>::infinity();

  DeviceModel device = DeviceModel::ideal;
  // Of `lognormal`: standard deviation of ln(G / G_asked), >= 0.
  double variation_sigma = 0;
  // Standard deviation of a cell's conductance at a read, as a share of it, >= 0; of its own at
  // every read. `pcm` adds its 1/f noise to it.
  double read_noise_sigma = 0;

  // G(t) = G (t / drift_start_s)^-nu, where nu of each cell is normal with this mean and deviation.
  // `pcm` has the exponents of its model instead.
  double drift_nu = 0;
  double drift_nu_sigma = 0;
  // When drift begins, s, > 0. AIHWKit's model of PCM: 20 s.
  double drift_start_s = 20;
  // When the cells are read, s after they were programmed; up to drift_start_s nothing drifts.
  double read_after_s = 0;

  // Shares of cells that are stuck at the highest and at the lowest level, 0..1, in sum at most 1.
  // MNSIM's default: 0.001 each.
  double stuck_on_rate = 0;
  double stuck_off_rate = 0;

  // Where the numbers are from.
  std::string source = "ISAAC (ISCA 2016) table I; CrossSim 3.2, ISAAC preset";
};

}  // namespace sheaf::target
