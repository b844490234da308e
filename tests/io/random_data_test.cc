// SPDX-License-Identifier: Apache-2.0
#include "sheaf/io/random_data.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "sheaf/base/error.h"
#include "tests/io/random_facts.h"
#include "tests/message_of.h"

namespace sheaf::io {
namespace {

using test::depth;

std::string refusal(std::string_view text) {
  return test::message_of<base::UsageError>([&] { static_cast<void>(random_data(text)); });
}

template <typename T>
const T& instance(const RandomData& data, std::size_t i) {
  return std::get<T>(data.instances.at(i));
}

TEST(RandomData, IsKnownByItsPrefix) {
  EXPECT_TRUE(is_random_data("random:trees"));
  EXPECT_FALSE(is_random_data("random.txt"));
}

TEST(RandomData, SameTextGivesTheSameData) {
  const auto a = random_data("random:trees,n=20,seed=7");
  const auto b = random_data("random:trees,n=20,seed=7");
  const auto c = random_data("random:trees,n=20,seed=8");
  EXPECT_EQ(test::digest(a), test::digest(b));
  EXPECT_NE(test::digest(a), test::digest(c));
}

TEST(RandomData, InstancesDoNotDependOnTheirNumber) {
  auto few = random_data("random:lattices,n=3");
  auto many = random_data("random:lattices,n=9");
  many.instances.resize(3);
  EXPECT_EQ(test::digest(few), test::digest(many));
}

TEST(RandomData, IsTheSameOnEveryMachine) {
  const auto data = random_data("random:sentences,n=1,length=5-5,vocabulary=100");
  EXPECT_EQ(instance<nn::Sentence>(data, 0).ids, (std::vector<std::uint32_t>{88, 20, 86, 11, 23}));
}

TEST(RandomData, SizesKeepToTheirRange) {
  const auto data = random_data("random:trees,n=200,leaves=3-6");
  std::size_t least = 100;
  std::size_t most = 0;
  for (std::size_t i = 0; i < data.instances.size(); ++i) {
    const std::size_t nodes = instance<nn::Tree>(data, i).nodes.size();
    least = std::min(least, nodes);
    most = std::max(most, nodes);
  }
  EXPECT_EQ(least, 5U);
  EXPECT_EQ(most, 11U);
}

TEST(RandomData, SizesHaveTheirMean) {
  const auto data = random_data("random:sentences,n=2000,length=20");
  std::size_t words = 0;
  for (std::size_t i = 0; i < 2000; ++i) words += instance<nn::Sentence>(data, i).ids.size();
  EXPECT_NEAR(static_cast<double>(words) / 2000, 20, 1);
}

TEST(RandomTrees, HaveTheShapeThatIsAskedFor) {
  const std::string text = "random:trees,n=1,leaves=64-64,shape=";
  EXPECT_EQ(depth(instance<nn::Tree>(random_data(text + "balanced"), 0)), 6U);
  const auto left = random_data(text + "left");
  EXPECT_EQ(depth(instance<nn::Tree>(left, 0)), 63U);
  const auto& nodes = instance<nn::Tree>(left, 0).nodes;
  EXPECT_TRUE(nodes[nodes.back().right].is_leaf());
  const auto right = random_data(text + "right");
  EXPECT_EQ(depth(instance<nn::Tree>(right, 0)), 63U);
  EXPECT_TRUE(nodes[instance<nn::Tree>(right, 0).nodes.back().left].is_leaf());
  const std::size_t between = depth(instance<nn::Tree>(random_data(text + "random"), 0));
  EXPECT_GT(between, 6U);
  EXPECT_LT(between, 63U);
}

TEST(RandomTrees, MayBeDeep) {
  const auto data = random_data("random:trees,n=1,leaves=300000-300000,shape=left");
  EXPECT_EQ(instance<nn::Tree>(data, 0).nodes.size(), 599999U);
}

TEST(RandomLattices, HaveTheShareOfWordArcsAndTheirSpans) {
  const auto data = random_data("random:lattices,n=100,positions=50-50,words=0.5,span=3-3");
  std::size_t words = 0;
  for (std::size_t i = 0; i < 100; ++i) {
    const auto& lattice = instance<nn::Lattice>(data, i);
    ASSERT_EQ(lattice.positions(), 50U);
    for (std::uint32_t p = 1; p < 50; ++p) {
      const std::uint32_t begin = lattice.arc_begin[p];
      ASSERT_EQ(lattice.arcs[begin].source, p - 1);
      if (lattice.arc_begin[p + 1] == begin + 1) continue;
      ASSERT_EQ(lattice.arcs[begin + 1].source, p - 3);
      ++words;
    }
  }
  EXPECT_NEAR(static_cast<double>(words) / (100 * 47), 0.5, 0.03);
}

TEST(RandomSentences, SpellTheShareOfWordsThatIsAskedFor) {
  const auto data = random_data("random:sentences,n=100,length=50-50,spelt=0.25,tags=3");
  std::size_t spelt = 0;
  for (std::size_t i = 0; i < 100; ++i) {
    const auto& sentence = instance<nn::Sentence>(data, i);
    ASSERT_EQ(sentence.spelling_begin.size(), 51U);
    for (std::size_t w = 0; w < 50; ++w) {
      if (sentence.spelling_begin[w] < sentence.spelling_begin[w + 1]) ++spelt;
    }
  }
  EXPECT_NEAR(static_cast<double>(spelt) / 5000, 0.25, 0.03);
  EXPECT_EQ(data.vocabularies.labels, (nn::Vocabulary{"label0", "label1", "label2"}));
  EXPECT_EQ(data.vocabularies.characters.size(), 60U);
}

TEST(RandomPairs, HaveTwoVocabularies) {
  const auto data = random_data("random:pairs,n=50,vocabulary=7,target=3");
  EXPECT_EQ(data.vocabularies.words.size(), 7U);
  EXPECT_EQ(data.vocabularies.target, (nn::Vocabulary{"0", "1", "2"}));
  for (std::size_t i = 0; i < 50; ++i) {
    for (const std::uint32_t row : instance<nn::SentencePair>(data, i).target) EXPECT_LT(row, 3U);
  }
}

TEST(RandomDependencies, HaveTheShapeThatIsAskedFor) {
  const std::string text = "random:dependencies,n=1,length=60-60,shape=";
  EXPECT_EQ(depth(instance<nn::DependencyTree>(random_data(text + "chain"), 0)), 59U);
  EXPECT_EQ(depth(instance<nn::DependencyTree>(random_data(text + "flat"), 0)), 1U);
  const std::size_t between = depth(instance<nn::DependencyTree>(random_data(text + "random"), 0));
  EXPECT_GT(between, 2U);
  EXPECT_LT(between, 30U);
}

TEST(RandomDags, HavePredecessorsWithinTheWindow) {
  const auto data = random_data("random:dags,n=20,nodes=50-50,degree=2-3,window=4");
  for (std::size_t i = 0; i < 20; ++i) {
    const auto& dag = instance<nn::Dag>(data, i);
    for (std::uint32_t v = 0; v < 50; ++v) {
      const std::uint32_t degree = dag.begin[v + 1] - dag.begin[v];
      ASSERT_GE(degree, std::min(v, 2U));
      ASSERT_LE(degree, std::min(v, 3U));
      for (std::uint32_t k = dag.begin[v]; k < dag.begin[v + 1]; ++k) {
        ASSERT_LT(dag.predecessors[k], v);
        ASSERT_LE(v - dag.predecessors[k], 4U);
        if (k == dag.begin[v]) continue;
        ASSERT_GT(dag.predecessors[k], dag.predecessors[k - 1]);
      }
    }
  }
}

TEST(RandomDataErrors, UnknownKindSuggestsTheNearest) {
  EXPECT_EQ(refusal("random:tree"),
            "[--data] unknown kind of random data: got 'tree'; did you mean 'trees'?");
}

TEST(RandomDataErrors, UnknownKeySuggestsTheNearest) {
  EXPECT_EQ(refusal("random:trees,leafs=3"),
            "[--data] unknown key of random trees: got 'leafs'; did you mean 'leaves'?");
  EXPECT_EQ(refusal("random:trees,"),
            "[--data] unknown key of random trees: got ''; known are 'n' 'seed' 'vocabulary' "
            "'leaves' 'shape'");
}

TEST(RandomDataErrors, UnknownShapeSuggestsTheNearest) {
  EXPECT_EQ(refusal("random:trees,shape=balance"),
            "[--data] unknown shape of random trees: got 'balance'; did you mean 'balanced'?");
}

TEST(RandomDataErrors, KeyWithoutAValueOrTwice) {
  EXPECT_EQ(refusal("random:trees,n"), "[--data] n: got no value, expected n=VALUE");
  EXPECT_EQ(refusal("random:trees,n=1,n=2"), "[--data] n: got two values, expected one");
}

TEST(RandomDataErrors, SizeThatIsNone) {
  const std::string rest = ", expected a mean, or MIN-MAX from 1 to 1048576";
  for (const std::string size :
       {"x", "0", "5-3", "0-3", "3-", "-3", "1-2000000", "2000000", "1.5"}) {
    EXPECT_EQ(refusal("random:trees,leaves=" + size), "[--data] leaves: got '" + size + "'" + rest);
  }
}

TEST(RandomDataErrors, NumberThatIsNone) {
  EXPECT_EQ(refusal("random:trees,n=0"), "[--data] n: got '0', expected 1 to 1048576");
  EXPECT_EQ(refusal("random:trees,seed=-1"),
            "[--data] seed: got '-1', expected an integer from 0 on");
  EXPECT_EQ(refusal("random:lattices,words=1.5"),
            "[--data] words: got '1.5', expected a share, 0 to 1");
  EXPECT_EQ(refusal("random:lattices,words=nan"),
            "[--data] words: got 'nan', expected a share, 0 to 1");
}

}  // namespace
}  // namespace sheaf::io
