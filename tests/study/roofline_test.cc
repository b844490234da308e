// SPDX-License-Identifier: Apache-2.0
//
// What the roofline counts; how long anything took is not tested.
#include "sheaf/study/roofline.h"

#include <gtest/gtest.h>

#include <numeric>

#include "sheaf/base/error.h"
#include "sheaf/study/roofline_report.h"
#include "tests/message_of.h"

namespace sheaf::study {
namespace {

RooflineOptions small() {
  RooflineOptions options;
  options.workload = {.model = "tree_lstm", .data = "random:trees,n=12,leaves=5", .hidden = 16};
  options.batch = 4;
  options.repeat = 1;
  options.most_rows = 8;
  return options;
}

class RooflineOfTrees : public testing::Test {
 protected:
  static const Roofline& roofline() {
    static const Roofline kRoofline = study_roofline(small());
    return kRoofline;
  }
  static const CellPoint& cell(const std::string& type, std::uint32_t rows) {
    for (const CellPoint& point : roofline().cells) {
      if (point.type == type && point.rows == rows) return point;
    }
    throw std::out_of_range(type);
  }
};

// docs/models.md: a leaf 6 H^2, a node 16 H^2, a head 10 H.
TEST_F(RooflineOfTrees, FlopsOfACellAreThoseOfTheModelTimesItsRows) {
  for (const std::uint32_t rows : {1U, 2U, 4U, 8U}) {
    EXPECT_EQ(cell("leaf", rows).flops, 6.0 * 16 * 16 * rows);
    EXPECT_EQ(cell("node", rows).flops, 16.0 * 16 * 16 * rows);
    EXPECT_EQ(cell("head", rows).flops, 10.0 * 16 * rows);
  }
}

TEST_F(RooflineOfTrees, WeightsAreReadOncePerBlockWhateverItsRows) {
  EXPECT_GE(cell("node", 1).weight_bytes, 16.0 / 2 * 16 * 16 * 4);
  EXPECT_EQ(cell("node", 8).weight_bytes, cell("node", 1).weight_bytes);
  EXPECT_EQ(cell("node", 8).activation_bytes, 8 * cell("node", 1).activation_bytes);
}

TEST_F(RooflineOfTrees, LimitsFollowFromPeakBandwidthAndBytes) {
  const CellPoint& node = cell("node", 4);
  EXPECT_DOUBLE_EQ(node.compute_ns, node.flops / roofline().fma_peak_gflops);
  EXPECT_DOUBLE_EQ(
      node.bandwidth_ns,
      read_ns(roofline().levels, node.weight_bytes, node.weight_set_bytes) +
          read_ns(roofline().levels, node.activation_bytes, node.activation_set_bytes));
  EXPECT_GT(node.weight_set_bytes, node.activation_set_bytes);
  EXPECT_DOUBLE_EQ(node.percent_of_limit(),
                   100 * std::max(node.compute_ns, node.bandwidth_ns) / node.ns);
}

TEST_F(RooflineOfTrees, TypesCountEveryRowAndTheirStepsAddUpToTheirTime) {
  std::uint64_t rows = 0;
  double ns = 0;
  for (const TypeTime& type : roofline().types) {
    rows += type.rows;
    ns += type.ns;
    EXPECT_NEAR(type.gather_ns + type.product_ns + type.region_ns, type.ns, 1e-6 * type.ns + 1);
    EXPECT_GT(type.product_ns, 0) << type.type;
  }
  EXPECT_LE(ns, roofline().execute_ns);
  EXPECT_EQ(roofline().instances, 12U);
  EXPECT_GE(rows, 2U * 12);  // a node and a head of every tree at least
  const nlohmann::json json = roofline_json(small(), roofline());
  double percent = 0;
  for (const auto& part : json.at("parts")) percent += part.at("percent").get<double>();
  EXPECT_NEAR(percent, 100, 1e-6);
  EXPECT_EQ(json.at("cells").size(), roofline().cells.size());
}

TEST_F(RooflineOfTrees, TextHasATablePerQuestion) {
  const std::string text = roofline_text(small(), roofline(), true);
  EXPECT_NE(text.find("| type | rows | kflop |"), std::string::npos) << text;
  EXPECT_NE(text.find("| part | us per instance | % |"), std::string::npos) << text;
  EXPECT_NE(text.find("| type | batches | rows per batch |"), std::string::npos) << text;
}

TEST_F(RooflineOfTrees, ChartHasASeriesPerTypeAndAPointPerNumberOfRows) {
  const report::RooflineChart chart = roofline_chart(roofline());
  ASSERT_EQ(chart.series.size(), 3U);
  for (const auto& series : chart.series) EXPECT_EQ(series.points.size(), 4U) << series.name;
  EXPECT_EQ(chart.levels.size(), 4U);
}

// Levels that hold 10, 100 and 1000 bytes and give 100, 10, 1 bytes a nanosecond; and what is
// behind.
TEST(ReadNs, EveryLevelGivesWhatItHoldsOfTheSet) {
  const MemoryLevels levels = {
      {{"L1", 10, 100}, {"L2", 100, 10}, {"L3", 1000, 1}, {"DRAM", 0, 0.5}}};
  EXPECT_DOUBLE_EQ(read_ns(levels, 1000, 10), 10);
  EXPECT_DOUBLE_EQ(read_ns(levels, 1000, 20), 500 / 100.0 + 500 / 10.0);
  EXPECT_DOUBLE_EQ(read_ns(levels, 1000, 1000), 10 / 100.0 + 90 / 10.0 + 900 / 1.0);
  EXPECT_DOUBLE_EQ(read_ns(levels, 2000, 2000), 10 / 100.0 + 90 / 10.0 + 900 / 1.0 + 1000 / 0.5);
}

TEST(StudyRoofline, OfNoInstancesIsRefused) {
  RooflineOptions options = small();
  options.workload.data = "/dev/null";
  EXPECT_EQ(test::message_of<base::DataError>([&] { static_cast<void>(study_roofline(options)); }),
            "[--data] no instances: got an empty file");
}

}  // namespace
}  // namespace sheaf::study
