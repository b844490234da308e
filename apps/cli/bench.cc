// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "apps/cli/options.h"
#include "apps/cli/print_json.h"
#include "apps/cli/progress.h"
#include "apps/cli/save_trace.h"
#include "apps/cli/verbs.h"
#include "sheaf/base/clock.h"
#include "sheaf/io/file.h"
#include "sheaf/report/bar_chart.h"
#include "sheaf/report/table.h"

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

// Of --compare, or the one policy of --policy.
std::vector<study::Contestant> contestants_of(const Flags& flags,
                                              const engine::Workload& workload) {
  std::vector<study::Contestant> contestants;
  Flags one = flags;
  for (const std::string& policy : flags.compare) {
    one.policy = policy;
    one.policy_file = policy == "fsm" ? flags.policy_file : "";
    contestants.push_back(make_contestant(one, workload));
  }
  if (contestants.empty()) contestants.push_back(make_contestant(flags, workload));
  return contestants;
}

void print_figures(const nlohmann::ordered_json& json) {
  for (const auto& [key, value] : json.items()) {
    const std::string text = value.is_string()         ? value.get<std::string>()
                             : value.is_number_float() ? fmt::format("{:.6g}", value.get<double>())
                                                       : json_line(value);
    fmt::print("{:24} {}\n", key, text);
  }
}

double ratio_to_first(const std::vector<study::Measured>& measured, std::size_t i) {
  return measured[i].instances_per_s / measured[0].instances_per_s;
}

std::string comparison_table(const std::vector<study::Measured>& measured) {
  report::Table table{{"policy", "instances/s", "p10", "p90", "ratio", "% of FMA peak", "batches",
                       "lower bound", "construct", "schedule", "plan", "execute ms", "MB copied"},
                      {}};
  for (std::size_t i = 0; i < measured.size(); ++i) {
    const study::Measured& m = measured[i];
    table.rows.push_back(
        {m.policy, fmt::format("{:.0f}", m.instances_per_s),
         fmt::format("{:.0f}", m.instances_per_s_p10), fmt::format("{:.0f}", m.instances_per_s_p90),
         fmt::format("{:.3f}", ratio_to_first(measured, i)),
         fmt::format("{:.1f}", m.percent_of_fma_peak), std::to_string(m.batches),
         std::to_string(m.lower_bound), fmt::format("{:.1f}", m.construct_ns_per_node),
         fmt::format("{:.1f}", m.schedule_ns_per_node), fmt::format("{:.1f}", m.plan_ns_per_node),
         fmt::format("{:.2f}", m.execute_ms),
         fmt::format("{:.2f}", static_cast<double>(m.copied_bytes) * 1e-6)});
  }
  return table.to_string();
}

report::BarChart comparison_chart(const Flags& flags,
                                  const std::vector<study::Measured>& measured) {
  report::BarChart chart{.title = fmt::format("{}, batch {}", flags.model, flags.batch),
                         .y_label = "instances per second",
                         .series = {"p10", "median", "p90"},
                         .groups = {}};
  for (const study::Measured& m : measured) {
    chart.groups.push_back(
        {m.policy, {m.instances_per_s_p10, m.instances_per_s, m.instances_per_s_p90}});
  }
  return chart;
}

void write_pictures(const Flags& flags, const std::vector<study::Measured>& measured) {
  if (!flags.chart.empty()) io::write_file(flags.chart, comparison_chart(flags, measured).to_svg());
  if (flags.trace.empty()) return;
  std::vector<report::TraceLane> lanes;
  for (const study::Measured& m : measured) {
    lanes.push_back({flags.model + ", " + m.policy, m.profile.get()});
  }
  save_trace(flags.trace, lanes);
}

void bench(const Flags& flags) {
  const engine::Workload workload = open(flags);
  const auto contestants = contestants_of(flags, workload);
  const base::WallClock clock;
  study::MeasureOptions options = measure_options(flags);
  if (!flags.trace.empty()) options.trace_clock = &clock;
  ProgressBar bar("rounds", flags.repeat + 1);
  options.progress = [&](std::uint32_t rounds) { bar.show(rounds); };
  const auto measured = study::measure(workload, contestants, options);
  bar.clear();
  write_pictures(flags, measured);

  nlohmann::ordered_json json;
  if (flags.compare.empty()) {
    json = to_json(measured[0], flags);
  } else {
    for (std::size_t i = 0; i < measured.size(); ++i) {
      Flags one = flags;
      one.policy = measured[i].policy;
      json["contestants"].push_back(to_json(measured[i], one));
      json["contestants"].back()["ratio_to_first"] = ratio_to_first(measured, i);
    }
  }
  if (!flags.out.empty())
    io::write_file(
        flags.out,
        json.dump(1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
  if (flags.json) {
    print_json(json);
  } else if (flags.compare.empty()) {
    print_figures(json);
  } else {
    fmt::print("{}", comparison_table(measured));
    fmt::print(
        "\n{} instances, batch {}, {}, FMA peak {:.0f} GFLOP/s; {}, median of {} interleaved "
        "rounds; construct, schedule and plan in ns a node\n",
        measured[0].instances, flags.batch, measured[0].isa, measured[0].fma_peak_gflops,
        flags.threads == 1 ? std::string("one thread, thread CPU time")
                           : fmt::format("{} threads, wall time", flags.threads),
        flags.repeat);
  }
}

}  // namespace

void add_bench(CLI::App& app) {
  auto* verb = app.add_subcommand("bench", "Measure policies on a model and data");
  const auto flags = std::make_shared<Flags>();
  add_model_options(*verb, *flags);
  add_run_options(*verb, *flags);
  add_learn_options(*verb, *flags);
  verb->add_option("--repeat", flags->repeat, "Rounds; figures are medians over them")
      ->check(CLI::Range(1U, 100000U))
      ->capture_default_str();
  verb->add_option(
          "--compare", flags->compare,
          "Policies to run in turns, round by round, instead of --policy: depth,agenda,...")
      ->delimiter(',');
  verb->add_option("--svg", flags->chart, "Draw the rates of the policies here");
  add_trace_option(*verb, *flags);
  verb->add_option("--out", flags->out, "Write the figures here as well, as JSON");
  verb->add_flag("--json", flags->json, "Print the figures as one line of JSON");
  verb->callback([flags] { bench(*flags); });
}

}  // namespace sheaf::cli
