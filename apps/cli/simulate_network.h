// SPDX-License-Identifier: Apache-2.0
//
// `sheaf simulate` with a network.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <set>
#include <string>

#include "apps/cli/options.h"
#include "sheaf/study/simulate.h"
#include "sheaf/target/chip.h"

namespace sheaf::cli {

struct NetworkFlags {
  Flags run;  // --hw and --set are the verb's
  study::ChipOptions chip;
  std::string bits;
  std::string objective = "time";
  std::uint32_t first = 0;
  std::uint32_t seeds = 1;
  bool accuracy = false;
  std::string html;          // a page
  std::string compare_with;  // another chip, on the page
  bool functional = false;   // values are asked for by name; data ask for them, too

  // Names of options that mean something only with a network, and only with data.
  std::set<std::string> of_networks;
  std::set<std::string> of_data;

  // What names a network; empty: there is none.
  [[nodiscard]] const std::string& model() const {
    return run.model.empty() ? run.model_dir : run.model;
  }
};

void add_network_options(CLI::App& verb, NetworkFlags& flags);
// Those that say how a network is mapped: --compress, --strategy, --chips, --placement and such.
void add_mapping_options(CLI::App& verb, study::ChipOptions& chip);

// Puts a network on `chip`: by closed forms without data, else every batch through its crossbars.
// `check`: throws DataError where values are not those of the host's products.
void simulate_network(NetworkFlags flags, const target::Chip& chip, bool check, bool json);

}  // namespace sheaf::cli
