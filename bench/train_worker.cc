// SPDX-License-Identifier: Apache-2.0
//
// Sheaf's training as a contestant of bench/train_parity.py and bench/train_speed.py: reads
// commands from standard input and answers each with a line of JSON.
//
//   describe        model, options, minibatches, forward flops
//   export PREFIX   before the first update: PREFIX.json (what describe says, and "order"),
//                   PREFIX.instances (peers/instance_lines.h, with labels) and PREFIX.safetensors
//                   (the weights)
//   update          the next update: {"step", "loss" (mean over terms), "terms", "instances",
//                   "rate"}
//   save FILE       the weights as they are now, safetensors
//   round           `--updates` of them: {"ns": thread CPU time, "instances", "flops": of the
//                   forward passes, "gflops": FMA peak at the clock of the round, and ns by stage}
//
// Minibatches follow each other in the order of train::shuffled(); after the last whole one of an
// epoch comes the first of the next. Ends at the end of its input.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "bench/peers/instance_lines.h"
#include "sheaf/backend/cpu/fma_peak.h"
#include "sheaf/base/error.h"
#include "sheaf/engine/minibatches.h"
#include "sheaf/engine/vocabulary_builder.h"
#include "sheaf/engine/workload.h"
#include "sheaf/io/file.h"
#include "sheaf/io/weights_file.h"
#include "sheaf/train/model_gradients.h"
#include "sheaf/train/shuffle.h"
#include "sheaf/train/updater.h"

namespace sheaf::bench {
namespace {

using Json = nlohmann::ordered_json;

struct Flags {
  engine::WorkloadOptions workload;
  train::OptimiserOptions optimiser;
  std::string normaliser = "terms";
  std::string policy{batching::kDefaultPolicy};
  double rate = 0.1;
  double clip_norm = 0;
  std::uint32_t hidden = 256;
  std::uint32_t target_rows = engine::kTargetRows;
  std::uint32_t batch = 64;
  std::uint32_t updates = 16;
};

class Worker {
 public:
  explicit Worker(const Flags& flags) : flags_(flags), workload_(open(flags)) {
    if (workload_.instances.size() < flags.batch) {
      throw base::DataError({.place = "--data",
                             .what = "instances",
                             .got = std::to_string(workload_.instances.size()),
                             .expected = "a whole minibatch"});
    }
    const auto count = static_cast<std::uint32_t>(workload_.instances.size());
    order_ = {train::shuffled(count, flags.workload.seed, 0), flags.batch};
    order_.indices.resize(count / flags.batch * flags.batch);
  }

  Json answer(const std::string& line) {
    std::istringstream words(line);
    std::string command, name;
    words >> command >> name;
    if (command == "describe") return describe();
    if (command == "export") return export_to(name);
    if (command == "update") return update();
    if (command == "save") return save(name);
    if (command == "round") return round();
    throw base::UsageError({.place = "command", .what = "unknown", .got = "'" + line + "'"});
  }

 private:
  static engine::Workload open(const Flags& flags) {
    engine::WorkloadOptions options = flags.workload;
    options.hidden = flags.hidden;
    if (!options.target.empty()) options.target_rows = flags.target_rows;
    options.vocabularies = engine::build_vocabularies(options);
    return engine::open_workload(options);
  }

  std::span<const std::uint32_t> minibatch(std::uint64_t step) const {
    return order_.minibatch(step % order_.minibatches());
  }

  // Of the forward pass: losses have no products.
  double flops(std::uint64_t step) const {
    graph::Graph graph(workload_.model->network());
    engine::build_graph(*workload_.model, workload_.instances, minibatch(step), graph);
    return static_cast<double>(graph.flops(graph.seal()));
  }

  Json describe() const {
    return {{"model", flags_.workload.model},
            {"hidden", flags_.hidden},
            {"batch", flags_.batch},
            {"instances", workload_.instances.size()},
            {"minibatches", order_.minibatches()},
            {"updates", flags_.updates},
            {"optimiser", flags_.optimiser.name},
            {"rate", flags_.rate},
            {"momentum", flags_.optimiser.momentum},
            {"weight_decay", flags_.optimiser.weight_decay},
            {"clip_norm", flags_.clip_norm},
            {"normaliser", flags_.normaliser},
            {"policy", flags_.policy},
            {"isa", kernels_.name}};
  }

  Json export_to(const std::string& prefix) {
    base::check(gradients_ == nullptr, "export", "weights are no longer the initial ones");
    Json facts = describe();
    facts["order"] = order_.indices;
    std::vector<std::uint32_t> all(workload_.instances.size());
    for (std::uint32_t i = 0; i < all.size(); ++i) all[i] = i;
    io::write_file(prefix + ".json", facts.dump() + "\n");
    io::write_file(prefix + ".instances",
                   instance_lines(workload_.instances, all, workload_.model.get()));
    save(prefix + ".safetensors");
    return {{"instances", all.size()}};
  }

  Json save(const std::string& file) {
    io::save_weights(file, workload_.model->network().parameters(), flags_.workload.model,
                     workload_.vocabularies);
    return {{"updates", done_}};
  }

