// SPDX-License-Identifier: Apache-2.0
#include "sheaf/nn/tag_scheme.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace sheaf::nn {
namespace {

TEST(SpanTags, AreKnownByTheirNames) {
  EXPECT_TRUE(are_span_tags({"O", "B-X", "M-X", "E-X", "S-Y"}));
  EXPECT_TRUE(are_span_tags({"I-PER"}));
  EXPECT_FALSE(are_span_tags({"O"}));
  EXPECT_FALSE(are_span_tags({"O", "B-X", "NN"}));
  EXPECT_FALSE(are_span_tags({"O", "B-"}));
  EXPECT_FALSE(are_span_tags({"n-B", "O"}));
  EXPECT_FALSE(are_span_tags({}));
}

// The pairs "A B" where B may follow A, with "^" before the first tag and "$" after the last.
std::set<std::string> legal_pairs(const Vocabulary& tags) {
  const std::optional<TagChain> chain = legal_chain(tags);
  EXPECT_TRUE(chain.has_value());
  std::set<std::string> pairs;
  for (std::uint32_t to = 0; to < tags.size(); ++to) {
    if (chain->start[to].legal) pairs.insert("^ " + tags[to]);
    if (chain->stop[to].legal) pairs.insert(tags[to] + " $");
    for (std::uint32_t from = 0; from < tags.size(); ++from) {
      if (chain->transitions[to * tags.size() + from].legal) {
        pairs.insert(tags[from] + " " + tags[to]);
      }
    }
  }
  return pairs;
}

using Pairs = std::set<std::string>;

TEST(LegalChain, OfBmesGoesOnWithTheSameTypeUntilItsEnd) {
  EXPECT_EQ(legal_pairs({"B-X", "M-X", "E-X", "S-X", "O"}),
            (Pairs{"^ B-X", "^ S-X", "^ O", "E-X $", "S-X $", "O $", "B-X M-X", "B-X E-X",
                   "M-X M-X", "M-X E-X", "E-X B-X", "E-X S-X", "E-X O", "S-X B-X", "S-X S-X",
                   "S-X O", "O B-X", "O S-X", "O O"}));
  const auto two = legal_pairs({"B-X", "E-X", "B-Y", "E-Y"});
  EXPECT_TRUE(two.contains("B-X E-X"));
  EXPECT_FALSE(two.contains("B-X E-Y"));
  EXPECT_TRUE(two.contains("E-X B-Y"));
}

TEST(LegalChain, OfBioesTakesIForM) {
  EXPECT_EQ(legal_pairs({"B-X", "I-X", "E-X", "O"}),
            (Pairs{"^ B-X", "^ O", "E-X $", "O $", "B-X I-X", "B-X E-X", "I-X I-X", "I-X E-X",
                   "E-X B-X", "E-X O", "O B-X", "O O"}));
}

TEST(LegalChain, OfBioEndsAnywhere) {
  EXPECT_EQ(legal_pairs({"O", "B-X", "I-X", "B-Y"}),
            (Pairs{"^ O",   "^ B-X",   "^ B-Y",   "O $",     "B-X $",   "I-X $",   "B-Y $",
                   "O O",   "O B-X",   "O B-Y",   "B-X O",   "B-X B-X", "B-X I-X", "B-X B-Y",
                   "I-X O", "I-X B-X", "I-X I-X", "I-X B-Y", "B-Y O",   "B-Y B-X", "B-Y B-Y"}));
}

TEST(LegalChain, OfOtherTagsThereIsNone) {
  EXPECT_FALSE(legal_chain({"NN", "VB"}).has_value());
  EXPECT_FALSE(legal_chain({"O"}).has_value());
  EXPECT_FALSE(legal_chain({"n-B", "n-I", "O"}).has_value());
}

TEST(LegalChain, SequencesAreLegalWhenAllTheirLinksAre) {
  const TagChain chain = *legal_chain({"B-X", "E-X", "O"});
  const auto legal = [&](const std::vector<std::uint32_t>& tags) { return is_legal(chain, tags); };
  EXPECT_TRUE(legal({}));
  EXPECT_TRUE(legal({2, 0, 1}));
  EXPECT_FALSE(legal({0}));        // does not end
  EXPECT_FALSE(legal({1, 2}));     // did not begin
  EXPECT_FALSE(legal({0, 2, 2}));  // breaks off
}

}  // namespace
}  // namespace sheaf::nn
