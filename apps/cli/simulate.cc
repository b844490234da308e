// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "apps/cli/print_json.h"
#include "apps/cli/simulate_network.h"
#include "apps/cli/verbs.h"
#include "sheaf/base/error.h"
#include "sheaf/report/chip_report.h"
#include "sheaf/sim/cost/adc_scaling.h"
#include "sheaf/sim/cost/sums.h"
#include "sheaf/target/presets.h"
#include "sheaf/target/read_chip.h"
#include "sheaf/target/write_chip.h"

namespace sheaf::cli {
namespace {

struct SimulateFlags {
  std::string hw;
  std::vector<std::string> changes;
  std::uint32_t adc_scaling = 0;
  bool peak = false;
  bool check = false;
  bool print = false;
  bool keys = false;
  bool json = false;
  NetworkFlags network;
};

void print(const SimulateFlags& flags, const nlohmann::ordered_json& json,
           const std::string& text) {
  if (flags.json) {
    print_json(json);
  } else {
    fmt::print("{}", text);
  }
}

void check(const SimulateFlags& flags, const target::Chip& chip) {
  print(flags, report::check_json(chip), report::check_text(chip));
  if (report::all_same(chip)) return;
  throw base::DataError({.place = "chip " + chip.name,
                         .what = "published figures",
                         .got = "some that are far",
                         .expected = "all of them within what they may differ by"});
}

// What is given but changes nothing is a mistake.
void refuse_given(const CLI::App& verb, const std::set<std::string>& names,
                  const std::string& expected) {
  for (const CLI::Option* option : verb.get_options()) {
    if (option->count() == 0 || !names.contains(option->get_name())) continue;
    throw base::UsageError(
        {.place = option->get_name(), .what = "changes nothing here", .expected = expected});
  }
}

void refuse_unused(const SimulateFlags& flags, const CLI::App& verb) {
  const NetworkFlags& network = flags.network;
  if (network.model().empty()) return refuse_given(verb, network.of_networks, "--model");
  refuse_given(verb, {"--peak", "--adc-scaling", "--print", "--keys"}, "no --model");
  if (network.run.data.empty()) {
    refuse_given(verb, network.of_data, "--data");
    refuse_given(verb, {"--check"}, "--data, or no --model");
  }
  if (network.accuracy) {
    refuse_given(verb, {"--check", "--html", "--ledger", "--objective"}, "no --accuracy");
  }
}

void simulate(const SimulateFlags& flags, const CLI::App& verb) {
  refuse_unused(flags, verb);
  if (flags.keys) {
    fmt::print("{}", report::key_table());
    return;
  }
  if (flags.hw.empty()) {
    throw base::UsageError({.place = "--hw", .what = "no chip", .expected = "a preset or a file"});
  }
  const target::Chip chip = target::read_chip(flags.hw, flags.changes);
  sim::cost::require_models(chip);
  if (!flags.network.model().empty()) {
    simulate_network(flags.network, chip, flags.check, flags.json);
  } else if (flags.print) {
    fmt::print("{}", target::to_yaml(chip));
  } else if (flags.check) {
    check(flags, chip);
  } else if (flags.adc_scaling > 0) {
    const std::uint32_t most = chip.adc ? chip.adc->bits : flags.adc_scaling;
    if (flags.adc_scaling > most) {
      throw base::UsageError({.place = "--adc-scaling",
                              .what = "bits",
                              .got = std::to_string(flags.adc_scaling),
                              .expected = "at most the " + std::to_string(most) + " of adc.bits"});
    }
    const auto studies = sim::cost::adc_scaling(chip, most, flags.adc_scaling);
    print(flags, report::adc_scaling_json(chip, studies), report::adc_scaling_text(chip, studies));
  } else {
    print(flags, report::peak_json(chip), report::peak_text(chip));
  }
}

}  // namespace

void add_simulate(CLI::App& app) {
  auto* verb = app.add_subcommand(
      "simulate", "What a chip for in-memory computing takes, and what a network does on it");
  const auto flags = std::make_shared<SimulateFlags>();
  verb->add_option(
      "--hw", flags->hw,
      fmt::format("The chip: a file in YAML, or {}", fmt::join(target::preset_names(), ", ")));
  verb->add_option("--set", flags->changes, "Change one number: crossbar.rows=256. May be repeated")
      ->allow_extra_args(false);
  auto* peak = verb->add_flag("--peak", flags->peak,
                              "Area and power by part, and peak rates: what is printed "
                              "without --model and these options");
  auto* check_flag = verb->add_flag(
      "--check", flags->check,
      "Hold the sums against published figures, and list all sources. With --data: hold the "
      "digest against that of the host's products; where cells or wires are not ideal, count the "
      "outputs that differ");
  auto* scaling = verb->add_option("--adc-scaling", flags->adc_scaling,
                                   "What converters of fewer bits, down to so many, gain a tile "
                                   "under every model of what they cost")
                      ->check(CLI::Range(1U, 16U));
  auto* print_flag =
      verb->add_flag("--print", flags->print, "Print the chip's description in full");
  auto* keys = verb->add_flag("--keys", flags->keys, "List every key that a description may have");
  auto* json = add_json_flag(*verb, flags->json);
  print_flag->excludes(json);
  keys->excludes(json);
  add_network_options(*verb, flags->network);
  peak->excludes(check_flag)->excludes(scaling)->excludes(print_flag);
  check_flag->excludes(scaling)->excludes(print_flag);
  scaling->excludes(print_flag);
  verb->footer(
      "Numbers that are reconstructed from an abstract are marked so. docs/hardware.md explains "
      "every key.\nExit status 2 when --check finds a figure that is too far, or a digest that "
      "differs.");
  verb->callback([flags, verb] { simulate(*flags, *verb); });
}

}  // namespace sheaf::cli
