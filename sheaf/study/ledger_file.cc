// SPDX-License-Identifier: Apache-2.0
#include "sheaf/study/ledger_file.h"

#include <cmath>

#include "sheaf/base/error.h"

namespace sheaf::study {
namespace {

using Json = nlohmann::ordered_json;
using runtime::Cost;
using runtime::kCostColumns;
using runtime::kCostNames;

constexpr int kVersion = 1;

void put(const Cost& cost, Json& json) {
  for (std::size_t c = 0; c < kCostColumns; ++c) {
    const double value = runtime::column(cost, c);
    json[std::string(kCostNames[c])] = std::isnan(value) ? Json(nullptr) : Json(value);
  }
}

// Reads objects of one file; knows where it is.
class Reader {
 public:
  explicit Reader(std::string path) : path_(std::move(path)) {}

  [[noreturn]] void refuse(const std::string& key, const std::string& got,
                           const std::string& expected) const {
    throw base::DataError({.place = path_, .what = key, .got = got, .expected = expected});
  }

  const Json& member(const Json& object, const std::string& key, const std::string& at) const {
    if (!object.is_object()) refuse(at.empty() ? "ledger" : at, object.type_name(), "an object");
    const auto found = object.find(key);
    if (found == object.end()) refuse(at + key, "nothing", "a value");
    return *found;
  }

  std::string text(const Json& object, const std::string& key, const std::string& at) const {
    const Json& value = member(object, key, at);
    if (!value.is_string()) refuse(at + key, value.dump(), "a string");
    return value.get<std::string>();
  }

  std::uint64_t count(const Json& object, const std::string& key, const std::string& at) const {
    const Json& value = member(object, key, at);
    if (!value.is_number_unsigned()) refuse(at + key, value.dump(), "a count");
    return value.get<std::uint64_t>();
  }

  const Json& list(const Json& object, const std::string& key) const {
    const Json& value = member(object, key, "");
    if (!value.is_array()) refuse(key, value.type_name(), "a list");
    return value;
  }

  Cost cost(const Json& object, const std::string& at) const {
    Cost cost;
    for (std::size_t c = 0; c < kCostColumns; ++c) {
      const std::string key(kCostNames[c]);
      const Json& value = member(object, key, at);
      if (value.is_null()) {
        set_column(cost, c, Cost::kUnknown);
      } else if (value.is_number() && value.get<double>() >= 0) {
        set_column(cost, c, value.get<double>());
      } else {
        refuse(at + key, value.dump(), "a number that is not negative, or null");
      }
    }
    return cost;
  }

 private:
  std::string path_;
};

std::string place(const std::string& list, std::size_t index) {
  return list + "[" + std::to_string(index) + "].";
}

}  // namespace

std::string to_json(const LedgerFile& file) {
  Json json;
  json["ledger"] = kVersion;
  json["target"] = file.ledger.target;
  json["recipe"] = file.recipe;
  json["rows"] = Json::array();
  for (const runtime::LedgerRow& row : file.ledger.rows) {
    Json one{{"name", row.name},
             {"component", row.component},
             {"batches", row.batches},
             {"nodes", row.nodes}};
    put(row.cost, one);
    json["rows"].push_back(std::move(one));
  }
  json["batches"] = Json::array();
  for (const runtime::LedgerBatch& batch : file.ledger.batches) {
    Json one{{"minibatch", batch.minibatch}, {"name", batch.name}, {"nodes", batch.nodes}};
    put(batch.cost, one);
    json["batches"].push_back(std::move(one));
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

LedgerFile parse_ledger(std::string_view text, const std::string& path) {
  const Reader reader(path);
  const Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) reader.refuse("ledger", "no JSON", "what --ledger writes");
  const std::uint64_t version = reader.count(json, "ledger", "");
  if (version != kVersion) {
    reader.refuse("ledger", "version " + std::to_string(version), std::to_string(kVersion));
  }
  LedgerFile file;
  file.ledger.target = reader.text(json, "target", "");
  file.recipe = reader.member(json, "recipe", "");
  if (!file.recipe.is_object()) reader.refuse("recipe", file.recipe.type_name(), "an object");
  for (const Json& one : reader.list(json, "rows")) {
    const std::string at = place("rows", file.ledger.rows.size());
    file.ledger.rows.push_back({.name = reader.text(one, "name", at),
                                .component = reader.text(one, "component", at),
                                .batches = reader.count(one, "batches", at),
                                .nodes = reader.count(one, "nodes", at),
                                .cost = reader.cost(one, at)});
  }
  for (const Json& one : reader.list(json, "batches")) {
    const std::string at = place("batches", file.ledger.batches.size());
    const std::uint64_t minibatch = reader.count(one, "minibatch", at);
    if (minibatch > std::numeric_limits<std::uint32_t>::max()) {
      reader.refuse(at + "minibatch", std::to_string(minibatch), "less than 2^32");
    }
    file.ledger.batches.push_back({.minibatch = static_cast<std::uint32_t>(minibatch),
                                   .name = reader.text(one, "name", at),
                                   .nodes = reader.count(one, "nodes", at),
                                   .cost = reader.cost(one, at)});
  }
  return file;
}

}  // namespace sheaf::study
