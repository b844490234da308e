// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cmath>

#include <nlohmann/json.hpp>

#include "apps/cli/options.h"
#include "apps/cli/verbs.h"
#include "sheaf/io/file.h"

namespace sheaf::cli {
namespace {

// Nine significant digits bring every float32 back exactly.
void append_row(const std::vector<float>& row, std::string& text) {
  text += '[';
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (i > 0) text += ',';
    // JSON has no infinities: what overflowed is null.
    if (std::isfinite(row[i])) {
      fmt::format_to(std::back_inserter(text), "{:.9g}", row[i]);
    } else {
      text += "null";
    }
  }
  text += ']';
}

std::string instance_json(std::size_t index, const engine::InstanceOutputs& outputs,
                          const std::vector<std::string>& labels) {
  std::string text = fmt::format("{{\"index\":{},\"outputs\":[", index);
  for (std::size_t r = 0; r < outputs.rows.size(); ++r) {
    if (r > 0) text += ',';
    append_row(outputs.rows[r], text);
  }
  text += ']';
  // Tags are what a decoder gave: a model without one has labels only to learn from.
  if (!labels.empty() && outputs.labels.size() == outputs.rows.size()) {
    nlohmann::json tags = nlohmann::json::array();
    for (const std::uint32_t label : outputs.labels) tags.push_back(labels[label]);
    text += ",\"tags\":" + tags.dump();
  }
  return text + '}';
}

void run(const Flags& flags) {
  const engine::Workload workload = open(flags);
  const auto outputs = run_workload(flags, workload);
  const std::string digest = engine::digest_of(outputs);
  if (!flags.out.empty()) {
    nlohmann::ordered_json head;
    head["model"] = flags.model;
    head["policy"] = flags.policy;
    head["batch"] = flags.batch;
    head["recipe"] = recipe(flags);
    head["random_weights"] = workload.random_weights;
    head["digest"] = digest;
    std::string text = head.dump();
    text.pop_back();
    text += ",\"instances\":[";
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      text += (i == 0 ? "\n" : ",\n") + instance_json(i, outputs[i], workload.vocabularies.labels);
    }
    io::write_file(flags.out, text + "\n]}\n");
  }
  fmt::print("{} {} instances {}\n", digest, outputs.size(),
             workload.random_weights ? "random weights" : "given weights");
}

}  // namespace

void add_run(CLI::App& app) {
  auto* verb =
      app.add_subcommand("run", "Run a model over data; print the SHA-256 digest of its outputs");
  const auto flags = std::make_shared<Flags>();
  add_model_options(*verb, *flags);
  add_run_options(*verb, *flags);
  add_dump_option(*verb, *flags);
  add_learn_options(*verb, *flags);
  verb->add_option("--out", flags->out, "Write outputs per instance and digest here, as JSON");
  verb->callback([flags] { run(*flags); });
}

}  // namespace sheaf::cli
