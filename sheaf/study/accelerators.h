// SPDX-License-Identifier: Apache-2.0
//
// Accelerators whose papers we have the abstracts of, as models on this program's chips, beside
// what the abstracts say. Nothing is tuned: what comes out is shown, with what makes up the
// difference.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace sheaf::study {

struct AcceleratorOptions {
  std::vector<std::string> models = {"alexnet", "vgg16", "resnet18", "ese_lstm"};
  std::uint32_t bits = 16;   // of weights and inputs, ReBoc against ISAAC and PipeLayer
  std::uint32_t block = 16;  // of block-circulant weights
};

struct AcceleratorCell {
  std::string text;
  std::optional<double> value;
};

// One table of the study.
struct AcceleratorTable {
  std::string name;   // one word
  std::string title;  // a line for people
  std::vector<std::string> head;
  std::vector<std::vector<AcceleratorCell>> rows;
  std::vector<std::string> notes;
};

// All tables: reboc, reboc_budget, reboc_energy, tinyadc, tinyadc_pruning, cannon, smartdeal,
// rivals. Throws what reading models and chips throws.
[[nodiscard]] std::vector<AcceleratorTable> study_accelerators(const AcceleratorOptions& options);

[[nodiscard]] std::string accelerators_text(const std::vector<AcceleratorTable>& tables,
                                            bool markdown);
[[nodiscard]] nlohmann::ordered_json accelerators_json(const std::vector<AcceleratorTable>& tables);

}  // namespace sheaf::study
