// SPDX-License-Identifier: Apache-2.0
//
// Ledgers as files: what `--ledger` writes and `sheaf compare` reads.
//
//   {"ledger": 1, "target": "cpu avx3", "recipe": {...},
//    "rows": [{"name", "component", "batches", "nodes", "ns", "bytes", "pj", "conversions",
//              "flit_hops"}, ...],
//    "batches": [{"minibatch", "name", "nodes", "ns", ...}, ...]}
//
// A cost is a number that is not negative, or null where it is unknown.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "sheaf/runtime/ledger.h"

namespace sheaf::study {

struct LedgerFile {
  nlohmann::ordered_json recipe;  // how to run it again; an object
  runtime::Ledger ledger;
};

[[nodiscard]] std::string to_json(const LedgerFile& file);

// The opposite. Throws DataError that names `path` and the key.
[[nodiscard]] LedgerFile parse_ledger(std::string_view text, const std::string& path);

}  // namespace sheaf::study
