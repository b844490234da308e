// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cmath>
#include <optional>

#include <nlohmann/json.hpp>

#include "apps/cli/options.h"
#include "apps/cli/print_json.h"
#include "apps/cli/verbs.h"
#include "sheaf/io/digest.h"
#include "sheaf/io/file_writer.h"

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
    nlohmann::ordered_json tags = nlohmann::ordered_json::array();
    for (const std::uint32_t label : outputs.labels) tags.push_back(labels[label]);
    text += ",\"tags\":" + json_line(tags);
  }
  return text + '}';
}

// The file of a run, written as outputs come. Its head has the digest, which is known last.
class OutputFile {
 public:
  OutputFile(const Flags& flags, const engine::Workload& workload)
      : writer_(flags.out), labels_(workload.vocabularies.labels) {
    nlohmann::ordered_json head;
    head["model"] = flags.model;
    head["policy"] = flags.policy;
    head["batch"] = flags.batch;
    head["recipe"] = recipe(flags);
    head["random_weights"] = workload.random_weights;
    head["digest"] = "";
    std::string text = json_line(head);
    text.resize(text.size() - 2);  // what closes digest and head
    digest_at_ = text.size();
    writer_.append(text + std::string(kDigestCharacters, '0') + "\",\"instances\":[");
  }

  void add(std::uint32_t index, const engine::InstanceOutputs& outputs) {
    writer_.append((index == 0 ? "\n" : ",\n") + instance_json(index, outputs, labels_));
  }

  void finish(const std::string& digest) {
    writer_.append("\n]}\n");
    writer_.patch(digest_at_, digest);
    writer_.commit();
  }

 private:
  static constexpr std::size_t kDigestCharacters = 64;

  io::FileWriter writer_;
  const nn::Vocabulary& labels_;
  std::uint64_t digest_at_ = 0;
};

void run(const Flags& flags) {
  const engine::Workload workload = open(flags);
  std::optional<OutputFile> file;
  if (!flags.out.empty()) file.emplace(flags, workload);
  io::Sha256 sha;
  run_workload(flags, workload, [&](std::uint32_t index, const engine::InstanceOutputs& outputs) {
    engine::add_to(sha, outputs);
    if (file) file->add(index, outputs);
  });
  const std::string digest = sha.hex();
  if (file) file->finish(digest);
  fmt::print("{} {} instances {}\n", digest, workload.instances.size(),
             workload.random_weights ? "random weights" : "given weights");
}

}  // namespace

void add_run(CLI::App& app) {
  auto* verb =
      app.add_subcommand("run", "Run a model over data; print the SHA-256 digest of its outputs");
  const auto flags = std::make_shared<Flags>();
  add_model_options(*verb, *flags);
  add_run_options(*verb, *flags);
  add_trace_option(*verb, *flags);
  add_ledger_option(*verb, *flags);
  add_dump_option(*verb, *flags);
  add_learn_options(*verb, *flags);
  verb->add_option("--out", flags->out, "Write outputs per instance and digest here, as JSON");
  verb->callback([flags] { run(*flags); });
}

}  // namespace sheaf::cli
