// SPDX-License-Identifier: Apache-2.0
//
// Batch invariance: an instance's outputs have the same bits whatever it is batched with.
#include <gtest/gtest.h>

#include "tests/cli/families.h"

namespace sheaf::test {
namespace {

class Digest : public FamilyTest {};

void expect_one_digest(const Arguments& options) {
  const std::string first = digest_of_run(options + Arguments{"--policy", "single"});
  for (const char* policy : {"single", "depth", "agenda", "fsm", "sufficient", "critical"}) {
    for (const char* batch : {"1", "7", "64", "256"}) {
      const Arguments run = options + Arguments{"--policy", policy, "--batch", batch};
      EXPECT_EQ(digest_of_run(run), first) << policy << ", batch " << batch;
      EXPECT_EQ(digest_of_run(run + Arguments{"--shuffle", "5"}), first)
          << policy << ", batch " << batch << ", shuffled";
    }
  }
}

TEST_P(Digest, IsOneForEveryPolicyBatchAndOrder) { expect_one_digest(options_); }

TEST_P(Digest, IsOneForEveryLayout) {
  EXPECT_EQ(digest_of_run(options_ + Arguments{"--layout", "unplanned"}), digest_of_run(options_));
}

INSTANTIATE_TEST_SUITE_P(Synthetic, Digest, testing::ValuesIn(synthetic_families()), family_name);
INSTANTIATE_TEST_SUITE_P(Real, Digest, testing::ValuesIn(dev_families()), family_name);

class DigestOfIsa : public FamilyTest {
 protected:
  void expect_invariance(const std::string& isa) {
    const Arguments options = options_ + Arguments{"--isa", isa};
    const std::string first = digest_of_run(options + Arguments{"--batch", "1"});
    for (const char* batch : {"2", "3", "5", "12", "100"}) {
      EXPECT_EQ(digest_of_run(options + Arguments{"--batch", batch}), first) << "batch " << batch;
    }
  }
  // Whether this processor has it; the tool says what it says when not.
  [[nodiscard]] bool runs(const std::string& isa) const {
    const Result result = sheaf(Arguments{"run"} + options_ + Arguments{"--isa", isa});
    if (result.exit_code == 0) return true;
    EXPECT_EQ(result.exit_code, 3);
    EXPECT_EQ(result.err, "sheaf: UnsupportedError: [--isa] this processor cannot run: got '" +
                              isa + "'; use --isa auto\n");
    return false;
  }
};

TEST_P(DigestOfIsa, ScalarIsOneForEveryBatch) { expect_invariance("scalar"); }
TEST_P(DigestOfIsa, ReferenceIsOneForEveryBatch) { expect_invariance("reference"); }
TEST_P(DigestOfIsa, Avx2IsOneForEveryBatchWhereItRuns) {
  if (runs("avx2")) expect_invariance("avx2");
}
TEST_P(DigestOfIsa, Avx512IsOneForEveryBatchWhereItRuns) {
  if (runs("avx512")) expect_invariance("avx512");
}

INSTANTIATE_TEST_SUITE_P(Synthetic, DigestOfIsa, testing::ValuesIn(synthetic_families()),
                         family_name);

class DigestOfHidden : public Cli, public testing::WithParamInterface<int> {};

// Sizes beside and beyond the vectors and panels of every instruction set.
TEST_P(DigestOfHidden, IsOneForEveryBatch) {
  for (const Family& family : synthetic_families()) {
    if (family.name == "Lac") continue;  // its weights fix the size
    Arguments options = family.options(folder_);
    options.back() = std::to_string(GetParam());
    const std::string first = digest_of_run(options + Arguments{"--batch", "1"});
    EXPECT_EQ(digest_of_run(options + Arguments{"--batch", "13"}), first) << family.name;
    EXPECT_EQ(digest_of_run(options + Arguments{"--batch", "256"}), first) << family.name;
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, DigestOfHidden,
                         testing::Values(1, 2, 7, 15, 16, 17, 31, 33, 63, 65, 100, 129));

TEST_P(Digest, IsAnotherForAnotherSeed) {
  if (GetParam().name == "Lac") {  // its weights are given
    EXPECT_EQ(digest_of_run(options_ + Arguments{"--seed", "2"}), digest_of_run(options_));
  } else {
    EXPECT_NE(digest_of_run(options_ + Arguments{"--seed", "2"}), digest_of_run(options_));
  }
}

}  // namespace
}  // namespace sheaf::test
