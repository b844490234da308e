// SPDX-License-Identifier: Apache-2.0
#include "sheaf/study/workloads.h"

#include <array>
#include <filesystem>

#include "sheaf/engine/model_data.h"

namespace sheaf::study {
namespace {

using engine::DataKind;

std::string family_of(DataKind kind) {
  switch (kind) {
    case DataKind::sentences:
    case DataKind::pairs:
      return "chain";
    case DataKind::trees:
    case DataKind::dependencies:
      return "tree";
    case DataKind::lattices:
      return "lattice";
    case DataKind::dags:
      return "graph";
    case DataKind::pictures:
      return "picture";
  }
  return {};
}

void set_random_data(DataKind kind, engine::WorkloadOptions& options) {
  options.data = "random:" + engine::name(kind) + ",n=1024";
  if (options.model == "bilstm_tagger_char") options.data += ",spelt=0.3";
}

void set_files(DataKind kind, const std::filesystem::path& folder,
               engine::WorkloadOptions& options) {
  switch (kind) {
    case DataKind::sentences:
      options.data = folder / "tags" / "dev.txt";
      if (options.model == "bilstm_tagger_char") options.counts = folder / "tags" / "train.txt";
      break;
    case DataKind::pairs:
      options.data = folder / "parallel" / "dev.ja";
      options.target = folder / "parallel" / "dev.en";
      break;
    case DataKind::trees:
      options.data = folder / "trees" / "dev.txt";
      break;
    case DataKind::dependencies:
      options.data = folder / "dependency" / "en_ewt.dev.conllu";
      break;
    case DataKind::lattices:
      options.data = folder / "lattice" / "train.txt";
      break;
    case DataKind::dags:
      set_random_data(kind, options);
      break;
    case DataKind::pictures:
      options.data = folder / "fashion-mnist" / "t10k-images-idx3-ubyte.gz";
      break;
  }
}

}  // namespace

std::vector<StudyWorkload> study_workloads(const std::vector<std::string>& models,
                                           const std::string& data_dir) {
  std::vector<std::string> names = models;
  if (names.empty()) {
    for (const std::string& model : nn::model_names()) {
      if (model != "lac") names.push_back(model);
    }
  }
  std::vector<StudyWorkload> workloads;
  for (const std::string& model : names) {
    const DataKind kind = engine::model_data(model).kind;
    StudyWorkload workload{family_of(kind), {.model = model, .data = {}}};
    if (data_dir.empty()) {
      set_random_data(kind, workload.options);
    } else {
      set_files(kind, data_dir, workload.options);
    }
    workloads.push_back(std::move(workload));
  }
  return workloads;
}

}  // namespace sheaf::study
