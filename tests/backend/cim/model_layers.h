// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "sheaf/backend/cim/read_layers.h"
#include "sheaf/io/layer_list_file.h"
#include "sheaf/nn/layer_net.h"

namespace sheaf::test {

// configs/models/NAME.yaml as an ordinary model with one graph of it.
struct ListedModel {
  explicit ListedModel(const std::string& name)
      : list(io::read_layer_list(name)),
        model(nn::make_listed_model(list)),
        graph(model->network()) {
    model->append(nn::listed_instance(list), 0, graph);
    graph.seal();
  }
  [[nodiscard]] backend::cim::LayerShapes layers() const {
    return backend::cim::read_layers(graph, list.name);
  }

  nn::LayerList list;
  std::unique_ptr<nn::Model> model;
  graph::Graph graph;
};

}  // namespace sheaf::test
