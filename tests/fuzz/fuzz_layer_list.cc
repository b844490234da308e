// SPDX-License-Identifier: Apache-2.0
//
// Whatever the text, io::parse_layer_list and nn::LayerNet give a model or throw a ConfigError.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "sheaf/base/error.h"
#include "sheaf/io/layer_list_file.h"
#include "sheaf/nn/layer_net.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const sheaf::nn::LayerList list = sheaf::io::parse_layer_list(text, "fuzz.yaml");
    if (list.layers.size() > 64) return 0;
    const auto model = sheaf::nn::make_listed_model(list);
    sheaf::graph::Graph graph(model->network());
    if (list.steps > 64) return 0;
    model->append(sheaf::nn::listed_instance(list), 0, graph);
    graph.seal();
    graph.verify();
  } catch (const sheaf::base::ConfigError&) {
  }
  return 0;
}
