// SPDX-License-Identifier: Apache-2.0
//
// The one option table of all verbs that run a model, and what it turns into.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "sheaf/engine/compile.h"
#include "sheaf/engine/minibatch_stream.h"
#include "sheaf/engine/minibatches.h"
#include "sheaf/engine/workload.h"
#include "sheaf/study/measure.h"

namespace sheaf::cli {

struct Flags {
  std::string model;
  std::string model_dir;
  std::string data;
  std::string format = "auto";
  std::string lexicon;
  std::string decode;
  std::string target;
  std::string labels;
  std::string counts;
  std::string weights;
  std::string save_weights;
  std::string policy{batching::kDefaultPolicy};
  std::string policy_file;
  std::string start_file;
  std::vector<std::string> encode;
  std::string quantise;
  std::vector<std::string> keep_float;
  std::string calibration;
  double percentile = 100;
  std::vector<std::string> teachers = batching::QLearningOptions{}.teachers;
  std::string encoding = "sort";
  std::string layout = "planned";
  std::string hoist = "auto";
  std::string isa = "auto";
  std::string cache = "off";
  std::string out;
  std::string trace;
  std::string ledger;
  std::string chart;
  std::vector<std::string> compare;
  std::string dump_after;
  std::optional<std::uint32_t> hidden;
  std::optional<std::uint32_t> target_rows;
  std::optional<std::uint64_t> shuffle;
  std::uint32_t batch = 64;
  std::uint32_t beam = 1;
  std::uint32_t threads = 1;
  std::uint32_t repeat = 5;
  std::uint64_t seed = 1;
  bool json = false;
};

// Which options a verb takes.
void add_model_options(
    CLI::App& verb,
    Flags& flags);  // --model --data --format --lexicon --target --target-rows --counts --hidden
                    // --weights --save-weights --seed --encode
void add_encode_option(CLI::App& verb, Flags& flags);  // --encode
void add_trained_options(CLI::App& verb,
                         Flags& flags);  // --model-dir --data --format --lexicon --target
                                         // --decode --beam
void add_policy_options(CLI::App& verb, Flags& flags);  // --policy --policy-file
void add_run_options(
    CLI::App& verb,
    Flags& flags);  // --policy --policy-file --layout --hoist --isa --batch --shuffle
                    // --threads --cache --quantise --keep-float --calibration --percentile
void add_trace_option(CLI::App& verb, Flags& flags);   // --trace
void add_ledger_option(CLI::App& verb, Flags& flags);  // --ledger
void add_dump_option(CLI::App& verb, Flags& flags);    // --dump-after
void add_learn_options(CLI::App& verb, Flags& flags);  // --encoding --teachers

// Turns the workload's model into integers where --quantise names bits.
void quantise(const Flags& flags, engine::Workload& workload);

// Opens model and data, and writes --save-weights.
[[nodiscard]] engine::Workload open(const Flags& flags);

// Whether labels that the trained model lacks are a fault of the data.
enum class Unlabelled { refused, taken };

// Opens --model-dir and reads the data with its vocabularies; sets the flags' model, and --decode
// where it is not given.
[[nodiscard]] engine::Workload open_trained(Flags& flags, Unlabelled unlabelled);

// The policy that the flags name. `fsm` reads --policy-file, or learns on the first 32 instances.
[[nodiscard]] study::Contestant make_contestant(const Flags& flags,
                                                const engine::Workload& workload);

// What --policy, --policy-file, --layout, --hoist, --isa, --cache and --dump-after say.
[[nodiscard]] engine::Options session_options(const Flags& flags, const engine::Workload& workload);

// Runs all instances with the policy, layout, instruction set and threads that the flags name, and
// hands on their outputs in the order of the data; writes --trace and --ledger. Shows progress on a
// terminal.
void run_workload(const Flags& flags, const engine::Workload& workload,
                  const engine::OutputSink& sink);

// What ran, as JSON: every flag that a result depends on.
[[nodiscard]] nlohmann::ordered_json recipe(const Flags& flags);

[[nodiscard]] study::MeasureOptions measure_options(const Flags& flags);

// Learns with the flags' encoding and seed.
[[nodiscard]] study::TimedLearning learn(const Flags& flags, const engine::Workload& workload,
                                         std::uint32_t instances);

}  // namespace sheaf::cli
