// SPDX-License-Identifier: Apache-2.0
//
// `sheaf noc` with the traffic of a network on a chip.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "sheaf/study/mapped_traffic.h"

namespace sheaf::cli {

struct NocMappingFlags {
  std::string hw;
  std::vector<std::string> changes;
  std::string model;
  std::string delivery = "unicast";
  study::ChipOptions chip;
  study::MappedTrafficOptions options;
};

void add_noc_mapping_options(CLI::App& verb, NocMappingFlags& flags);
void run_noc_mapping(const NocMappingFlags& flags, bool json);

}  // namespace sheaf::cli
