// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "apps/cli/options.h"
#include "apps/cli/verbs.h"
#include "sheaf/base/error.h"
#include "sheaf/io/file.h"

namespace sheaf::cli {
namespace {

nlohmann::ordered_json to_json(const study::Measured& m, const Flags& flags) {
  nlohmann::ordered_json json;
  json["model"] = flags.model;
  json["policy"] = m.policy;
  json["batch"] = flags.batch;
  json["isa"] = m.isa;
  json["threads"] = flags.threads;
  json["clock"] = "thread CPU time";
  json["rounds"] = flags.repeat;
  json["instances"] = m.instances;
  json["instances_per_s"] = m.instances_per_s;
  json["instances_per_s_p10"] = m.instances_per_s_p10;
  json["instances_per_s_p90"] = m.instances_per_s_p90;
  json["nodes"] = m.nodes;
  json["batches"] = m.batches;
  json["lower_bound"] = m.lower_bound;
  json["construct_ns_per_node"] = m.construct_ns_per_node;
  json["schedule_ns_per_node"] = m.schedule_ns_per_node;
  json["plan_ns_per_node"] = m.plan_ns_per_node;
  json["execute_ms"] = m.execute_ms;
  json["read_ms"] = m.read_ms;
  json["flops"] = m.flops;
  json["dense_flops"] = m.dense_flops;
  json["fma_peak_gflops"] = m.fma_peak_gflops;
  json["fma_peak_at_rest_gflops"] = m.fma_peak_at_rest_gflops;
  json["percent_of_fma_peak"] = m.percent_of_fma_peak;
  json["copied_bytes"] = m.copied_bytes;
  json["arena_bytes"] = m.arena_bytes;
  json["live_bytes"] = m.live_bytes;
  json["policy_states"] = m.policy_states;
  json["fallback_steps"] = m.fallback_steps;
  json["cache_lookups"] = m.cache_lookups;
  json["cache_hits"] = m.cache_hits;
  json["learn_ms"] = m.learn_ms;
  json["teacher"] = m.teacher;
  json["recipe"] = recipe(flags);
  return json;
}

void bench(const Flags& flags) {
  const engine::Workload workload = open(flags);
  const study::Contestant contestant = make_contestant(flags, workload);
  const auto measured = study::measure(workload, {&contestant, 1}, measure_options(flags));
  const nlohmann::ordered_json json = to_json(measured[0], flags);
  if (!flags.out.empty()) io::write_file(flags.out, json.dump(1) + "\n");
  if (flags.json) {
    fmt::print("{}\n", json.dump());
    return;
  }
  for (const auto& [key, value] : json.items()) {
    const std::string text = value.is_string()         ? value.get<std::string>()
                             : value.is_number_float() ? fmt::format("{:.6g}", value.get<double>())
                                                       : value.dump();
    fmt::print("{:24} {}\n", key, text);
  }
}

}  // namespace

void add_bench(CLI::App& app) {
  auto* verb = app.add_subcommand("bench", "Measure a policy on a model and data");
  const auto flags = std::make_shared<Flags>();
  add_model_options(*verb, *flags);
  add_run_options(*verb, *flags);
  add_learn_options(*verb, *flags);
  verb->add_option("--repeat", flags->repeat, "Rounds; figures are medians over them")
      ->check(CLI::Range(1U, 100000U))
      ->capture_default_str();
  verb->add_option("--out", flags->out, "Write the figures here as well, as JSON");
  verb->add_flag("--json", flags->json, "Print the figures as one line of JSON");
  verb->callback([flags] { bench(*flags); });
}

}  // namespace sheaf::cli
