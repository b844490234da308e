// SPDX-License-Identifier: Apache-2.0
#include "apps/cli/noc_mapping.h"

#include <fmt/format.h>

#include "apps/cli/print_json.h"
#include "apps/cli/simulate_network.h"
#include "sheaf/target/read_chip.h"

namespace sheaf::cli {

void add_noc_mapping_options(CLI::App& verb, NocMappingFlags& flags) {
  auto* hw = verb.add_option("--hw", flags.hw,
                             "A chip (sheaf simulate): the traffic of --model on it, layer by "
                             "layer as bursts and all layers in steady state, on its mesh, XY");
  auto* model = verb.add_option("--model", flags.model, "With --hw: a list of layers");
  hw->needs(model);
  model->needs(hw);
  verb.add_option("--set", flags.changes, "With --hw: change one number of the chip")
      ->allow_extra_args(false)
      ->needs(hw);
  verb.add_option("--delivery", flags.delivery,
                  "With --hw, of bursts: unicast, or multicast (a number leaves its router once)")
      ->capture_default_str()
      ->needs(hw);
  verb.add_option("--most-flits", flags.options.most_flits,
                  "With --hw: simulate at most so many flits of a layer, a share of an input's")
      ->check(CLI::Range(1U, 1U << 30U))
      ->capture_default_str()
      ->needs(hw);
  add_mapping_options(verb, flags.chip);
  for (const char* name : {"--compress", "--strategy", "--chips", "--placement", "--slicing"}) {
    verb.get_option(name)->needs(hw);
  }
  for (const char* name :
       {"--mesh", "--pattern", "--rate", "--saturation", "--routing", "--analytical", "--vcs",
        "--buffer", "--look-ahead", "--flit-bits", "--link-mm", "--energy"}) {
    hw->excludes(verb.get_option(name));
  }
}

void run_noc_mapping(const NocMappingFlags& flags, bool json) {
  study::MappedTrafficOptions options = flags.options;
  options.delivery = study::parse_delivery(flags.delivery);
  const study::ChipStudy study = study::put_on_chip(
      study::listed_layers(flags.model), target::read_chip(flags.hw, flags.changes), flags.chip);
  const study::MappedTraffic traffic = study::map_traffic(study, options);
  if (json) {
    print_json(study::to_json(traffic));
  } else {
    fmt::print("{}", study::to_text(traffic));
  }
}

}  // namespace sheaf::cli
