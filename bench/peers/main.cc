// SPDX-License-Identifier: Apache-2.0
//
// Sheaf, and oneDNN's products under Sheaf's schedule, as contestants of bench/run.py: reads
// commands from standard input and answers each with a line of JSON.
//
//   describe              model, minibatches, flops, nodes, libraries
//   export PREFIX         writes PREFIX.json (what describe says), PREFIX.instances
//                         (instance_lines.h) and PREFIX.safetensors
//   values NAME FILE      writes the outputs of the first minibatch, float32
//   round NAME            runs all minibatches: {"ns": thread CPU time, "gflops": FMA peak at the
//                         clock of the round}
//   peak                  {"gflops": FMA peak of a core that does nothing else}
//
// NAME is `sheaf` or `onednn`. Ends at the end of its input. With --peak it only prints the answer
// to `peak`.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "bench/peers/dnnl_kernels.h"
#include "bench/peers/instance_lines.h"
#include "bench/peers/minibatch_runner.h"
#include "sheaf/backend/cpu/cpu_backend.h"
#include "sheaf/backend/cpu/fma_peak.h"
#include "sheaf/base/error.h"
#include "sheaf/base/rng.h"
#include "sheaf/io/file.h"
#include "sheaf/io/weights_file.h"

// Of libgomp, which Debian's oneDNN runs on; its header comes with -fopenmp only.
extern "C" void omp_set_num_threads(int threads);

namespace sheaf::bench {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array kDnnlBlockRows = {backend::cpu::kBlockRows, 256U};

struct Flags {
  engine::WorkloadOptions workload;
  std::uint32_t hidden = 256;
  std::uint32_t batch = 64;
  double gflop = 4;
  bool peak = false;
  std::string policy{batching::kDefaultPolicy};
};

// Shuffled by a fixed seed and cut into whole minibatches; where there are too few instances for
// one, they come again.
engine::Order whole_minibatches(std::size_t instances, std::uint32_t batch,
                                std::size_t minibatches) {
  engine::Order order = engine::make_order(instances, batch, 1);
  const std::size_t wanted = std::size_t{batch} * minibatches;
  for (std::size_t i = 0; order.indices.size() < wanted; ++i) {
    order.indices.push_back(order.indices[i]);
  }
  order.indices.resize(wanted);
  return order;
}

Json peak() {
  const base::ThreadCpuClock clock;
  return {{"gflops", backend::cpu::fma_peak_gflops(backend::cpu::choose_kernels("auto"), clock)}};
}

class Worker {
 public:
  explicit Worker(const Flags& flags) : flags_(flags) {
    workload_ = engine::open_workload(flags.workload);
    if (workload_.instances.empty()) {
      throw base::DataError({.place = "--data", .what = "no instances", .got = "an empty file"});
    }
    order_ = whole_minibatches(workload_.instances.size(), flags.batch, 1);
    // The cost of one minibatch says how many of them a round is to have.
    graph::Graph graph(workload_.model->network());
    engine::build_graph(*workload_.model, workload_.instances, order_.minibatch(0), graph);
    const auto flops = static_cast<double>(graph.flops(graph.seal()));
    const std::size_t most = std::max<std::size_t>(workload_.instances.size() / flags.batch, 1);
    const auto wanted = static_cast<std::size_t>(flags.gflop * 1e9 / flops + 0.5);
    order_ = whole_minibatches(workload_.instances.size(), flags.batch,
                               std::clamp<std::size_t>(wanted, 1, most));
  }

  Json answer(const std::string& line) {
    std::istringstream words(line);
    std::string command, name, file;
    words >> command >> name >> file;
    if (command == "describe") return describe();
    if (command == "export") return export_to(name);
    if (command == "peak") return peak();
    if (command == "round") {
      MinibatchRunner& one = runner(name);
      const std::uint64_t took = one.round();
      return {{"ns", took}, {"gflops", one.peak_gflops()}};
    }
    if (command == "values") {
      const std::vector<float> values = runner(name).first_values();
      io::write_file(file,
                     {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)});
      return {{"values", values.size()}, {"dnnl_block_rows", dnnl_block_rows_}};
    }
    throw base::UsageError({.place = "command", .what = "unknown", .got = "'" + line + "'"});
  }

