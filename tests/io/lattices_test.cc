// SPDX-License-Identifier: Apache-2.0
//
// Integer lattices that are read. What is refused: lattice_errors_test.cc.
#include "sheaf/io/lattices.h"

#include <gtest/gtest.h>

#include <variant>

namespace sheaf::io {
namespace {

std::vector<nn::Lattice> lattices_of(std::string_view text, std::uint32_t& rows) {
  std::vector<nn::Lattice> lattices;
  for (nn::Instance& instance : read_lattices(text, "l.txt", rows)) {
    lattices.push_back(std::get<nn::Lattice>(std::move(instance)));
  }
  return lattices;
}

std::vector<nn::Lattice> lattices_of(std::string_view text) {
  std::uint32_t rows = 0;
  return lattices_of(text, rows);
}

// "source>id source>id | ...": the arcs into each position.
std::string arcs_of(const nn::Lattice& lattice) {
  std::string text;
  for (std::uint32_t p = 0; p < lattice.positions(); ++p) {
    if (p > 0) text += " |";
    for (std::uint32_t a = lattice.arc_begin[p]; a < lattice.arc_begin[p + 1]; ++a) {
      text +=
          " " + std::to_string(lattice.arcs[a].source) + ">" + std::to_string(lattice.arcs[a].id);
    }
  }
  return text;
}

TEST(Lattices, ArcsComeInTheOrderOfTheFile) {
  const auto lattices = lattices_of("1\n4\n0 1 2 3\n0\n1 0 7\n2 1 5 0 9\n3 0 1 2 0 1 1\n");
  ASSERT_EQ(lattices.size(), 1U);
  EXPECT_EQ(arcs_of(lattices[0]), " | 0>7 | 1>5 0>9 | 0>1 2>0 1>1");
}

TEST(Lattices, TwoArcsMayLeadFromTheSamePosition) {
  EXPECT_EQ(arcs_of(lattices_of("1\n2\n0 0\n0\n3 0 4 0 4 0 6\n").at(0)), " | 0>4 0>4 0>6");
}

TEST(Lattices, LonePositionIsALattice) {
  const auto lattices = lattices_of("2\n1\n0\n0\n1\n5\n0\n");
  ASSERT_EQ(lattices.size(), 2U);
  EXPECT_EQ(lattices[0].positions(), 1U);
  EXPECT_TRUE(lattices[0].arcs.empty());
}

TEST(Lattices, NoSentencesAreNoLattices) { EXPECT_TRUE(lattices_of("0\n").empty()); }

TEST(Lattices, EmptyLinesBetweenSentencesAreSkipped) {
  const auto lattices = lattices_of("2\n\n1\n0\n0\n\n \n2\n0 0\n0\n1 0 3\n\n\n");
  ASSERT_EQ(lattices.size(), 2U);
  EXPECT_EQ(arcs_of(lattices[1]), " | 0>3");
}

TEST(Lattices, CarriageReturnsTabsAndBlanksAtTheEndAreNoMatter) {
  const auto lattices = lattices_of("1 \r\n2\t\r\n0 \t 1 \r\n0 \r\n1  0\t3 \r\n");
  ASSERT_EQ(lattices.size(), 1U);
  EXPECT_EQ(arcs_of(lattices[0]), " | 0>3");
}

TEST(Lattices, LastLineNeedsNoNewline) {
  EXPECT_EQ(arcs_of(lattices_of("1\n2\n0 0\n0\n1 0 3").at(0)), " | 0>3");
}

TEST(Lattices, RowsBecomeTheLargestIdPlusOne) {
  std::uint32_t rows = 0;
  static_cast<void>(lattices_of("1\n3\n0 0 0\n0\n1 0 41\n1 1 7\n", rows));
  EXPECT_EQ(rows, 42U);
}

TEST(Lattices, RowsAreOneWhenThereIsNoArc) {
  std::uint32_t rows = 0;
  static_cast<void>(lattices_of("1\n1\n0\n0\n", rows));
  EXPECT_EQ(rows, 1U);
}

TEST(Lattices, RowsThatAreGivenStay) {
  std::uint32_t rows = 50;
  static_cast<void>(lattices_of("1\n2\n0 0\n0\n1 0 49\n", rows));
  EXPECT_EQ(rows, 50U);
  static_cast<void>(lattices_of("1\n2\n0 0\n0\n1 0 3\n", rows));
  EXPECT_EQ(rows, 50U);
}

}  // namespace
}  // namespace sheaf::io
