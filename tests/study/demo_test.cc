// SPDX-License-Identifier: Apache-2.0
#include "sheaf/study/demo.h"

#include <gtest/gtest.h>

namespace sheaf::study {
namespace {

Measured measured(const std::string& policy, std::uint64_t batches) {
  Measured m;
  m.policy = policy;
  m.instances = 1200;
  m.nodes = 34567;
  m.batches = batches;
  m.lower_bound = 80;
  m.instances_per_s = 2500.4;
  m.percent_of_fma_peak = 61.25;
  m.copied_bytes = 3'400'000;
  return m;
}

TEST(DemoTable, HasARowPerPolicyAndOneForTheLowerBound) {
  DemoResult result;
  result.families.push_back({.name = "tree",
                             .model = "tree_lstm",
                             .input = {},
                             .policies = {measured("fsm", 80), measured("agenda", 120)}});
  EXPECT_EQ(demo_table(result),
            "family (model)    instances   nodes       policy  batches  of bound  instances/s  "
            "% of FMA peak  MB copied\n"
            "----------------------------------------------------------------------------------"
            "------------------------\n"
            "tree (tree_lstm)      1,200  34,567          fsm       80     1.00x        2,500  "
            "         61.2        3.4\n"
            "                                          agenda      120     1.50x        2,500  "
            "         61.2        3.4\n"
            "                                     lower bound       80     1.00x\n");
}

TEST(DemoTable, SeparatesFamiliesByRules) {
  DemoResult result;
  for (const char* name : {"chain", "tree"}) {
    result.families.push_back(
        {.name = name, .model = "m", .input = {}, .policies = {measured("fsm", 80)}});
  }
  const std::string table = demo_table(result);
  std::size_t rules = 0;
  for (std::size_t at = 0; (at = table.find("\n--", at)) != std::string::npos; ++at) ++rules;
  EXPECT_EQ(rules, 2U);
}

}  // namespace
}  // namespace sheaf::study
