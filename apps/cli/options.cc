// SPDX-License-Identifier: Apache-2.0
#include "apps/cli/options.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include "apps/cli/costs.h"
#include "apps/cli/progress.h"
#include "apps/cli/save_trace.h"
#include "sheaf/base/clock.h"
#include "sheaf/base/error.h"
#include "sheaf/base/nearest.h"
#include "sheaf/base/thread_pool.h"
#include "sheaf/io/file.h"
#include "sheaf/io/random_spec.h"
#include "sheaf/io/spelling.h"
#include "sheaf/io/weights_file.h"
#include "sheaf/nn/picture_models.h"
#include "sheaf/study/ledger_file.h"
#include "sheaf/train/model_folder.h"

namespace sheaf::cli {
namespace {

memory_plan::LayoutMode parse_layout(const std::string& name) {
  static const std::array<std::string, 2> kNames = {"planned", "unplanned"};
  if (name == kNames[0]) return memory_plan::LayoutMode::planned;
  if (name == kNames[1]) return memory_plan::LayoutMode::unplanned;
  throw base::UsageError({.place = "--layout",
                          .what = "unknown layout",
                          .got = "'" + name + "'",
                          .hint = base::suggest(name, kNames)});
}

memory_plan::Hoist parse_hoist(const std::string& name) {
  if (name == "on") return memory_plan::Hoist::on;
  return name == "off" ? memory_plan::Hoist::off : memory_plan::Hoist::automatic;
}

std::size_t cache_bytes(const Flags& flags) {
  return flags.cache == "on" ? engine::kCacheBytes : 0;
}

batching::FsmTable read_policy(const std::string& path, const Flags& flags,
                               const engine::Workload& workload) {
  batching::FsmTable table = batching::parse_fsm_table(io::read_file(path), path);
  batching::require_model(table, path, flags.model, workload.model->network().type_names());
  return table;
}

// What --encode lost, where it had something to lose.
void report_encoded(const engine::Workload& workload) {
  double most = 0;
  for (const compress::Encoded& encoded : workload.encoded) most = std::max(most, encoded.error);
  if (most == 0) return;
  fmt::print(stderr, "sheaf: {} weights projected, relative error up to {:.3g}\n",
             workload.encoded.size(), most);
}

// The table of a policy says what it was learned from.
study::TimedLearning named(study::TimedLearning timed, const Flags& flags) {
  timed.learned.table.history.back().data = flags.data;
  return timed;
}

void add_labels_option(CLI::App& verb, Flags& flags) {
  verb.add_option("--labels", flags.labels,
                  "lenet5, vgg8: labels of the pictures (IDX; default: t10k-labels-idx1-ubyte[.gz] "
                  "beside t10k-images-idx3-ubyte[.gz])");
}

void add_quantise_options(CLI::App& verb, Flags& flags) {
  verb.add_option("--quantise", flags.quantise,
                  "Multiply integers: of so many bits, inputs x weights, 8x8 for instance; 2 to 16")
      ->type_name("BITS");
  verb.add_option("--keep-float", flags.keep_float,
                  "With --quantise: weights whose products stay floats; may be repeated")
      ->type_name("PATTERN")
      ->take_all();
  verb.add_option("--calibration", flags.calibration,
                  "With --quantise: data whose first " +
                      std::to_string(engine::QuantiseOptions{}.instances) +
                      " instances say how large inputs of products become (default: --data)");
  verb.add_option("--percentile", flags.percentile,
                  "With --quantise: share of an input's magnitudes that integers tell apart, in "
                  "percent; what is larger becomes the largest integer")
      ->capture_default_str();
}

}  // namespace

void add_model_options(CLI::App& verb, Flags& flags) {
  std::string models;
  for (const std::string& name : nn::model_names()) models += (models.empty() ? "" : ", ") + name;
  for (const std::string& name : nn::picture_model_names()) models += ", " + name;
  verb.add_option("--model", flags.model, models)->required();
  verb.add_option("--data", flags.data,
                  "Input, - for standard input. lac: text; trees: Penn brackets, a tree per line; "
                  "lattices: integers, HTK's SLF, or text with --lexicon; taggers: word|tag, or a "
                  "character and its tag per line; lstm_nmt: text with --target; "
                  "child_sum_tree_lstm: CoNLL-U; dag_gru: JSON lines; lenet5, vgg8: pictures "
                  "(IDX). Or random data, "
                  "random:KIND,key=value,...:\n" +
                      io::random_data_help())
      ->required();
  verb.add_option(
          "--format", flags.format,
          "Format of the data: brackets, lattices, slf, tagged, bmes, conllu, text or dags; "
          "auto: by model and first line")
      ->capture_default_str();
  verb.add_option("--lexicon", flags.lexicon, "Word list with which to make lattices of text");
  verb.add_option("--target", flags.target, "lstm_nmt: the translations, line by line");
  add_labels_option(verb, flags);
  verb.add_option("--target-rows", flags.target_rows,
                  "lstm_nmt: fold the target's vocabulary into so many rows (default " +
                      std::to_string(engine::kTargetRows) + "), 0: keep every word");
  verb.add_option("--counts", flags.counts,
                  "bilstm_tagger_char: spell the words that this tagged file has fewer than " +
                      std::to_string(io::kLeastSeen) + " times (default: the data)");
  verb.add_option("--hidden", flags.hidden, "Hidden size (default 256; lac: 128)");
  verb.add_option("--weights", flags.weights,
                  "Weights (safetensors; lac: or the folder of the model). Default: random; lac: "
                  "python3-jieba's");
  verb.add_option("--save-weights", flags.save_weights, "Write the weights that are used");
  verb.add_option("--seed", flags.seed, "Seed of random weights and of learning")
      ->capture_default_str();
  add_encode_option(verb, flags);
}

void add_trained_options(CLI::App& verb, Flags& flags) {
  verb.add_option("--model-dir", flags.model_dir, "Folder of a trained model")->required();
  verb.add_option("--data", flags.data, "Input, - for standard input, as the model was trained on")
      ->required();
  flags.format.clear();
  verb.add_option("--format", flags.format, "Format of the data (default: the training data's)");
  verb.add_option("--lexicon", flags.lexicon,
                  "Word list with which to make lattices of text (default: the one of training)");
  verb.add_option("--target", flags.target, "lstm_nmt: the translations, line by line");
  add_labels_option(verb, flags);
  verb.add_option("--decode", flags.decode,
                  "Taggers: greedy, a word's best tag; viterbi, the best sequence, of a model of "
                  "--loss crf; legal, the best that BMES or BIO tags allow (default: as trained)");
  verb.add_option("--beam", flags.beam,
                  "lstm_nmt: hypotheses to a sentence, in beam search by log-probability per word; "
                  "1: greedy")
      ->check(CLI::Range(1U, 1000U))
      ->capture_default_str();
}

void add_encode_option(CLI::App& verb, Flags& flags) {
  verb.add_option("--encode", flags.encode,
                  "Store weights of products whose names match in another encoding: "
                  "'W_*=block_circulant:k=8' or '=dense'; may be repeated, the last match counts. "
                  "Random weights are drawn so, others are projected")
      ->type_name("PATTERN=ENCODING")
      ->take_all();
}

void add_policy_options(CLI::App& verb, Flags& flags) {
  verb.add_option("--policy", flags.policy,
                  "single, depth, agenda, fsm, sufficient, critical, cost, beam or optimal")
      ->capture_default_str();
  verb.add_option("--policy-file", flags.policy_file,
                  "Table of policy fsm (sheaf learn). Default: learned on the first 32 instances");
}

void add_run_options(CLI::App& verb, Flags& flags) {
  add_policy_options(verb, flags);
  verb.add_option("--batch", flags.batch, "Instances per minibatch")
      ->check(CLI::Range(1U, 1U << 20U))
      ->capture_default_str();
  verb.add_option("--layout", flags.layout, "planned, or unplanned: gather every operand")
      ->capture_default_str();
  verb.add_option("--hoist", flags.hoist,
                  "Run what cells compute from look-ups alone for many batches at once: on, off, "
                  "or auto: where it pays")
      ->check(CLI::IsMember({"auto", "on", "off"}))
      ->capture_default_str();
  verb.add_option("--isa", flags.isa, "auto, avx512, avx2, scalar or reference")
      ->capture_default_str();
  verb.add_option("--shuffle", flags.shuffle, "Shuffle the instances with this seed first");
  verb.add_option("--threads", flags.threads,
                  "Threads that share the batches; run and tag build the next minibatch meanwhile")
      ->check(CLI::Range(1U, base::ThreadPool::kMaxThreads))
      ->capture_default_str();
  verb.add_option("--cache", flags.cache,
                  "Use schedules of graphs of the same shape again: on or off")
      ->check(CLI::IsMember({"on", "off"}))
      ->capture_default_str();
  add_quantise_options(verb, flags);
}

void add_trace_option(CLI::App& verb, Flags& flags) {
  verb.add_option("--trace", flags.trace,
                  "Write what ran when here, for ui.perfetto.dev or chrome://tracing (JSON)");
}

void add_ledger_option(CLI::App& verb, Flags& flags) {
  verb.add_option("--ledger", flags.ledger,
                  "Write what every batch cost here, for sheaf compare (JSON)");
}

void add_dump_option(CLI::App& verb, Flags& flags) {
  verb.add_option("--dump-after", flags.dump_after,
                  "Print a stage's result to stderr: cells, graph, schedule or plan");
}

void add_learn_options(CLI::App& verb, Flags& flags) {
  verb.add_option(
          "--teachers", flags.teachers,
          "Policies whose choices the table may hold where that is better; none: Q-learning "
          "only")
      ->delimiter(',')
      ->capture_default_str();
  verb.add_option("--encoding", flags.encoding, "States of policy fsm: base, max, sort or phase")
      ->capture_default_str();
}

void quantise(const Flags& flags, engine::Workload& workload) {
  if (flags.quantise.empty()) {
    if (flags.calibration.empty()) return;
    throw base::UsageError(
        {.place = "--calibration", .what = "changes nothing here", .expected = "--quantise"});
  }
  if (workload.quantised) {
    throw base::UsageError({.place = "--quantise",
                            .what = "weights",
                            .got = "integers of " + to_string(workload.quantised->bits) + " bits",
                            .expected = "floats"});
  }
  std::vector<nn::Instance> read;
  const auto& data = workload.instances;
  const bool pictures = !data.empty() && std::holds_alternative<nn::Picture>(data[0]);
  if (!flags.calibration.empty() && pictures) {
    throw base::UsageError({.place = "--calibration",
                            .what = "model " + flags.model,
                            .got = "'" + flags.calibration + "'",
                            .expected = "none: pictures lie in the network that runs on them",
                            .hint = "the first of --data are taken"});
  }
  if (!flags.calibration.empty()) {
    read = engine::read_instances({.model = flags.model,
                                   .data = flags.calibration,
                                   .format = flags.format.empty() ? "auto" : flags.format,
                                   .lexicon = flags.lexicon,
                                   .target = flags.target,
                                   .vocabularies = workload.vocabularies,
                                   .unknown_labels_are_none = true});
  }
  workload.quantised =
      engine::quantise_model(*workload.model, flags.calibration.empty() ? workload.instances : read,
                             {.bits = tensor::parse_bits(flags.quantise, "--quantise"),
                              .percentile = flags.percentile,
                              .keep_float = flags.keep_float,
                              .isa = flags.isa});
  if (workload.quantised->unseen.empty()) return;
  fmt::print(stderr, "sheaf: {} weights in integers of {} bits, {} not met and kept in floats\n",
             workload.quantised->weights.size(), to_string(workload.quantised->bits),
             workload.quantised->unseen.size());
}

engine::Workload open(const Flags& flags) {
  static_cast<void>(batching::parse_encoding(flags.encoding));
  for (const std::string& path : {flags.out, flags.save_weights, flags.trace, flags.chart}) {
    if (!path.empty()) io::require_folder_of(path);
  }
  engine::Workload workload = engine::open_workload({.model = flags.model,
                                                     .data = flags.data,
                                                     .format = flags.format,
                                                     .lexicon = flags.lexicon,
                                                     .target = flags.target,
                                                     .labels = flags.labels,
                                                     .target_rows = flags.target_rows,
                                                     .counts = flags.counts,
                                                     .weights = flags.weights,
                                                     .hidden = flags.hidden,
                                                     .seed = flags.seed,
                                                     .encode = flags.encode});
  report_encoded(workload);
  quantise(flags, workload);
  if (!flags.save_weights.empty()) {
    const auto metadata = workload.quantised ? engine::quantised_metadata(*workload.quantised)
                                             : decltype(io::WeightsFile::metadata){};
    io::save_weights(flags.save_weights, workload.model->network().parameters(), flags.model,
                     workload.vocabularies, metadata);
  }
  return workload;
}

engine::Workload open_trained(Flags& flags, Unlabelled unlabelled) {
  if (!flags.out.empty()) io::require_folder_of(flags.out);
  train::TrainedModel trained = train::open_model(flags.model_dir);
  flags.model = trained.description.model;
  if (flags.decode.empty()) flags.decode = train::name(trained.description.decode);
  engine::Workload workload = train::open_workload(
      std::move(trained), {.data = flags.data,
                           .format = flags.format,
                           .lexicon = flags.lexicon,
                           .target = flags.target,
                           .labels = flags.labels,
                           .unknown_labels_are_none = unlabelled == Unlabelled::taken});
  quantise(flags, workload);
  return workload;
}

study::TimedLearning learn(const Flags& flags, const engine::Workload& workload,
                           std::uint32_t instances) {
  batching::QLearningOptions options;
  options.encoding = batching::parse_encoding(flags.encoding);
  options.seed = flags.seed;
  options.teachers = flags.teachers;
  if (options.teachers == std::vector<std::string>{"none"}) options.teachers.clear();
  if (flags.start_file.empty()) return named(study::learn(workload, instances, options), flags);
  const batching::FsmTable start = read_policy(flags.start_file, flags, workload);
  if (start.encoding != options.encoding) {
    throw base::UsageError({.place = "--continue",
                            .what = "encoding of " + flags.start_file,
                            .got = "'" + std::string(name(start.encoding)) + "'",
                            .expected = "'" + flags.encoding + "'"});
  }
  return named(study::learn(workload, instances, options, &start), flags);
}

study::Contestant make_contestant(const Flags& flags, const engine::Workload& workload) {
  study::Contestant contestant{.policy = flags.policy};
  if (flags.policy != "fsm") {
    if (flags.policy == "cost") {
      contestant.parts.costs = find_costs(workload.model->network(), flags.isa);
    }
    if (flags.policy_file.empty()) return contestant;
    throw base::UsageError({.place = "--policy-file",
                            .what = "policy",
                            .got = "'" + flags.policy + "'",
                            .expected = "'fsm'"});
  }
  if (!flags.policy_file.empty()) {
    contestant.parts.fsm =
        std::make_shared<const batching::FsmTable>(read_policy(flags.policy_file, flags, workload));
    return contestant;
  }
  if (workload.instances.empty()) {  // nothing to learn, nothing to run
    contestant.parts.fsm = std::make_shared<const batching::FsmTable>();
    return contestant;
  }
  return learn(flags, workload, engine::kLearningInstances).contestant();
}

engine::Options session_options(const Flags& flags, const engine::Workload& workload) {
  const study::Contestant contestant = make_contestant(flags, workload);
  engine::Options options;
  options.policy = contestant.policy;
  options.parts = contestant.parts;
  options.layout = parse_layout(flags.layout);
  options.keep = memory_plan::Keep::outputs;
  options.hoist = parse_hoist(flags.hoist);
  options.isa = flags.isa;
  options.cache_bytes = cache_bytes(flags);
  options.dump_after = flags.dump_after;
  options.dump = [](std::string_view stage, std::string_view text) {
    fmt::print(stderr, "-- {}\n{}", stage, text);
  };
  return options;
}

void run_workload(const Flags& flags, const engine::Workload& workload,
                  const engine::OutputSink& sink) {
  engine::Options options = session_options(flags, workload);
  std::optional<base::ThreadPool> pool;
  if (flags.threads > 1) options.pool = &pool.emplace(flags.threads);
  const auto session = engine::compile(workload.model->network(), std::move(options));
  const auto order = engine::make_order(workload.instances.size(), flags.batch, flags.shuffle);
  const base::WallClock clock;
  std::optional<runtime::Profile> profile;
  if (!flags.trace.empty() || !flags.ledger.empty())
    profile.emplace(workload.model->network(), clock);
  ProgressBar bar("instances", workload.instances.size());
  engine::InOrder in_order(sink);
  engine::run_minibatches(*workload.model, workload.instances, order, *session,
                          {.build_ahead = flags.threads > 1,
                           .profile = profile ? &*profile : nullptr,
                           .progress = [&](std::size_t instances) { bar.show(instances); }},
                          [&](std::uint32_t index, engine::InstanceOutputs outputs) {
                            in_order.put(index, std::move(outputs));
                          });
  bar.clear();
  if (!flags.ledger.empty()) {
    const std::string target = fmt::format("cpu {}", flags.isa);
    io::write_file(flags.ledger,
                   study::to_json({recipe(flags), runtime::ledger_of(*profile, target)}));
  }
  if (!flags.trace.empty()) {
    const report::TraceLane lane{flags.model + ", " + flags.policy, &*profile};
    save_trace(flags.trace, {&lane, 1});
  }
  if (session->cache().enabled()) {
    fmt::print(stderr, "sheaf: {} of {} schedules came from the cache\n", session->cache().hits(),
               session->cache().lookups());
  }
}

nlohmann::ordered_json recipe(const Flags& flags) {
  nlohmann::ordered_json json;
  json["model"] = flags.model;
  json["data"] = flags.data;
  if (flags.format != "auto") json["format"] = flags.format;
  if (!flags.lexicon.empty()) json["lexicon"] = flags.lexicon;
  if (!flags.target.empty()) json["target"] = flags.target;
  if (!flags.labels.empty()) json["labels"] = flags.labels;
  if (flags.target_rows) json["target_rows"] = *flags.target_rows;
  if (!flags.counts.empty()) json["counts"] = flags.counts;
  if (!flags.weights.empty()) json["weights"] = flags.weights;
  if (flags.hidden) json["hidden"] = *flags.hidden;
  json["seed"] = flags.seed;
  if (!flags.encode.empty()) json["encode"] = flags.encode;
  if (!flags.quantise.empty()) {
    json["quantise"] = flags.quantise;
    if (!flags.keep_float.empty()) json["keep_float"] = flags.keep_float;
    if (!flags.calibration.empty()) json["calibration"] = flags.calibration;
    json["percentile"] = flags.percentile;
  }
  json["policy"] = flags.policy;
  if (!flags.policy_file.empty()) json["policy_file"] = flags.policy_file;
  if (flags.policy == "fsm") json["encoding"] = flags.encoding;
  json["batch"] = flags.batch;
  json["layout"] = flags.layout;
  json["hoist"] = flags.hoist;
  json["isa"] = flags.isa;
  if (flags.shuffle) json["shuffle"] = *flags.shuffle;
  json["cache"] = flags.cache;
  return json;
}

study::MeasureOptions measure_options(const Flags& flags) {
  return {.batch = flags.batch,
          .repeat = flags.repeat,
          .layout = parse_layout(flags.layout),
          .hoist = parse_hoist(flags.hoist),
          .isa = flags.isa,
          .threads = flags.threads,
          .shuffle = flags.shuffle,
          .cache_bytes = cache_bytes(flags)};
}

}  // namespace sheaf::cli
