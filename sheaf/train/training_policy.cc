// SPDX-License-Identifier: Apache-2.0
#include "sheaf/train/training_policy.h"

#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include "sheaf/base/error.h"
#include "sheaf/io/file.h"
#include "sheaf/io/file_writer.h"

namespace sheaf::train {
namespace {

std::shared_ptr<const batching::FsmTable> read_table(const std::string& path) {
  return std::make_shared<const batching::FsmTable>(
      batching::parse_fsm_table(io::read_file(path), path));
}

}  // namespace

std::string policy_path(const std::string& model_folder) { return model_folder + "/policy.json"; }

engine::Options with_policy_table(engine::Options session, const std::string& file,
                                  const std::string& model_folder, bool resume) {
  if (session.policy == "cost" && !session.parts.costs) {
    throw base::UnsupportedError({.place = "policy cost",
                                  .what = "training",
                                  .got = "no measured times of backward",
                                  .expected = "another policy",
                                  .hint = "'critical' needs no table"});
  }
  if (session.policy != "fsm") {
    if (file.empty()) return session;
    throw base::UsageError({.place = "training",
                            .what = "policy that takes a table",
                            .got = "'" + session.policy + "'",
                            .expected = "'fsm'"});
  }
  std::error_code error;
  if (!file.empty()) {
    session.parts.fsm = read_table(file);
  } else if (resume && std::filesystem::exists(policy_path(model_folder), error)) {
    session.parts.fsm = read_table(policy_path(model_folder));
  }
  return session;
}

void require_own_table(const ModelGradients& gradients, const nn::Model& model,
                       const std::string& place) {
  const auto table = gradients.policy_table();
  if (!table) return;
  batching::require_model(*table, place, std::string(model.name()), model.network().type_names());
}

void save_policy_table(const ModelGradients& gradients, const std::string& model_folder) {
  const auto table = gradients.policy_table();
  if (!table) return;
  io::FileWriter writer(policy_path(model_folder));
  writer.append(batching::to_json(*table));
  writer.commit_durably();
  io::FileWriter::remove_leftovers(policy_path(model_folder));
}

}  // namespace sheaf::train
