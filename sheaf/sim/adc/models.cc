// SPDX-License-Identifier: Apache-2.0
//
// The list of models. Each names the publication or the tool that its numbers are from; what is
// derived from such numbers is marked [D].
#include <array>
#include <cmath>

#include "sheaf/sim/adc/model.h"

namespace sheaf::sim::adc {
namespace {

constexpr double kAnyRate = 1e6;
constexpr double kIsaacPj = 1.667;  // 2 mW at 1.2 GS/s, ISAAC (ISCA 2016), table I
constexpr double kIsaacUm2 = 1200;

double bits(const target::Adc& adc) { return static_cast<double>(adc.bits); }

double steps(const target::Adc& adc) { return std::ldexp(1.0, static_cast<int>(adc.bits)); }

Estimate isaac_forms(const target::Adc& adc) {
  const double factor = 0.4 * bits(adc) / 8 + 0.6 * steps(adc) / 256;
  return {.energy_pj = kIsaacPj * factor, .area_um2 = kIsaacUm2 * factor};
}

Estimate sar_saberi(const target::Adc& adc) {
  return {.energy_pj = 0.1949 * bits(adc) + 0.00042 * steps(adc),
          .area_um2 = 81.73 * bits(adc) + 2.1335 * steps(adc)};
}

Estimate pow2(const target::Adc& adc) {
  return {.energy_pj = kIsaacPj * steps(adc) / 256, .area_um2 = kIsaacUm2 * steps(adc) / 256};
}

Estimate forms_4b(const target::Adc& adc) {
  if (adc.bits != 4) return {.refusal = "one part of 4 bits, no rule for others"};
  return {.energy_pj = 0.226, .area_um2 = 284};
}

Estimate newton(const target::Adc& adc) {
  return {.energy_pj = 2.583 * bits(adc) / 9, .area_um2 = 1500, .note = "area of 9 bits for any"};
}

// 0.25 mW per bit for as long as a conversion takes, of which the rate says how long; 12.5 ns per
// bit for 128 columns at the fastest.
Estimate puma_sim(const target::Adc& adc) {
  Estimate result{.energy_pj = 0.25 * bits(adc) / adc.rate_gsps,
                  .area_um2 = kIsaacUm2,
                  .note = "10 % of it leakage; area for any bits"};
  if (adc.rate_gsps > 1.001 * 128 / (12.5 * bits(adc))) {
    result.extrapolated = true;
    result.note += "; faster than its 12.5 ns per bit and 128 columns";
  }
  return result;
}

struct Part {
  std::uint32_t bits;
  double gsps;
  double mw;
  double um2;
};

// MNSIM charges the converter's power for (bits + 2) of its clock's periods.
Estimate mnsim(const target::Adc& adc) {
  constexpr std::array<Part, 5> kParts = {{{10, 1.5, 6.92, 1600},
                                           {8, 1.28, 2, 1200},
                                           {8, 1.1, 4, 1650},
                                           {6, 1.0, 1.26, 580},
                                           {4, 1.0, 0.7, 500}}};
  const Part* nearest = nullptr;
  for (const Part& part : kParts) {
    if (part.bits != adc.bits) continue;
    if (nearest == nullptr ||
        std::abs(part.gsps - adc.rate_gsps) < std::abs(nearest->gsps - adc.rate_gsps)) {
      nearest = &part;
    }
  }
  if (nearest == nullptr) return {.refusal = "parts of 4, 6, 8 and 10 bits only"};
  return {.energy_pj = nearest->mw * (bits(adc) + 2) / nearest->gsps,
          .area_um2 = nearest->um2,
          .note = "power for (bits + 2) / rate, not 1 / rate"};
}

Estimate timely(const target::Adc& adc) {
  if (adc.bits != 8) return {.refusal = "one part of 8 bits, no rule for others"};
  return {.energy_pj = 0.145, .area_um2 = 310, .note = "a time-to-digital converter"};
}

Estimate neurram(const target::Adc&) {
  return {.energy_pj = 0.25,
          .area_um2 = 350,
          .energy_high_pj = 1.2,
          .area_high_um2 = 400,
          .note = "the range of its parts, for any bits"};
}

Estimate neurosim(const target::Adc& adc) {
  return {.refusal = "look-up tables of sense amplifiers (a flash converter has 2^b - 1 = " +
                     std::to_string((1U << adc.bits) - 1) + " of them), no closed form"};
}

Estimate walden(const target::Adc& adc) {
  return {.energy_pj = adc.fom_fj * 1e-3 * steps(adc), .note = "no model of area"};
}

// A regression over Murmann's survey, of the best converters: the lowest fifth of energies and
// tenth of areas.
Estimate survey(const target::Adc& adc) {
  if (adc.bits < 4) return {.refusal = "the regression refuses less than 4 bits"};
  const double b = bits(adc);
  const double log_hz = std::log(adc.rate_gsps * 1e9);
  const double log_nm = std::log(adc.node_nm);
  const double sndr_db = 6.02 * b + 1.76;
  const double fom_db = std::fmin(213.78 - 2.872 * log_hz, 128.307 + 3.2205 * b);
  const double energy_pj = 0.5 * std::pow(10, (sndr_db - fom_db) / 10) *
                           std::exp(26.050 + 1.880 * log_nm - 2.829 * std::log(b) - 1.470);
  const double area =
      std::exp(1.346 + 0.993 * log_nm + 0.1807 * log_hz + 0.2991 * std::log(energy_pj));
  return {.energy_pj = energy_pj, .area_um2 = area};
}

constexpr std::array<Model, 12> kModels = {{
    {"isaac-forms", "1.667 pJ x (0.4 b/8 + 0.6 2^(b-8)), 1200 um2 x the same",
     "fit [D] to the 8-bit part of ISAAC (ISCA 2016) and the 4-bit part of FORMS (ISCA 2021)", 4, 8,
     1.2, 2.1, 32, isaac_forms},
    {"sar-saberi", "0.1949 b + 0.00042 2^b pJ, 81.73 b + 2.1335 2^b um2",
     "hwcomponents-library's ISAAC converter after Saberi et al., closed form [D]", 4, 10, 1.2,
     1.28, 32, sar_saberi},
    {"pow2", "1.667 2^(b-8) pJ, 1200 2^(b-8) um2", "hwcomponents-library's rule for ISAAC's part",
     1, 8, 1.2, 1.28, 32, pow2},
    {"forms-4b", "0.226 pJ, 284 um2", "FORMS (ISCA 2021): 0.475 mW at 2.1 GS/s", 4, 4, 2.1, 2.1, 32,
     forms_4b},
    {"newton", "2.583 b/9 pJ, 1500 um2", "Newton (2018) in hwcomponents-library", 1, 9, 1.2, 1.28,
     32, newton},
    {"puma-sim", "0.25 b mW / rate, 1200 um2", "constants of the PUMA simulator", 1, 16, 0,
     kAnyRate, 32, puma_sim},
    {"mnsim-k", "mW (b + 2) / rate of five parts", "source of MNSIM 2.0", 4, 10, 1.0, 1.5, 32,
     mnsim},
    {"timely-tdc", "0.145 pJ, 310 um2", "TIMELY (ISCA 2020)", 8, 8, 0, kAnyRate, 65, timely},
    {"neurram", "0.25 to 1.2 pJ, 350 to 400 um2", "NeuRRAM (Nature 608, 2022)", 1, 8, 0, kAnyRate,
     130, neurram},
    {"neurosim", "look-up tables", "DNN+NeuroSim (IEDM 2019)", 1, 16, 0, kAnyRate, 0, neurosim},
    {"walden", "figure of merit x 2^b", "Walden (1999); the figure of merit is the design's", 1, 16,
     0, kAnyRate, 0, walden},
    {"survey", "regression in bits, rate and node",
     "Accelergy's converter plug-in (arXiv 2404.06553) over Murmann's survey", 4, 12, 0, 10, 0,
     survey},
}};

}  // namespace

std::span<const Model> models() { return kModels; }

}  // namespace sheaf::sim::adc
