// SPDX-License-Identifier: Apache-2.0
//
// What --ledger writes and what `sheaf compare` says of it.
#include <gtest/gtest.h>

#include <map>

#include "tests/cli/tool.h"

namespace sheaf::test {
namespace {

using nlohmann::json;

class LedgerCli : public Cli {
 protected:
  [[nodiscard]] std::string run(const std::string& name, const std::string& policy) const {
    const std::string path = folder_.path(name);
    static_cast<void>(
        sheaf_output({"run", "--model", "tree_lstm", "--data", "random:trees,n=20,leaves=4",
                      "--hidden", "8", "--batch", "8", "--policy", policy, "--ledger", path}));
    return path;
  }
};

TEST_F(LedgerCli, HasARowPerBatchTypeThatIsTheSumOfItsBatches) {
  const json ledger = json_of(run("a.json", "depth"));
  std::map<std::string, std::uint64_t> nodes;
  for (const json& batch : ledger.at("batches")) {
    nodes[batch.at("name")] += batch.at("nodes").get<std::uint64_t>();
  }
  ASSERT_EQ(ledger.at("rows").size(), nodes.size());
  for (const json& row : ledger.at("rows")) {
    EXPECT_EQ(row.at("nodes"), nodes.at(row.at("name")));
    EXPECT_TRUE(row.at("pj").is_null());
    EXPECT_GT(row.at("bytes").get<double>(), 0);
  }
  EXPECT_EQ(ledger.at("recipe").at("policy"), "depth");
  EXPECT_EQ(ledger.at("batches").back().at("minibatch"), 2);
}

TEST_F(LedgerCli, ComparesTwoPolicies) {
  const std::string a = run("a.json", "single");
  const std::string b = run("b.json", "depth");
  const json found = json::parse(sheaf_output({"compare", a, b, "--json"}));
  EXPECT_EQ(found.at("recipe").at(0), "policy: \"single\", \"depth\"");
  // One node at a time reads every weight again for each of them.
  EXPECT_GT(found.at("totals").at("bytes").at("a").get<double>(),
            found.at("totals").at("bytes").at("b").get<double>());
  EXPECT_NE(sheaf_output({"compare", a, a}).find("No cost differs."), std::string::npos);
}

}  // namespace
}  // namespace sheaf::test