 private:
  MinibatchRunner& runner(const std::string& name) {
    const auto found = runners_.find(name);
    if (found != runners_.end()) return *found->second;
    std::unique_ptr<MinibatchRunner> runner;
    if (name == "sheaf") {
      runner = make_runner({.policy = flags_.policy});
    } else if (name == "onednn") {
      runner = best_of_dnnl();
    } else {
      throw base::UsageError({.place = "contestant",
                              .what = "unknown",
                              .got = "'" + name + "'",
                              .expected = "'sheaf' or 'onednn'"});
    }
    return *runners_.emplace(name, std::move(runner)).first->second;
  }

  std::unique_ptr<MinibatchRunner> make_runner(engine::Options options) {
    return std::make_unique<MinibatchRunner>(workload_, order_, std::move(options), clock_);
  }

  // With the number of rows that go through a cell's steps together that suits oneDNN best: Sheaf's
  // own, which keeps what products write in the cache, or one that lets weights be read less often.
  std::unique_ptr<MinibatchRunner> best_of_dnnl() {
    std::unique_ptr<MinibatchRunner> best;
    std::uint64_t least = 0;
    for (const std::uint32_t rows : kDnnlBlockRows) {
      auto runner = make_runner({.policy = flags_.policy, .make_backend = [this, rows] {
                                   return std::make_unique<backend::cpu::CpuBackend>(
                                       dnnl_kernels(kernels_), nullptr, rows);
                                 }});
      runner->round();  // makes the primitives
      const std::uint64_t took = std::min(runner->round(), runner->round());
      if (best && took >= least) continue;
      least = took;
      best = std::move(runner);
      dnnl_block_rows_ = rows;
    }
    return best;
  }

  Json describe() {
    MinibatchRunner& sheaf = runner("sheaf");
    sheaf.round();
    return {{"model", flags_.workload.model},
            {"hidden", flags_.hidden},
            {"batch", flags_.batch},
            {"minibatches", order_.minibatches()},
            {"instances", order_.indices.size()},
            {"distinct", std::min(order_.indices.size(), workload_.instances.size())},
            {"flops", sheaf.flops()},
            {"nodes", sheaf.nodes()},
            {"batches", sheaf.batches()},
            {"policy", flags_.policy},
            {"isa", kernels_.name},
            {"onednn", describe_dnnl()}};
  }

  Json export_to(const std::string& prefix) {
    io::write_file(prefix + ".json", describe().dump() + "\n");
    io::write_file(prefix + ".instances", instance_lines(workload_.instances, order_.indices));
    io::save_weights(prefix + ".safetensors", workload_.model->network().parameters(),
                     flags_.workload.model, workload_.vocabularies);
    return {{"instances", order_.indices.size()}};
  }

  Flags flags_;
  base::ThreadCpuClock clock_;
  const backend::cpu::KernelTable& kernels_ = backend::cpu::choose_kernels("auto");
  engine::Workload workload_;
  engine::Order order_;
  std::uint32_t dnnl_block_rows_ = 0;
  std::map<std::string, std::unique_ptr<MinibatchRunner>> runners_;
};

int run(int count, char** arguments) {
  Flags flags;
  CLI::App app("Contestants of bench/run.py: answers commands from standard input");
  app.add_flag("--peak", flags.peak, "Print the FMA peak, and no more");
  app.add_option("--model", flags.workload.model);
  app.add_option("--data", flags.workload.data);
  app.add_option("--lexicon", flags.workload.lexicon);
  app.add_option("--target", flags.workload.target);
  app.add_option("--hidden", flags.hidden)->capture_default_str();
  app.add_option("--batch", flags.batch, "Instances per minibatch")->capture_default_str();
  app.add_option("--gflop", flags.gflop, "Work of a round, about: minibatches are as many")
      ->capture_default_str();
  app.add_option("--policy", flags.policy)->capture_default_str();
  CLI11_PARSE(app, count, arguments);
  flags.workload.hidden = flags.hidden;
  if (flags.peak) {
    std::cout << peak().dump() << std::endl;
    return 0;
  }
  omp_set_num_threads(1);
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
    fmt::print(stderr, "sheaf_peers: {}\n", error.what());
    return 1;
  }
}
