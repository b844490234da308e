// SPDX-License-Identifier: Apache-2.0
#include "sheaf/sim/crossbar/device.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

#include "sheaf/base/error.h"

namespace sheaf::sim::crossbar {
namespace {

using target::Cell;
using target::DeviceModel;

constexpr double kMicro = 1e-6;
constexpr double kPcmScaleUs = 25;  // of which its formulas take shares
constexpr double kPcmReadPulseS = 250e-9;

void require(const char* name, bool holds, double got, const char* expected) {
  if (holds) return;
  throw base::UsageError({.place = std::string("cell.") + name,
                          .what = "out of range",
                          .got = std::to_string(got),
                          .expected = expected});
}

void require_covered(const Cell& cell, double least_us, double most_us) {
  const Levels levels = levels_of(cell);
  for (const double g_s : {levels.off_s, levels.on_s}) {
    const double g_us = g_s / kMicro;
    if (g_us >= least_us - 1e-9 && g_us <= most_us + 1e-9) continue;
    throw base::UsageError(
        {.place = "cell.device",
         .what = "the model '" +
                 std::string(target::kDeviceModelNames[static_cast<std::size_t>(cell.device)]) +
                 "' does not cover a level's conductance",
         .got = std::to_string(g_us) + " uS",
         .expected = std::to_string(least_us) + " to " + std::to_string(most_us) + " uS",
         .hint = "change r_on_ohm or on_off_ratio"});
  }
}

// PCM: exponent of drift and share of 1/f noise by the conductance that was asked for (Joshi et
// al., Nature Communications 11, 2473, 2020; as AIHWKit's documentation gives them).
double pcm_drift_nu(double share, double z) {
  const double log_share = std::log(std::max(share, 1e-12));
  const double mean = std::clamp(-0.0155 * log_share + 0.0244, 0.049, 0.1);
  const double sigma = std::clamp(-0.0125 * log_share - 0.0059, 0.008, 0.045);
  return mean + sigma * z;
}

double pcm_read_sigma(double share, double read_after_s) {
  const double q = std::min(0.0088 / std::pow(std::max(share, 1e-12), 0.65), 0.2);
  const double octaves = std::log((read_after_s + kPcmReadPulseS) / (2 * kPcmReadPulseS));
  return q * std::sqrt(std::max(octaves, 0.0));
}

double uniform(std::uint32_t word) { return (static_cast<double>(word) + 0.5) * 0x1p-32; }

}  // namespace

Levels levels_of(const Cell& cell) {
  const double on_s = 1 / cell.r_on_ohm;
  const double off_s = on_s / cell.on_off_ratio;
  return {.off_s = off_s, .on_s = on_s, .step_s = (on_s - off_s) / ((1U << cell.bits) - 1)};
}

void check_cell(const Cell& cell) {
  require("bits", cell.bits >= 1 && cell.bits <= 8, cell.bits, "1 to 8");
  require("r_on_ohm", cell.r_on_ohm > 0 && std::isfinite(cell.r_on_ohm), cell.r_on_ohm,
          "a finite number above 0");
  require("on_off_ratio", cell.on_off_ratio > 1, cell.on_off_ratio, "a number above 1");
  require("variation_sigma", cell.variation_sigma >= 0, cell.variation_sigma, "0 or more");
  require("read_noise_sigma", cell.read_noise_sigma >= 0, cell.read_noise_sigma, "0 or more");
  require("drift_nu_sigma", cell.drift_nu_sigma >= 0, cell.drift_nu_sigma, "0 or more");
  require("drift_start_s", cell.drift_start_s > 0, cell.drift_start_s, "a number above 0");
  require("read_after_s", cell.read_after_s >= 0, cell.read_after_s, "0 or more");
  require("stuck_on_rate", cell.stuck_on_rate >= 0 && cell.stuck_on_rate <= 1, cell.stuck_on_rate,
          "0 to 1");
  require("stuck_off_rate",
          cell.stuck_off_rate >= 0 && cell.stuck_on_rate + cell.stuck_off_rate <= 1,
          cell.stuck_off_rate, "0 to 1, in sum with stuck_on_rate");
  if (cell.device == DeviceModel::wan2022) require_covered(cell, 0, 39.3);
  if (cell.device == DeviceModel::milo2021) require_covered(cell, 50, 225);
  if (cell.device == DeviceModel::pcm) require_covered(cell, 0, kPcmScaleUs);
}

double normal(std::uint32_t a, std::uint32_t b) {
  return std::sqrt(-2 * std::log(uniform(a))) * std::cos(2 * std::numbers::pi * uniform(b));
}

double programming_sigma(const Cell& cell, double g_us) {
  switch (cell.device) {
    case DeviceModel::ideal:
      return 0;
    case DeviceModel::lognormal:
      return cell.variation_sigma;
    case DeviceModel::wan2022:
      return std::max(
          0.0, 1.536e-4 * g_us * g_us * g_us - 1.167e-2 * g_us * g_us + 0.2374 * g_us + 1.053);
    case DeviceModel::milo2021:
      return 4.782 - 0.00911 * g_us;
    case DeviceModel::pcm: {
      const double share = g_us / kPcmScaleUs;
      return std::max(0.0, -1.1731 * share * share + 1.9650 * share + 0.2635);
    }
  }
  return 0;
}

ProgrammedCell program(const Cell& cell, std::uint32_t level, const base::Philox& random,
                       std::uint64_t index) {
  const Levels levels = levels_of(cell);
  const double asked_s = levels.off_s + level * levels.step_s;
  const double share = asked_s / kMicro / kPcmScaleUs;
  const bool pcm = cell.device == DeviceModel::pcm;
  double read_sigma = cell.read_noise_sigma;
  if (pcm) read_sigma = std::hypot(read_sigma, pcm_read_sigma(share, cell.read_after_s));

  const base::PhiloxBlock words = random.block(0, index);
  const double fate = uniform(words[2]);
  if (fate < cell.stuck_on_rate) return {levels.on_s, levels.on_s * read_sigma};
  if (fate > 1 - cell.stuck_off_rate) return {levels.off_s, levels.off_s * read_sigma};

  double g_s = asked_s;
  if (cell.device != DeviceModel::ideal) {
    const double sigma = programming_sigma(cell, asked_s / kMicro);
    const double z = normal(words[0], words[1]);
    g_s = cell.device == DeviceModel::lognormal ? asked_s * std::exp(sigma * z)
                                                : std::max(0.0, asked_s + sigma * kMicro * z);
  }
  if (cell.read_after_s > cell.drift_start_s) {
    const base::PhiloxBlock more = random.block(1, index);
    const double z = normal(more[0], more[1]);
    const double nu = pcm ? pcm_drift_nu(share, z) : cell.drift_nu + cell.drift_nu_sigma * z;
    g_s *= std::pow(cell.read_after_s / cell.drift_start_s, -nu);
  }
  return {g_s, g_s * read_sigma};
}

}  // namespace sheaf::sim::crossbar
