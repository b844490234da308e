// SPDX-License-Identifier: Apache-2.0
#include "sheaf/study/demo.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <utility>

#include "sheaf/engine/compile.h"
#include "sheaf/engine/minibatches.h"
#include "sheaf/io/file.h"
#include "sheaf/io/lac_files.h"
#include "sheaf/report/schedule_picture.h"
#include "sheaf/report/table.h"

namespace sheaf::study {
namespace {

std::vector<Contestant> make_contestants(const engine::Workload& workload) {
  std::vector<Contestant> contestants = {
      learn(workload, engine::kLearningInstances, {}).contestant()};
  for (const char* policy : {"critical", "sufficient", "agenda", "depth", "single"}) {
    contestants.push_back({policy});
  }
  return contestants;
}

engine::Workload open(const DemoOptions& options, engine::WorkloadOptions workload_options) {
  if (workload_options.model != "lac") workload_options.hidden = options.hidden;
  engine::Workload workload = engine::open_workload(workload_options);
  const std::size_t most = std::min<std::size_t>(options.instances, workload.instances.size());
  workload.instances.resize(most);
  if (!workload.characters.empty()) workload.characters.resize(most);
  return workload;
}

DemoFamily measure_family(const DemoOptions& options, const engine::Workload& workload,
                          std::string name, std::string input) {
  if (options.progress) options.progress(name + ": " + input);
  return {.name = std::move(name),
          .model = std::string(workload.model->name()),
          .input = std::move(input),
          .random_weights = workload.random_weights,
          .policies = measure(workload, make_contestants(workload), options.measure)};
}

// The sentence of jieba's own documentation, then a few from the input.
std::vector<TaggedLine> tag_samples(const engine::Workload& workload) {
  std::vector<nn::Instance> sentences;
  std::vector<std::vector<std::string>> lines(1);
  nn::Sentence sample;
  for (std::string_view rest = "我来到北京清华大学"; !rest.empty();) {
    const std::string_view character = io::next_code_point(rest);
    const auto& known = workload.vocabularies.words;
    const auto row = std::find(known.begin(), known.end(), character) - known.begin();
    sample.ids.push_back(static_cast<std::uint32_t>(row));
    lines[0].emplace_back(character);
  }
  sentences.emplace_back(std::move(sample));
  constexpr std::size_t kLongest = 40;
  for (std::size_t i = 0; i < workload.instances.size() && lines.size() < 4; ++i) {
    const auto& characters = workload.characters[i];
    if (characters.size() < 12 || characters.size() > kLongest) continue;
    sentences.push_back(workload.instances[i]);
    lines.push_back(characters);
  }
  const auto session =
      engine::compile(workload.model->network(),
                      {.keep = memory_plan::Keep::outputs, .dump_after = {}, .dump = {}});
  const auto order = engine::make_order(sentences.size(), 64, {});
  const auto outputs = engine::run_all(*workload.model, sentences, order, *session);
  std::vector<TaggedLine> tagged;
  for (std::size_t i = 0; i < sentences.size(); ++i) {
    std::string text;
    for (const std::string& character : lines[i]) text += character;
    tagged.push_back(
        {text, io::tagged_line(lines[i], outputs[i].labels, workload.vocabularies.labels)});
  }
  return tagged;
}

// Three small trees of different size, under two policies.
void draw(const engine::Workload& trees, DemoResult& result) {
  constexpr std::size_t kSmallest = 9;
  constexpr std::size_t kLargest = 21;
  std::vector<std::uint32_t> chosen;
  std::set<std::size_t> sizes;
  for (std::uint32_t i = 0; i < trees.instances.size() && chosen.size() < 3; ++i) {
    const std::size_t nodes = std::get<nn::Tree>(trees.instances[i]).nodes.size();
    if (nodes < kSmallest || nodes > kLargest || !sizes.insert(nodes).second) continue;
    chosen.push_back(i);
  }
  if (chosen.empty()) return;
  graph::Graph graph(trees.model->network());
  engine::build_graph(*trees.model, trees.instances, chosen, graph);
  batching::Dependencies dependencies;
  dependencies.build(graph, graph.seal());
  const auto learned = batching::learn_fsm(dependencies, graph.network().type_names(), {});
  batching::Schedule agenda;
  batching::Schedule fsm;
  batching::make_policy("agenda")->plan(dependencies, agenda);
  batching::make_policy("fsm", {.fsm = std::make_shared<const batching::FsmTable>(learned.table)})
      ->plan(dependencies, fsm);
  const std::array views = {report::ScheduleView{"agenda (DyNet)", &agenda},
                            report::ScheduleView{"learned state machine", &fsm}};
  result.picture_svg = report::to_svg(
      graph, views,
      fmt::format("{} syntax trees in one minibatch; numbers and colours are batches; squares are "
                  "heads; the lower bound is {}",
                  chosen.size(), learned.lower_bound));
  result.picture_text = report::to_text(graph, views);
  const auto heads = [&](const batching::Schedule& schedule) {
    return std::count_if(schedule.batches.begin(), schedule.batches.end(), [&](const auto& batch) {
      return graph.network().type(batch.type).name == "head";
    });
  };
  result.picture_caption = fmt::format(
      "agenda takes the type whose nodes have the smallest mean depth, and so runs the "
      "heads in {}\nbatches; the state machine runs them in {}. {} trees, a line per batch:",
      heads(agenda), heads(fsm), chosen.size());
}

void add_rows(const DemoFamily& family, report::Table& table) {
  table.rows.emplace_back();
  const Measured& any = family.policies.front();
  bool first = true;
  for (const Measured& m : family.policies) {
    table.rows.push_back(
        {first ? family.name + " (" + family.model + ")" : "",
         first ? report::with_commas(any.instances) : "",
         first ? report::with_commas(any.nodes) : "", m.policy, report::with_commas(m.batches),
         fmt::format("{:.2f}x", static_cast<double>(m.batches) /
                                    static_cast<double>(std::max<std::uint64_t>(m.lower_bound, 1))),
         report::with_commas(static_cast<unsigned long long>(std::llround(m.instances_per_s))),
         fmt::format("{:.1f}", m.percent_of_fma_peak),
         fmt::format("{:.1f}", static_cast<double>(m.copied_bytes) * 1e-6)});
    first = false;
  }
  table.rows.push_back(
      {"", "", "", "lower bound", report::with_commas(any.lower_bound), "1.00x", "", "", ""});
}

}  // namespace

DemoResult run_demo(const DemoOptions& options) {
  DemoResult result;
  {
    const engine::Workload chain = open(options, {.model = "lac", .data = options.text});
    result.unknown_share = chain.unknown_share;
    result.tagged = tag_samples(chain);
    result.families.push_back(
        measure_family(options, chain, "chain", "sentences of Debian's handbook, tagged"));
  }
  {
    const engine::Workload trees = open(options, {.model = "tree_lstm", .data = options.trees});
    draw(trees, result);
    result.families.push_back(
        measure_family(options, trees, "tree", "functions of Python's library, as syntax trees"));
  }
  const engine::Workload lattices =
      open(options, {.model = "lattice_lstm", .data = options.text, .lexicon = options.lexicon});
  result.families.push_back(
      measure_family(options, lattices, "lattice", "the same sentences against jieba's lexicon"));
  return result;
}

std::string demo_table(const DemoResult& result) {
  report::Table table{{"family (model)", "instances", "nodes", "policy", "batches", "of bound",
                       "instances/s", "% of FMA peak", "MB copied"},
                      {}};
  for (const DemoFamily& family : result.families) add_rows(family, table);
  table.rows.erase(table.rows.begin());  // the rule below the head is enough
  return table.to_string();
}

}  // namespace sheaf::study
