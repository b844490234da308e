// SPDX-License-Identifier: Apache-2.0
//
// Whatever the bytes, io::read_dags() gives graphs in topological order or throws a DataError.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <variant>

#include "sheaf/base/error.h"
#include "sheaf/io/dags.h"

namespace {

bool holds(const sheaf::nn::Dag& dag, std::size_t rows, std::size_t classes) {
  const std::size_t nodes = dag.kinds.size();
  if (nodes == 0 || dag.begin.size() != nodes + 1 || dag.begin[0] != 0) return false;
  if (dag.begin[nodes] != dag.predecessors.size()) return false;
  if (!dag.labels.empty() && dag.labels.size() != nodes) return false;
  for (const std::uint32_t label : dag.labels) {
    if (label != sheaf::nn::kNoLabel && label >= classes) return false;
  }
  for (std::size_t v = 0; v < nodes; ++v) {
    if (dag.kinds[v] >= rows || dag.begin[v] > dag.begin[v + 1]) return false;
    for (std::uint32_t k = dag.begin[v]; k < dag.begin[v + 1]; ++k) {
      if (dag.predecessors[k] >= v) return false;
    }
  }
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  sheaf::io::WordIndex kinds;
  sheaf::io::LabelIndex labels;
  try {
    for (const auto& instance : sheaf::io::read_dags(text, "fuzz", kinds, &labels)) {
      const auto& dag = std::get<sheaf::nn::Dag>(instance);
      if (!holds(dag, kinds.vocabulary().size(), labels.names().size())) std::abort();
    }
  } catch (const sheaf::base::DataError&) {
  }
  return 0;
}
