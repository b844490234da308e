// SPDX-License-Identifier: Apache-2.0
//
// Sheaf, and oneDNN's products under Sheaf's schedule, as contestants of bench/run.py: reads
// commands from standard input and answers each with a line of JSON.
//
//   describe              model, minibatches, flops, nodes, libraries
//   export PREFIX         writes PREFIX.instances (instance_lines.h) and PREFIX.safetensors
//   values NAME FILE      writes the outputs of the first minibatch, float32
//   round NAME            runs all minibatches: {"ns": thread CPU time}
//   peak                  {"gflops": FMA peak}
//
// NAME is `sheaf` or `onednn`. Ends at the end of its input.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
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

struct Flags {
  engine::WorkloadOptions workload;
  std::uint32_t hidden = 256;
  std::uint32_t batch = 64;
  double gflop = 20;
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
    if (command == "peak") {
      return {{"gflops", backend::cpu::fma_peak_gflops(kernels_, clock_)}};
    }
    if (command == "round") return {{"ns", runner(name).round()}};
    if (command == "values") {
      const std::vector<float> values = runner(name).first_values();
      io::write_file(file,
                     {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)});
      return {{"values", values.size()}};
    }
    throw base::UsageError({.place = "command", .what = "unknown", .got = "'" + line + "'"});
  }

 private:
  MinibatchRunner& runner(const std::string& name) {
    const auto found = runners_.find(name);
    if (found != runners_.end()) return *found->second;
    engine::Options options;
    options.policy = flags_.policy;
    if (name == "onednn") {
      options.make_backend = [this] {
        return std::make_unique<backend::cpu::CpuBackend>(dnnl_kernels(kernels_));
      };
    } else if (name != "sheaf") {
      throw base::UsageError({.place = "contestant",
                              .what = "unknown",
                              .got = "'" + name + "'",
                              .expected = "'sheaf' or 'onednn'"});
    }
    auto runner = std::make_unique<MinibatchRunner>(workload_, order_, std::move(options), clock_);
    return *runners_.emplace(name, std::move(runner)).first->second;
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

  Json export_to(const std::string& prefix) const {
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
  std::map<std::string, std::unique_ptr<MinibatchRunner>> runners_;
};

int run(int count, char** arguments) {
  Flags flags;
  CLI::App app("Contestants of bench/run.py: answers commands from standard input");
  app.add_option("--model", flags.workload.model)->required();
  app.add_option("--data", flags.workload.data)->required();
  app.add_option("--lexicon", flags.workload.lexicon);
  app.add_option("--target", flags.workload.target);
  app.add_option("--hidden", flags.hidden)->capture_default_str();
  app.add_option("--batch", flags.batch, "Instances per minibatch")->capture_default_str();
  app.add_option("--gflop", flags.gflop, "Work of a round, about: minibatches are as many")
      ->capture_default_str();
  app.add_option("--policy", flags.policy)->capture_default_str();
  CLI11_PARSE(app, count, arguments);
  flags.workload.hidden = flags.hidden;
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
