// SPDX-License-Identifier: Apache-2.0
#include "sheaf/study/demo.h"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <optional>

#include "apps/cli/demo_training.h"
#include "apps/cli/options.h"
#include "apps/cli/verbs.h"
#include "sheaf/io/file.h"

namespace sheaf::cli {
namespace {

struct DemoFlags {
  std::string data_dir;
  std::string out;
  std::string lexicon = "/usr/lib/python3/dist-packages/jieba/dict.txt";
  std::string isa = "auto";
  std::uint32_t hidden = 256;
  std::uint32_t instances = 256;
  std::uint32_t batch = 64;
  std::uint32_t repeat = 3;
  DemoTraining training;
  bool no_training = false;
};

void print_notes(const study::DemoResult& result, const DemoFlags& flags) {
  const study::Measured& any = result.families.front().policies.front();
  fmt::print(
      "\nOne thread, kernels: {}, FMA peak {:.0f} GFLOP/s; batch {}, hidden {} (chain: 128); "
      "thread CPU time,\nmedian of {} rounds. MB copied: what the plan could not read in place.\n",
      any.isa, any.fma_peak_gflops, flags.batch, flags.hidden, flags.repeat);
  for (const study::DemoFamily& family : result.families) {
    fmt::print("  {:8} {}; {} weights; fsm {} in {:.0f} ms: {} states, {} fall-back steps\n",
               family.name, family.input, family.random_weights ? "RANDOM" : "trained",
               family.policies.front().teacher.empty()
                   ? "learned"
                   : "learned (distilled from " + family.policies.front().teacher + ")",
               family.policies.front().learn_ms, family.policies.front().policy_states,
               family.policies.front().fallback_steps);
  }
}

void show_families(const DemoFlags& flags) {
  const std::filesystem::path data(flags.data_dir);
  io::require_folder_of((std::filesystem::path(flags.out) / "schedules.svg").string());
  study::DemoOptions options{
      .text = (data / "handbook.txt").string(),
      .trees = (data / "trees.txt").string(),
      .lexicon = flags.lexicon,
      .hidden = flags.hidden,
      .instances = flags.instances,
      .measure = {},
      .progress = [](std::string_view text) { fmt::print(stderr, "measuring {}\n", text); }};
  options.measure.batch = flags.batch;
  options.measure.repeat = flags.repeat;
  options.measure.isa = flags.isa;
  const study::DemoResult result = study::run_demo(options);

  fmt::print("\nChinese text, tagged by the trained model of python3-jieba ");
  fmt::print("({:.2f} % of the handbook's characters are unknown to it):\n\n",
             100 * result.unknown_share);
  for (const study::TaggedLine& line : result.tagged) {
    fmt::print("  {}\n    {}\n", line.text, line.tagged);
  }
  fmt::print("\n{}", study::demo_table(result));
  print_notes(result, flags);
  if (result.picture_svg.empty()) return;
  const std::string path = (std::filesystem::path(flags.out) / "schedules.svg").string();
  io::write_file(path, result.picture_svg);
  fmt::print("\n{}\n\n{}\nPicture: {}\n", result.picture_caption, result.picture_text, path);
}

void demo(DemoFlags flags) {
  // Read before anything is measured: what is missing should be said at once.
  std::optional<train::LearningData> functions;
  if (!flags.no_training) functions = read_functions(flags.data_dir);
  show_families(flags);
  if (!functions) return;
  std::fflush(stdout);  // before what is told meanwhile
  flags.training.out = flags.out;
  flags.training.isa = flags.isa;
  demo_training(*functions, flags.training);
}

}  // namespace

void add_demo(CLI::App& app) {
  auto* verb = app.add_subcommand(
      "demo",
      "Chains, trees and lattices from real input, and a model that learns: tables and "
      "pictures");
  const auto flags = std::make_shared<DemoFlags>();
  verb->add_option("--data-dir", flags->data_dir,
                   "Folder with handbook.txt, trees.txt, functions_train.txt and functions_dev.txt")
      ->required();
  verb->add_option("--out", flags->out, "Folder for the pictures")->required();
  verb->add_option("--lexicon", flags->lexicon, "Chinese word list")->capture_default_str();
  verb->add_option("--isa", flags->isa, "auto, avx512, avx2, scalar or reference")
      ->capture_default_str();
  verb->add_option("--hidden", flags->hidden, "Hidden size of trees and lattices")
      ->capture_default_str();
  verb->add_option("--instances", flags->instances, "At most so many of each family")
      ->check(CLI::Range(1U, 1U << 30U))
      ->capture_default_str();
  verb->add_option("--batch", flags->batch, "Instances per minibatch")
      ->check(CLI::Range(1U, 1U << 20U))
      ->capture_default_str();
  verb->add_option("--repeat", flags->repeat, "Rounds; figures are medians over them")
      ->check(CLI::Range(1U, 1000U))
      ->capture_default_str();
  verb->add_option("--epochs", flags->training.epochs, "Times that the functions are gone over")
      ->check(CLI::Range(1U, 1000U))
      ->capture_default_str();
  verb->add_option("--training-hidden", flags->training.hidden, "Hidden size of what is trained")
      ->check(CLI::Range(1U, 4096U))
      ->capture_default_str();
  verb->add_option("--training-seconds", flags->training.most_seconds,
                   "CPU time after which a model's training ends with its epoch; 0: never")
      ->capture_default_str();
  verb->add_option("--seed", flags->training.seed, "Of random weights, shuffling and dropout")
      ->capture_default_str();
  verb->add_flag("--no-training", flags->no_training, "Leave the training out");
  verb->callback([flags] { demo(*flags); });
}

}  // namespace sheaf::cli
