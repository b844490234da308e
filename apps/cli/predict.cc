// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>

#include "apps/cli/options.h"
#include "apps/cli/verbs.h"
#include "sheaf/io/file_writer.h"
#include "sheaf/train/predict.h"

namespace sheaf::cli {
namespace {

std::string line_of(std::uint32_t index, const std::vector<std::string>& labels, bool json) {
  if (!json) return fmt::format("{}\n", fmt::join(labels, " "));
  nlohmann::ordered_json line;
  line["index"] = index;
  line["labels"] = labels;
  return line.dump() + "\n";
}

void predict(Flags flags) {
  const engine::Workload workload = open_trained(flags, Unlabelled::taken);
  train::require_labels(*workload.model);
  std::optional<io::FileWriter> file;
  if (!flags.out.empty()) file.emplace(flags.out);
  run_workload(flags, workload, [&](std::uint32_t index, const engine::InstanceOutputs& outputs) {
    const std::string line = line_of(
        index, train::label_names(workload.instances[index], outputs, workload.vocabularies.labels),
        flags.json);
    if (file) {
      file->append(line);
    } else {
      fmt::print("{}", line);
    }
  });
  if (file) file->commit();
}

}  // namespace

void add_predict(CLI::App& app) {
  auto* verb = app.add_subcommand(
      "predict",
      "Label data with a trained model: a line per instance, a label per word, per tree node in "
      "post-order (the root is last), per node of a graph in topological order");
  const auto flags = std::make_shared<Flags>();
  add_trained_options(*verb, *flags);
  add_run_options(*verb, *flags);
  verb->add_flag("--json", flags->json, "A line of JSON per instance: index and labels");
  verb->add_option("--out", flags->out, "Write here, not to standard output");
  verb->callback([flags] { predict(*flags); });
}

}  // namespace sheaf::cli
