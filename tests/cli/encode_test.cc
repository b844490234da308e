// SPDX-License-Identifier: Apache-2.0
//
// --encode: weights of products in another encoding.
#include <gtest/gtest.h>

#include "tests/cli/synthetic.h"
#include "tests/cli/values.h"

namespace sheaf::test {
namespace {

class Encode : public Values {
 protected:
  // A model of hidden size 32 over data of its kind, all weights but the head's encoded.
  [[nodiscard]] Arguments trees() const {
    return {"--model", "tree_lstm", "--data", folder_.write("trees", random_trees(30, 3))};
  }
  [[nodiscard]] Arguments lattices() const {
    return {"--model", "lattice_lstm", "--data", folder_.write("lattices", random_lattices(30, 3))};
  }
  const Arguments encoded_ = {"--hidden", "32",     "--encode", "*=block_circulant:k=8",
                              "--encode", "V=dense"};
};

TEST_F(Encode, OneDigestForEveryBatchAndPolicy) {
  for (const Arguments& data : {trees(), lattices()}) {
    const std::string digest = digest_of_run(data + encoded_);
    EXPECT_NE(digest, digest_of_run(data + Arguments{"--hidden", "32"}));
    for (const char* policy : {"single", "depth", "agenda", "fsm", "sufficient", "critical"}) {
      for (const char* batch : {"1", "7", "64"}) {
        EXPECT_EQ(digest_of_run(data + encoded_ +
                                Arguments{"--policy", policy, "--batch", batch, "--shuffle", "3"}),
                  digest)
            << policy << ", batch " << batch;
      }
    }
    EXPECT_EQ(digest_of_run(data + encoded_ + Arguments{"--layout", "unplanned"}), digest);
  }
}

// The reference expands the blocks that the tool saved.
TEST_F(Encode, ValuesMatchTheReference) {
  const Arguments sizes = {"--encode", "U_*=block_circulant:k=4",
                           "--encode", "W*=block_circulant:k=16",
                           "--hidden", "48"};
  for (const char* isa : {"auto", "scalar", "reference"}) {
    const Arguments isa_option = {"--isa", isa};
    const Arguments tree = trees();
    expect_right("tree_lstm", tree[3], encoded_ + isa_option);
    const Arguments lattice = lattices();
    expect_right("lattice_lstm", lattice[3], encoded_ + isa_option);
    expect_right("lattice_lstm", lattice[3], sizes + isa_option);
  }
  const Arguments tree = trees();
  expect_right("mv_rnn", tree[3], encoded_);
}

TEST_F(Encode, WeightsThatWereSavedGiveTheSameDigest) {
  const std::string weights = folder_.path("weights");
  const std::string digest =
      digest_of_run(trees() + encoded_ + Arguments{"--save-weights", weights});
  EXPECT_EQ(digest_of_run(trees() + Arguments{"--weights", weights}), digest);
  EXPECT_EQ(digest_of_run(trees() + encoded_ + Arguments{"--weights", weights}), digest);
  expect_refusal(
      Arguments{"run", "--weights", weights, "--encode", "*.U_i=block_circulant:k=4"} + trees(), 2,
      "UsageError: [--encode] encoding of node.U_i: got block_circulant:k=4, expected "
      "block_circulant:k=8, which the weights have");
}

TEST_F(Encode, DenseWeightsAreProjectedAndSayWhatThatLoses) {
  const std::string weights = folder_.path("weights");
  const std::string encoded = folder_.path("encoded");
  static_cast<void>(
      sheaf_output(Arguments{"run", "--hidden", "32", "--save-weights", weights} + trees()));
  const Arguments project = {"--weights", weights, "--encode", "node.*=block_circulant:k=8"};
  const Result result = sheaf(Arguments{"run", "--save-weights", encoded} + project + trees());
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_TRUE(result.err.starts_with("sheaf: 5 weights projected, relative error up to 0.9"))
      << result.err;
  EXPECT_EQ(digest_of_run(trees() + Arguments{"--weights", encoded}),
            result.out.substr(0, result.out.find(' ')));
}

TEST_F(Encode, IsPartOfTheRecipe) {
  const std::string out = folder_.path("run.json");
  static_cast<void>(sheaf_output(Arguments{"run", "--out", out} + trees() + encoded_));
  EXPECT_EQ(json_of(out).at("recipe").at("encode"),
            (Arguments{"*=block_circulant:k=8", "V=dense"}));
}

TEST_F(Encode, BenchCountsTheFlopsThatAreDone) {
  const nlohmann::json dense = bench(trees() + Arguments{"--hidden", "32"});
  const nlohmann::json encoded = bench(trees() + encoded_);
  EXPECT_EQ(dense.at("dense_flops"), dense.at("flops"));
  EXPECT_EQ(encoded.at("dense_flops"), dense.at("flops"));
  EXPECT_LT(encoded.at("flops").get<double>(), dense.at("flops").get<double>() / 3);
}

TEST_F(Encode, RefusesWhatItCannotDo) {
  const auto refuse = [&](const char* rule, const std::string& message) {
    expect_refusal(Arguments{"run", "--hidden", "20", "--encode", rule} + trees(), 2,
                   "UsageError: [--encode] " + message);
  };
  refuse("U_*",
         "rule: got 'U_*', expected PATTERN=ENCODING; for example "
         "'W_*=block_circulant:k=8'");
  refuse("U_*=block_circulan:k=8",
         "unknown encoding: got 'block_circulan'; did you mean 'block_circulant'?");
  refuse("U_*=block_circulant:k=6",
         "block size of block_circulant: got 'k=6', expected k= a power of two from 2 to 64; for "
         "example block_circulant:k=8");
  refuse("U_*=block_circulant:k=8",
         "shape of node.U_i: got 20 x 40, expected rows and columns that 8 divides; use another "
         "pattern or a smaller k");
  refuse("u_*=block_circulant:k=4",
         "pattern that no weight of a product matches: got 'u_*', expected one of their names; "
         "there are leaf.W_i, leaf.W_o, leaf.W_u, node.U_i, node.U_o, node.U_u, node.F_1, "
         "node.F_2, head.V");
}

}  // namespace
}  // namespace sheaf::test
