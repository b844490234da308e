// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "apps/cli/options.h"
#include "apps/cli/print_json.h"
#include "apps/cli/translate.h"
#include "apps/cli/verbs.h"
#include "sheaf/train/evaluate.h"
#include "sheaf/train/translations.h"

namespace sheaf::cli {
namespace {

// Of all translations; nothing where the model has not learned to end a sentence.
std::optional<double> bleu_of(const Flags& flags, const engine::Workload& workload) {
  const nn::Vocabulary& target = workload.vocabularies.target;
  if (train::as_translator(*workload.model) == nullptr || !engine::ends_sentences(target)) {
    return std::nullopt;
  }
  train::Bleu bleu;
  translate_workload(flags, workload, [&](std::uint32_t index, const engine::Decoded& translation) {
    const auto reference = train::reference_of(workload.instances[index], target);
    bleu.add(train::words_of(translation, target), {&reference, 1});
  });
  return bleu.value();
}

void eval(Flags flags) {
  const engine::Workload workload = open_trained(flags, Unlabelled::refused);
  train::Evaluator evaluator(*workload.model, workload.vocabularies,
                             train::parse_decode(flags.decode));
  run_workload(flags, workload, [&](std::uint32_t index, const engine::InstanceOutputs& outputs) {
    evaluator.add(workload.instances[index], outputs);
  });
  train::Evaluation result = evaluator.result();
  if (const auto bleu = bleu_of(flags, workload)) result.metrics["bleu"] = *bleu;
  if (!flags.json) {
    fmt::print("{} instances, {} labels\n", result.instances, result.labels);
    for (const auto& [name, value] : result.metrics) fmt::print("{} {:.6g}\n", name, value);
    return;
  }
  nlohmann::ordered_json json;
  json["model"] = flags.model;
  json["model_dir"] = flags.model_dir;
  json["data"] = flags.data;
  json["decode"] = flags.decode;
  json["instances"] = result.instances;
  json["labels"] = result.labels;
  for (const auto& [name, value] : result.metrics) json[name] = value;
  print_json(json);
}

}  // namespace

void add_eval(CLI::App& app) {
  auto* verb = app.add_subcommand(
      "eval",
      "Measure a trained model on data with gold labels: accuracy (root_accuracy, node_accuracy, "
      "token_accuracy), span_f1 (as conlleval), loss, perplexity and bleu, as fits the model");
  const auto flags = std::make_shared<Flags>();
  add_trained_options(*verb, *flags);
  add_run_options(*verb, *flags);
  verb->add_flag("--json", flags->json, "Print JSON");
  verb->callback([flags] { eval(*flags); });
}

}  // namespace sheaf::cli
