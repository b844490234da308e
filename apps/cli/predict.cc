// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>

#include "apps/cli/options.h"
#include "apps/cli/print_json.h"
#include "apps/cli/translate.h"
#include "apps/cli/verbs.h"
#include "sheaf/io/file_writer.h"
#include "sheaf/train/predict.h"
#include "sheaf/train/tag_decoder.h"
#include "sheaf/train/translations.h"

namespace sheaf::cli {
namespace {

// `what` they are: labels or words.
std::string line_of(std::uint32_t index, const std::vector<std::string>& names, const char* what,
                    bool json) {
  if (!json) return fmt::format("{}\n", fmt::join(names, " "));
  nlohmann::ordered_json line;
  line["index"] = index;
  line[what] = names;
  return json_line(line) + "\n";
}

void predict(Flags flags) {
  const engine::Workload workload = open_trained(flags, Unlabelled::taken);
  std::optional<io::FileWriter> file;
  if (!flags.out.empty()) file.emplace(flags.out);
  const auto write = [&](const std::string& line) {
    if (file) {
      file->append(line);
    } else {
      fmt::print("{}", line);
    }
  };
  const nn::Vocabularies& names = workload.vocabularies;
  if (train::as_translator(*workload.model) != nullptr) {
    translate_workload(
        flags, workload, [&](std::uint32_t index, const engine::Decoded& translation) {
          write(line_of(index, train::words_of(translation, names.target), "words", flags.json));
        });
  } else {
    const train::TagDecoder decoder(*workload.model, names.labels,
                                    train::parse_decode(flags.decode));
    run_workload(flags, workload, [&](std::uint32_t index, const engine::InstanceOutputs& outputs) {
      const nn::Instance& instance = workload.instances[index];
      const auto predicted = decoder.decode(instance, outputs);
      write(line_of(index, train::label_names(instance, predicted, names.labels), "labels",
                    flags.json));
    });
  }
  if (file) file->commit();
}

}  // namespace

void add_predict(CLI::App& app) {
  auto* verb = app.add_subcommand(
      "predict",
      "Label data with a trained model: a line per instance, a label per word, per tree node in "
      "post-order (the root is last), per node of a graph in topological order, per picture; "
      "lstm_nmt: "
      "translate it, a line per sentence");
  const auto flags = std::make_shared<Flags>();
  add_trained_options(*verb, *flags);
  add_run_options(*verb, *flags);
  verb->add_flag("--json", flags->json, "A line of JSON per instance: index and labels, or words");
  verb->add_option("--out", flags->out,
                   "Write here, not to standard output; a file that is there is replaced");
  verb->callback([flags] { predict(*flags); });
}

}  // namespace sheaf::cli
