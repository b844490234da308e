// SPDX-License-Identifier: Apache-2.0
//
// What is in a file: data of every format, weights, policies. What `sheaf inspect` stands on.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "sheaf/base/error.h"

namespace sheaf::study {

struct InspectOptions {
  std::string file;  // or model folder; "-": standard input; or random data (io/random_data.h)
  std::string format = "auto";         // of data: a name of io/format.h
  std::optional<std::uint32_t> limit;  // look at the first instances only; list so many rows
};

struct Inspection {
  // Keys `file`, `kind` ("data", "weights", "policy", or of inspect_training.h) and, by kind,
  //   data     format, models that read it, bytes, lines, instances, sizes and shapes as
  //            {mean, p50, max}, vocabulary, labels with their counts
  //   weights  model, tensors, parameters, vocabulary sizes, labels
  //   policy   model, encoding, types, states, history
  nlohmann::ordered_json report;
  std::optional<base::Fault> problem;  // the first that reading met; `report` ends where it did
};

// Recognises the file by what it holds. Throws NotFoundError and IoError for files that cannot be
// read, UsageError for an unknown format; what is wrong inside a file is Inspection::problem.
[[nodiscard]] Inspection inspect(const InspectOptions& options);

// The report in lines for people; of lists the first `most` rows.
[[nodiscard]] std::string to_text(const nlohmann::ordered_json& report, std::size_t most);

}  // namespace sheaf::study
