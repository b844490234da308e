// SPDX-License-Identifier: Apache-2.0
//
// `sheaf adc` from outside.
#include "tests/cli/tool.h"

namespace sheaf::test {
namespace {

using AdcVerb = Cli;

nlohmann::json adc(const Arguments& arguments) {
  return nlohmann::json::parse(sheaf_output(Arguments{"adc", "--json"} + arguments));
}

TEST_F(AdcVerb, ReportsTheBitsOfADenseColumn) {
  const auto json = adc({"--rows", "128", "--cell-bits", "2", "--dac-bits", "1"});
  EXPECT_EQ(json["bits"], 9);
  EXPECT_EQ(json["most_nonzeros_by_bits"][4]["nonzeros"], 10);
  EXPECT_EQ(json["models"].size(), 12);
  EXPECT_FALSE(json.contains("leakage"));
}

TEST_F(AdcVerb, ReportsALimitOnNonzerosUnderOneModel) {
  const auto json = adc({"--nonzeros", "5", "--model", "sar-saberi"});
  EXPECT_EQ(json["bits"], 4);
  ASSERT_EQ(json["models"].size(), 1);
  EXPECT_NEAR(json["models"][0]["isaac_tile_gops_per_w"].get<double>(), 1.444, 0.001);
  EXPECT_NEAR(json["models"][0]["isaac_tile_gops_per_mm2"].get<double>(), 1.276, 0.001);
  EXPECT_TRUE(json["warnings"][0].get<std::string>().starts_with("figures of 1 to 4 bits"));
}

TEST_F(AdcVerb, PrintsATableForPeople) {
  const std::string text = sheaf_output({"adc", "--nonzeros", "8", "--on-off", "17"});
  EXPECT_NE(text.find("bits that lose nothing   5 (9 for all rows; ISAAC's rule: 5)\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("as 7.53 cells that conduct in full: does not round away.\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("neurosim: refused: look-up tables"), std::string::npos) << text;
}

TEST_F(AdcVerb, MeasuresTheWeightsOfAFile) {
  static_cast<void>(
      sheaf_output({"run", "--model", "tree_lstm", "--hidden", "8", "--data",
                    folder_.write("t", "(3 (2 a) (2 b))\n"), "--save-weights", folder_.path("w")}));
  const auto json = adc({"--weights", folder_.path("w"), "--tensor", "node.U_i"});
  EXPECT_LE(json["weights"]["weight_bits"], json["weights"]["count_bits"]);
  EXPECT_LE(json["weights"]["observed_bits"], json["weights"]["weight_bits"]);
  EXPECT_EQ(json["nonzeros"], json["weights"]["nonzeros"]);
}

TEST_F(AdcVerb, RefusesWithTheNearestName) {
  expect_refusal({"adc", "--model", "sar-saberri"}, 2,
                 "NotFoundError: [adc.model] unknown converter model: got 'sar-saberri'; did you "
                 "mean 'sar-saberi'?");
  expect_refusal({"adc", "--encoding", "ofset"}, 2,
                 "UsageError: [--encoding] unknown encoding: got 'ofset'; did you mean 'offset'?");
}

TEST_F(AdcVerb, RefusesOffsetEncodingWithALimitOnNonzeros) {
  expect_refusal({"adc", "--encoding", "offset", "--nonzeros", "8"}, 2,
                 "UsageError: [encoding] a limit on non-zeros saves no bits with offset encoding, "
                 "which stores a weight of 0 as half of the range, so that every row conducts: got "
                 "8 non-zeros of 128 rows; take differential, sign_magnitude or polarised");
}

TEST_F(AdcVerb, RefusesATensorThatTheFileLacks) {
  static_cast<void>(
      sheaf_output({"run", "--model", "tree_lstm", "--hidden", "8", "--data",
                    folder_.write("t", "(3 (2 a) (2 b))\n"), "--save-weights", folder_.path("w")}));
  expect_refusal({"adc", "--weights", folder_.path("w"), "--tensor", "node.U_ii"}, 2,
                 "NotFoundError: [--tensor] no such tensor in D/w: got 'node.U_ii'; did you "
                 "mean 'node.U_i'?");
  const Result none = sheaf({"adc", "--weights", folder_.path("w")});
  EXPECT_EQ(none.exit_code, 2);
  EXPECT_NE(none.err.find("NotFoundError: [--tensor] which tensor?; "), std::string::npos)
      << none.err;
}

}  // namespace
}  // namespace sheaf::test
