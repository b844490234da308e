// SPDX-License-Identifier: Apache-2.0
#include "apps/cli/simulate_network.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "apps/cli/print_json.h"
#include "apps/cli/progress.h"
#include "sheaf/backend/cim/analog_products.h"
#include "sheaf/base/error.h"
#include "sheaf/io/file.h"
#include "sheaf/io/model_lists.h"
#include "sheaf/study/chip_page.h"
#include "sheaf/study/chip_run.h"
#include "sheaf/study/crossbar_accuracy.h"
#include "sheaf/study/ledger_file.h"
#include "sheaf/target/read_chip.h"

namespace sheaf::cli {
namespace {

using nlohmann::ordered_json;

ordered_json chip_recipe(const NetworkFlags& flags, const target::Chip& chip) {
  ordered_json json = {{"hw", chip.name}, {"set", chip.changes}};
  if (!flags.chip.strategy.empty()) json["strategy"] = flags.chip.strategy;
  if (!flags.chip.compress.empty()) json["compress"] = flags.chip.compress;
  if (flags.first > 0) json["first"] = flags.first;
  if (flags.run.policy == "cost") json["objective"] = flags.objective;
  if (flags.chip.chips > 0) json["chips"] = flags.chip.chips;
  if (flags.chip.placement != "serpentine") json["placement"] = flags.chip.placement;
  if (flags.chip.slicing != "apart") json["slicing"] = flags.chip.slicing;
  if (!flags.chip.input_slice_reuse) json["slice_reuse"] = false;
  if (!flags.chip.input_tile_sharing) json["tile_sharing"] = false;
  return json;
}

void save_ledger(const NetworkFlags& flags, ordered_json recipe, const target::Chip& chip,
                 runtime::Ledger ledger) {
  if (flags.run.ledger.empty()) return;
  recipe.update(chip_recipe(flags, chip));
  io::write_file(flags.run.ledger, study::to_json({std::move(recipe), std::move(ledger)}));
}

void save_page(const NetworkFlags& flags, const study::ChipStudy& study,
               const study::ChipRun* run = nullptr) {
  if (flags.html.empty()) return;
  std::optional<study::ChipStudy> other;
  if (!flags.compare_with.empty()) {
    study::ChipOptions options = flags.chip;
    options.strategy.clear();  // its own, with dense weights
    options.compress.clear();
    options.density = 1;
    other = study::put_on_chip(study::listed_layers(flags.run.model),
                               target::read_chip(flags.compare_with), options);
  }
  io::write_file(flags.html, study::chip_page(study, other ? &*other : nullptr, run));
}

void simulate_layers(const NetworkFlags& flags, const target::Chip& chip, bool json) {
  const study::ChipStudy study =
      study::put_on_chip(study::listed_layers(flags.run.model), chip, flags.chip);
  save_ledger(flags, {{"model", flags.run.model}}, chip, study::ledger_of(study));
  save_page(flags, study);
  if (json) {
    print_json(study::to_json(study));
  } else {
    fmt::print("{}", study::to_text(study));
  }
}

// The model in integers, and the instances that are to run.
engine::Workload open_network(NetworkFlags& flags) {
  Flags& run = flags.run;
  const std::string bits = std::exchange(run.quantise, "");
  for (const std::string& how : flags.chip.compress) {
    if (how != "none") run.encode.push_back("*=" + how);
  }
  flags.chip.compress.clear();
  if (!run.model_dir.empty() && run.format == "auto") run.format.clear();  // as it was trained
  engine::Workload workload =
      run.model_dir.empty()
          ? open(run)
          : open_trained(run, flags.accuracy ? Unlabelled::refused : Unlabelled::taken);
  if (flags.first > 0 && flags.first < workload.instances.size()) {
    workload.instances.resize(flags.first);
  }
  run.quantise = bits.empty() && !workload.quantised ? "8x8" : bits;
  quantise(run, workload);
  return workload;
}

study::ChipRunOptions run_options(const NetworkFlags& flags, const engine::Workload& workload,
                                  const study::ChipStudy& study) {
  const study::Objective objective = study::parse_objective(flags.objective);
  Flags host = flags.run;
  if (host.policy == "cost") host.policy = batching::kDefaultPolicy;
  study::ChipRunOptions options;
  options.session = session_options(host, workload);
  if (flags.run.policy == "cost") {
    options.session.policy = flags.run.policy;
    const auto calls =
        backend::cim::call_costs(study.shapes, study.cost, workload.model->network().type_count());
    options.session.parts.costs = study::cost_table(calls, objective);
  }
  options.batch = flags.run.batch;
  options.shuffle = flags.run.shuffle;
  options.seed = flags.run.seed;
  return options;
}

// What --check says of a run: that the digest is the host's, or, of cells that are not ideal, how
// many outputs differ.
struct Checked {
  std::string text;
  ordered_json json;
};

Checked check_exact(const engine::Workload& workload, const study::ChipRunOptions& options,
                    const study::ChipRun& run) {
  const std::string host = study::host_digest(workload, options);
  if (host == run.digest) return {", as with the host's products", {{"equals_host", true}}};
  throw base::DataError({.place = "--check",
                         .what = "digest of the chip's values",
                         .got = run.digest,
                         .expected = host + ", that of the host's products"});
}

Checked check_analog(const engine::Workload& workload, const study::ChipRunOptions& options,
                     std::span<const engine::InstanceOutputs> outputs) {
  const study::Differences found = study::differences(workload, options, outputs);
  return {fmt::format(", {} of {} outputs differ from those of the host's products, by {:.3g} at "
                      "most",
                      found.differ, found.outputs, found.largest),
          {{"equals_host", found.differ == 0},
           {"outputs", found.outputs},
           {"outputs_that_differ", found.differ},
           {"largest_difference", found.largest}}};
}

void simulate_accuracy(NetworkFlags& flags, const target::Chip& chip, bool json) {
  const auto trials = study::crossbar_trials(chip);
  const engine::Workload workload = open_network(flags);
  const auto rows = study::crossbar_accuracy(workload, trials,
                                             {.seed = flags.run.seed,
                                              .seeds = flags.seeds,
                                              .batch = flags.run.batch,
                                              .threads = flags.run.threads,
                                              .isa = flags.run.isa});
  if (json) {
    print_json({{"model", flags.run.model},
                {"chip", chip.name},
                {"instances", workload.instances.size()},
                {"rows", study::to_json(rows)}});
  } else {
    fmt::print("{}", study::to_text(rows));
  }
}

void simulate_run(NetworkFlags& flags, const target::Chip& chip, bool check, bool json) {
  const engine::Workload workload = open_network(flags);
  const study::ChipStudy study =
      study::put_on_chip(study::layers_of(workload), chip, flags.chip, true);
  study::ChipRunOptions options = run_options(flags, workload, study);
  ProgressBar bar("instances", workload.instances.size());
  options.progress = [&](std::size_t instances) { bar.show(instances); };
  std::vector<engine::InstanceOutputs> outputs;
  if (check && !backend::cim::is_ideal(chip)) {
    options.sink = [&](std::uint32_t, engine::InstanceOutputs of_one) {
      outputs.push_back(std::move(of_one));
    };
  }
  const study::ChipRun run = study::run_on_chip(workload, study, options);
  bar.clear();
  options.progress = {};
  save_ledger(flags, recipe(flags.run), chip, study::ledger_of(study, run));
  save_page(flags, study, &run);
  Checked checked;
  if (check) {
    checked =
        run.analog ? check_analog(workload, options, outputs) : check_exact(workload, options, run);
  }
  if (json) {
    ordered_json all = study::to_json(study, run);
    all["policy"] = flags.run.policy;
    all["instances"] = workload.instances.size();
    if (check) all.update(checked.json);
    all["costs"] = study::to_json(study);
    print_json(all);
    return;
  }
  fmt::print("{} {} instances{}\n\n{}\n{}", run.digest, workload.instances.size(), checked.text,
             study::to_text(study), study::to_text(study, run));
}

std::set<std::string> option_names(const CLI::App& verb) {
  std::set<std::string> names;
  for (const CLI::Option* option : verb.get_options()) names.insert(option->get_name());
  return names;
}

std::set<std::string> without(std::set<std::string> names, const std::set<std::string>& others) {
  for (const std::string& name : others) names.erase(name);
  return names;
}

}  // namespace

void add_mapping_options(CLI::App& verb, study::ChipOptions& chip) {
  verb.add_option("--compress", chip.compress,
                  "Store the weights so: block_circulant:k=16 or none; without --data also "
                  "pow2_basis:k=3,rows=0.5 (zeros=, booth=: shares of inputs that are 0 and of "
                  "their digits that are not) or column_nonzeros:n=5; default: none, but on a "
                  "chip for blocks those of its mapping.block")
      ->allow_extra_args(false);
  verb.add_option("--strategy", chip.strategy,
                  "How layers are mapped: dense, pipelayer, reboc, tinyadc, cannon or smartdeal "
                  "(default: the chip's)");
  verb.add_option("--density", chip.density,
                  "Share of weights that are kept, anywhere; of strategy cannon")
      ->check(CLI::Range(1e-6, 1.0));
  verb.add_option("--chips", chip.chips,
                  "So many chips (default: as many as one copy of every layer needs)")
      ->check(CLI::Range(1U, 1U << 20U));
  verb.add_option("--placement", chip.placement,
                  "Where tiles stand on the mesh: serpentine, row_major, annealed, or exact (up to "
                  "16 routers)")
      ->capture_default_str();
  verb.add_option("--slicing", chip.slicing,
                  "Of strategy reboc: strips of rows in crossbars of their own (apart) or side by "
                  "side in one (packed)")
      ->capture_default_str();
  verb.add_flag("--slice-reuse,!--no-slice-reuse", chip.input_slice_reuse,
                "Of strategy reboc: rotate inputs instead of fetching them again (default: on)");
  verb.add_flag("--tile-sharing,!--no-tile-sharing", chip.input_tile_sharing,
                "Of strategy reboc: one buffer of a picture's rows for all crossbars of a layer "
                "(default: on)");
}

void add_network_options(CLI::App& verb, NetworkFlags& flags) {
  const std::set<std::string> others = option_names(verb);
  add_model_options(verb, flags.run);
  flags.of_data = option_names(verb);
  verb.get_option("--model")->required(false)->description(
      fmt::format("A network to put on the chip: a list of layers ({}, or a file in YAML), or with "
                  "--data any model of sheaf run",
                  fmt::join(io::model_list_names(), ", ")));
  verb.get_option("--data")->required(false);
  verb.add_option("--model-dir", flags.run.model_dir, "Folder of a trained model, with --data")
      ->excludes("--model");
  add_mapping_options(verb, flags.chip);
  verb.add_option("--bits", flags.bits,
                  "Bits of inputs x weights. With --data the same as --quantise (default: 8x8), "
                  "else of all layers (default: the chip's)")
      ->type_name("BITS");
  verb.add_option("--objective", flags.objective,
                  "What policy cost makes least on the chip: time or energy")
      ->capture_default_str();
  auto* html = verb.add_option("--html", flags.html,
                               "Write a page that says where energy, time and area go: one file, "
                               "no scripts");
  verb.add_option(
          "--compare-with", flags.compare_with,
          "Another chip beside it on the page, with its own strategy and dense weights. Without "
          "--data")
      ->needs(html)
      ->excludes("--data");
  verb.add_option("--first", flags.first, "Run the first so many instances only");
  verb.add_flag("--accuracy", flags.accuracy,
                "Of pictures: accuracy with converters of fewer bits, cells that vary, cells that "
                "leak; --seed draws the cells");
  verb.add_option("--seeds", flags.seeds, "With --accuracy: mean over so many sets of cells")
      ->check(CLI::Range(1U, 1000U))
      ->capture_default_str();
  verb.add_flag("--functional", flags.functional,
                "Values, too, through the crossbars; what --data does by itself");
  const std::set<std::string> before = option_names(verb);
  add_run_options(verb, flags.run);
  flags.of_data.merge(without(option_names(verb), before));
  flags.of_data.insert({"--first", "--accuracy", "--seeds", "--objective", "--functional"});
  flags.of_data = without(flags.of_data, others);
  for (const char* name : {"--model", "--data", "--quantise"}) flags.of_data.erase(name);
  add_ledger_option(verb, flags.run);
  flags.of_networks = without(option_names(verb), others);
  verb.get_option("--bits")->excludes("--quantise");
}

void simulate_network(NetworkFlags flags, const target::Chip& chip, bool check, bool json) {
  if (flags.run.quantise.empty()) flags.run.quantise = flags.bits;
  if (!flags.run.ledger.empty()) io::require_folder_of(flags.run.ledger);
  if (!flags.html.empty()) io::require_folder_of(flags.html);
  if (flags.accuracy && !flags.run.data.empty()) return simulate_accuracy(flags, chip, json);
  if (!flags.run.data.empty()) return simulate_run(flags, chip, check, json);
  if (!flags.run.quantise.empty()) {
    flags.chip.bits = tensor::parse_bits(flags.run.quantise, "--bits");
  }
  if (!flags.run.model_dir.empty()) {
    throw base::UsageError({.place = "--model-dir",
                            .what = "a trained model",
                            .got = "no --data",
                            .expected = "data"});
  }
  simulate_layers(flags, chip, json);
}

}  // namespace sheaf::cli
