// SPDX-License-Identifier: Apache-2.0
//
// How long it takes to say what a network costs on a chip.
//
//   sheaf_mapping [MODELS_FOLDER [ROUNDS]]
//
// For every model of the folder (configs/models) and every preset of a chip: reads the list, then
// measures read_layers() of its graph and cost_of() (thread CPU time, medians over rounds; the
// first warms up), and prints microseconds.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "sheaf/backend/cim/network_cost.h"
#include "sheaf/backend/cim/read_layers.h"
#include "sheaf/base/clock.h"
#include "sheaf/base/error.h"
#include "sheaf/io/layer_list_file.h"
#include "sheaf/nn/layer_net.h"
#include "sheaf/target/presets.h"
#include "sheaf/target/read_chip.h"

namespace {

using namespace sheaf;

template <class Act>
double median_us(int rounds, Act act) {
  const base::ThreadCpuClock clock;
  std::vector<double> times;
  for (int i = 0; i <= rounds; ++i) {
    const auto begin = clock.now_ns();
    act();
    if (i > 0) times.push_back(static_cast<double>(clock.now_ns() - begin) / 1e3);
  }
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

void measure(const std::string& path, int rounds) {
  const nn::LayerList list = io::read_layer_list(path);
  const auto model = nn::make_listed_model(list);
  graph::Graph graph(model->network());
  model->append(nn::listed_instance(list), 0, graph);
  graph.seal();
  backend::cim::LayerShapes shapes;
  const double read_us =
      median_us(rounds, [&] { shapes = backend::cim::read_layers(graph, list.name); });
  fmt::print("{:<10} {:>4} layers  read {:>8.1f} us\n", list.name, shapes.layers.size(), read_us);
  backend::cim::LayerShapes blocks = shapes;
  backend::cim::make_block_circulant(blocks, 16);
  for (const std::string& preset : target::preset_names()) {
    const target::Chip chip = target::read_chip(preset);
    const bool in_blocks = chip.mapping.strategy == target::Strategy::reboc;
    try {
      double checksum = 0;
      const double us = median_us(rounds, [&] {
        checksum += backend::cim::cost_of(in_blocks ? blocks : shapes, chip).total_energy_pj();
      });
      fmt::print("{:<10} {:<10} {:>8.1f} us  {:.4g} uJ\n", list.name, preset, us,
                 checksum / (rounds + 1) / 1e6);
    } catch (const base::Error& error) {
      fmt::print("{:<10} {:<10} {}\n", list.name, preset, error.what());
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::string folder = argc > 1 ? argv[1] : "configs/models";
  int rounds = 50;
  if (argc > 2) std::from_chars(argv[2], argv[2] + std::strlen(argv[2]), rounds);
  try {
    std::vector<std::string> paths;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      if (entry.path().extension() == ".yaml") paths.push_back(entry.path().string());
    }
    std::sort(paths.begin(), paths.end());
    for (const std::string& path : paths) measure(path, rounds);
  } catch (const std::exception& error) {
    fmt::print(stderr, "sheaf_mapping: {}\n", error.what());
    return 1;
  }
}