  void prepare() {
    if (gradients_ != nullptr) return;
    train::LossOptions loss;
    loss.normaliser = flags_.normaliser == "terms"       ? train::Normaliser::terms
                      : flags_.normaliser == "instances" ? train::Normaliser::instances
                                                         : train::Normaliser::one;
    gradients_ = std::make_unique<train::ModelGradients>(
        *workload_.model, workload_.instances, loss,
        engine::Options{.policy = flags_.policy, .clock = &clock_});
    updater_ = std::make_unique<train::Updater>(train::UpdateOptions{.optimiser = flags_.optimiser,
                                                                     .rate = {.base = flags_.rate},
                                                                     .clip_norm = flags_.clip_norm},
                                                workload_.model->network().parameters());
  }

  struct Step {
    train::StepLoss loss;
    double rate;
    std::uint64_t gradients_ns;
    std::uint64_t update_ns;
  };

  Step step() {
    prepare();
    const std::uint64_t start = clock_.now_ns();
    const train::StepLoss loss = gradients_->run(minibatch(done_), done_, values_);
    const std::uint64_t between = clock_.now_ns();
    const auto applied = updater_->apply(values_, done_);
    ++done_;
    return {loss, applied.rate, between - start, clock_.now_ns() - between};
  }

  Json update() {
    const std::uint64_t number = done_;
    const Step result = step();
    return {{"step", number},
            {"loss", result.loss.loss / static_cast<double>(result.loss.terms)},
            {"terms", result.loss.terms},
            {"instances", minibatch(number)},
            {"rate", result.rate}};
  }

  Json round() {
    prepare();
    backend::cpu::FmaPeakInRun peak(kernels_, clock_);
    std::uint64_t ns = 0, update = 0, schedule = 0, plan = 0, execute = 0, batches = 0;
    double flops_done = 0;
    for (std::uint32_t i = 0; i < flags_.updates; ++i) {
      flops_done += flops(done_);
      const Step result = step();
      ns += result.gradients_ns + result.update_ns;
      update += result.update_ns;
      const engine::StepReport& report = gradients_->report();
      schedule += report.schedule_ns;
      plan += report.plan_ns;
      execute += report.execute_ns;
      batches += report.batches;
      for (int sample = 0; sample < kPeakSamples; ++sample) peak.sample();
    }
    return {{"ns", ns},
            {"instances", std::uint64_t{flags_.updates} * flags_.batch},
            {"flops", flops_done},
            {"gflops", peak.gflops()},
            {"update_ns", update},
            {"schedule_ns", schedule},
            {"plan_ns", plan},
            {"execute_ns", execute},
            {"batches", batches}};
  }

  static constexpr int kPeakSamples = 4;

  Flags flags_;
  base::ThreadCpuClock clock_;
  const backend::cpu::KernelTable& kernels_ = backend::cpu::choose_kernels("auto");
  engine::Workload workload_;
  engine::Order order_;
  std::unique_ptr<train::ModelGradients> gradients_;
  std::unique_ptr<train::Updater> updater_;
  graph::Gradients values_;
  std::uint64_t done_ = 0;
};

int run(int count, char** arguments) {
  Flags flags;
  CLI::App app("Sheaf's training as a contestant: answers commands from standard input");
  app.add_option("--model", flags.workload.model)->required();
  app.add_option("--data", flags.workload.data)->required();
  app.add_option("--lexicon", flags.workload.lexicon);
  app.add_option("--target", flags.workload.target);
  app.add_option("--target-rows", flags.target_rows)->capture_default_str();
  app.add_option("--hidden", flags.hidden)->capture_default_str();
  app.add_option("--batch", flags.batch, "Instances per minibatch")->capture_default_str();
  app.add_option("--seed", flags.workload.seed, "Of weights and order")->capture_default_str();
  app.add_option("--updates", flags.updates, "Of a round")->capture_default_str();
  app.add_option("--optimiser", flags.optimiser.name)->capture_default_str();
  app.add_option("--rate", flags.rate)->capture_default_str();
  app.add_option("--momentum", flags.optimiser.momentum)->capture_default_str();
  app.add_option("--weight-decay", flags.optimiser.weight_decay)->capture_default_str();
  app.add_option("--clip-norm", flags.clip_norm)->capture_default_str();
  app.add_option("--normaliser", flags.normaliser)
      ->check(CLI::IsMember({"terms", "instances", "one"}))
      ->capture_default_str();
  app.add_option("--policy", flags.policy)->capture_default_str();
  CLI11_PARSE(app, count, arguments);
  Worker worker(flags);
  for (std::string line; std::getline(std::cin, line);) {
    std::cout << worker.answer(line).dump() << std::endl;
  }
  return 0;
}

}  // namespace
}  // namespace sheaf::bench

int main(int count, char** arguments) {
  try {
    return sheaf::bench::run(count, arguments);
  } catch (const std::exception& error) {
    fmt::print(stderr, "sheaf_train_worker: {}\n", error.what());
    return 1;
  }
}
