// SPDX-License-Identifier: Apache-2.0
#include "apps/cli/demo_training.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <vector>

#include "apps/cli/progress.h"
#include "sheaf/io/file.h"
#include "sheaf/report/line_chart.h"
#include "sheaf/report/table.h"

namespace sheaf::cli {
namespace {

// Names that the training part has less often say more of their file than of functions in general.
constexpr std::uint32_t kMinCount = 5;

train::LearningOptions learning_options(const DemoTraining& options) {
  train::LearningOptions learning;
  learning.optimiser.name = "adam";
  learning.dropout_lookups = 0.5F;
  learning.dropout_heads = 0.5F;
  learning.rate = 0.003;
  learning.epochs = options.epochs;
  learning.most_seconds = options.most_seconds;
  learning.seed = options.seed;
  learning.session.isa = options.isa;
  return learning;
}

train::LearningCurve learn(const train::Contestant& contestant, const train::LearningData& data,
                           const train::LearningOptions& options) {
  fmt::print(stderr, "training {}\n", contestant.name);
  std::optional<ProgressBar> bar;
  const base::ThreadCpuClock clock;
  return train::learn(contestant, data, options, clock,
                      [&](std::uint64_t step, std::uint64_t steps) {
                        if (!bar) bar.emplace("updates", steps);
                        bar->show(step);
                      });
}

std::string percent(double share) { return fmt::format("{:.1f} %", 100 * share); }

void print_table(double majority, const std::vector<train::LearningCurve>& curves) {
  report::Table table{{"model", "right", "epochs", "CPU seconds", "functions/s", "weights"}, {}};
  table.rows.push_back({"most frequent word", percent(majority), "", "", "", ""});
  for (const train::LearningCurve& curve : curves) {
    const train::LearningPoint& end = curve.points.back();
    table.rows.push_back(
        {curve.name, percent(end.dev_accuracy), std::to_string(curve.points.size()),
         fmt::format("{:.1f}", end.seconds),
         report::with_commas(static_cast<unsigned long long>(std::llround(curve.trees_per_s))),
         report::with_commas(curve.parameters)});
  }
  fmt::print("{}", table.to_string());
}

report::LineChart chart_of(const train::LearningData& data,
                           const std::vector<train::LearningCurve>& curves) {
  report::LineChart chart{
      .title = "What is this Python function called?",
      .note = fmt::format("first word of the name, one of {}; {} functions to learn from, {} held "
                          "out",
                          data.vocabularies.labels.size(), report::with_commas(data.train.size()),
                          report::with_commas(data.dev.size())),
      .x_label = "epochs",
      .y_label = "right, % of held-out functions",
      .series = {},
      .levels = {}};
  for (const train::LearningCurve& curve : curves) {
    chart.series.push_back({curve.name + ", " + percent(curve.points.back().dev_accuracy), {}});
    for (std::size_t epoch = 0; epoch < curve.points.size(); ++epoch) {
      chart.series.back().points.push_back(
          {static_cast<double>(epoch + 1), 100 * curve.points[epoch].dev_accuracy});
    }
  }
  const double majority = data.majority_accuracy();
  chart.levels.push_back({"most frequent word, " + percent(majority), 100 * majority});
  return chart;
}

}  // namespace

train::LearningData read_functions(const std::string& data_dir) {
  const std::filesystem::path folder(data_dir);
  return train::read_learning_data((folder / "functions_train.txt").string(),
                                   (folder / "functions_dev.txt").string(), kMinCount);
}

void demo_training(const train::LearningData& data, const DemoTraining& options) {
  const train::LearningOptions learning = learning_options(options);
  std::vector<train::LearningCurve> curves;
  for (const train::Contestant& contestant :
       train::tree_contestants(data, options.hidden, options.seed)) {
    curves.push_back(learn(contestant, data, learning));
  }
  fmt::print(
      "\nPython functions without their names: which of {} words does the name begin with?\n"
      "Learned from {} functions, asked of {} others, from other files.\n\n",
      data.vocabularies.labels.size(), report::with_commas(data.train.size()),
      report::with_commas(data.dev.size()));
  print_table(data.majority_accuracy(), curves);
  const std::string path = (std::filesystem::path(options.out) / "learning.svg").string();
  io::write_file(path, chart_of(data, curves).to_svg());
  fmt::print("\nPicture: {}\n", path);
}

}  // namespace sheaf::cli
