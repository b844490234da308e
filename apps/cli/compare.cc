// SPDX-License-Identifier: Apache-2.0
#include "sheaf/study/compare.h"

#include <fmt/format.h>

#include <memory>

#include "apps/cli/print_json.h"
#include "apps/cli/verbs.h"
#include "sheaf/io/file.h"

namespace sheaf::cli {
namespace {

struct CompareFlags {
  std::string a;
  std::string b;
  std::size_t most = 10;
  bool json = false;
};

study::LedgerFile read_ledger(const std::string& path) {
  return study::parse_ledger(io::read_file(path), path);
}

void compare(const CompareFlags& flags) {
  const study::LedgerFile a = read_ledger(flags.a);
  const study::LedgerFile b = read_ledger(flags.b);
  const study::Comparison comparison = study::compare(a, b);
  if (flags.json) {
    print_json(study::to_json(comparison, flags.most));
  } else {
    fmt::print("{}", study::to_text(comparison, a, b, flags.most));
  }
}

}  // namespace

void add_compare(CLI::App& app) {
  auto* verb = app.add_subcommand("compare", "Say where the costs of two runs differ most");
  const auto flags = std::make_shared<CompareFlags>();
  verb->add_option("A", flags->a, "A ledger (sheaf run --ledger)")->required();
  verb->add_option("B", flags->b, "Another one")->required();
  verb->add_option("--most", flags->most, "List so many differences")->capture_default_str();
  add_json_flag(*verb, flags->json);
  verb->callback([flags] { compare(*flags); });
}

}  // namespace sheaf::cli
