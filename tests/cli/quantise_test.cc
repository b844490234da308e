// SPDX-License-Identifier: Apache-2.0
//
// --quantise: products of integers.
#include <gtest/gtest.h>

#include "tests/cli/synthetic.h"
#include "tests/cli/values.h"

namespace sheaf::test {
namespace {

class Quantise : public Cli {
 protected:
  [[nodiscard]] Arguments trees() const {
    return {"--model",  "tree_lstm", "--data", folder_.write("trees", random_trees(30, 3)),
            "--hidden", "32"};
  }
  const Arguments quantised_ = {"--quantise", "8x6"};
};

TEST_F(Quantise, OneDigestForEveryBatchAndPolicy) {
  const std::string digest = digest_of_run(trees() + quantised_);
  EXPECT_NE(digest, digest_of_run(trees()));
  for (const char* policy : {"single", "agenda", "critical"}) {
    for (const char* batch : {"1", "7", "64"}) {
      EXPECT_EQ(digest_of_run(trees() + quantised_ +
                              Arguments{"--policy", policy, "--batch", batch, "--shuffle", "3"}),
                digest)
          << policy << ", batch " << batch;
    }
  }
}

TEST_F(Quantise, WeightsThatWereSavedGiveTheSameDigestWithoutIt) {
  const std::string weights = folder_.path("weights");
  const Arguments save = {"--save-weights", weights, "--keep-float", "head.*"};
  const std::string digest = digest_of_run(trees() + quantised_ + save);
  EXPECT_EQ(digest_of_run(trees() + Arguments{"--weights", weights}), digest);
  const Result again =
      sheaf(Arguments{"run"} + trees() + Arguments{"--weights", weights} + quantised_);
  EXPECT_EQ(again.exit_code, 2);
  EXPECT_NE(again.err.find("[--quantise] weights: got integers of 8x6 bits, expected floats"),
            std::string::npos)
      << again.err;
  const Result encoded =
      sheaf(Arguments{"run"} + trees() + Arguments{"--weights", weights, "--encode", "*=dense"});
  EXPECT_EQ(encoded.exit_code, 2);
  EXPECT_NE(encoded.err.find("expected no encoding of weights that are integers"),
            std::string::npos)
      << encoded.err;
}

TEST_F(Quantise, OtherDataMayBeThoseOfTheCalibration) {
  const std::string other = folder_.write("other", random_trees(5, 9));
  EXPECT_NE(digest_of_run(trees() + quantised_ + Arguments{"--calibration", other}),
            digest_of_run(trees() + quantised_));
}

TEST_F(Quantise, SaysWhichBitsThereAreNot) {
  const Result result = sheaf(Arguments{"run"} + trees() + Arguments{"--quantise", "1x8"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_NE(result.err.find("[--quantise] bits: got '1x8', expected INPUTSxWEIGHTS, each 2 to 16"),
            std::string::npos)
      << result.err;
}

}  // namespace
}  // namespace sheaf::test
