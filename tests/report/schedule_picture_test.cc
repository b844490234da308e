// SPDX-License-Identifier: Apache-2.0
#include "sheaf/report/schedule_picture.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <set>

#include "sheaf/batching/policy.h"
#include "tests/report/xml.h"

namespace sheaf::report {
namespace {

using test::XmlElement;

// Two instances: a <- b <- c with a head on each of b and c, and a lone a.
class SchedulePicture : public testing::Test {
 protected:
  SchedulePicture() {
    graph::CellBuilder leaf("leaf");
    const auto source = std::make_shared<graph::Cell>(
        leaf.output(leaf.constant(1, 8)).output(leaf.constant(2, 8)).build());
    graph::CellBuilder pair("pair");
    const auto both =
        std::make_shared<graph::Cell>(pair.output(pair.input("x", 8) + pair.input("y", 8)).build());
    graph::CellBuilder head("head");
    const auto unary = std::make_shared<graph::Cell>(head.output(tanh(head.input("x", 8))).build());
    leaf_ = network_.add_type("leaf", source);
    pair_ = network_.add_type("pair", both);
    head_ = network_.add_type(head_name_, unary);
    graph_.add(leaf_, {});          // 0
    graph_.add(leaf_, {});          // 1
    graph_.add(pair_, {{0}, {1}});  // 2
    graph_.add(head_, {{2}});       // 3: a square beside 2
    graph_.add(pair_, {{2}, {1}});  // 4
    graph_.add(head_, {{4}});       // 5: a square beside 4
    graph_.begin_instance(1);
    graph_.add(leaf_, {});  // 6
    batching::Dependencies dependencies;
    dependencies.build(graph_, graph_.seal());
    batching::make_policy("single")->plan(dependencies, single_);
    batching::make_policy("sufficient")->plan(dependencies, sufficient_);
  }

  // The elements of a picture of both schedules.
  [[nodiscard]] std::vector<XmlElement> picture(const std::string& title = "a picture") const {
    const ScheduleView views[] = {{"one by one", &single_}, {"in batches", &sufficient_}};
    std::string fault;
    auto elements = test::parse_xml(to_svg(graph_, views, title), fault);
    EXPECT_EQ(fault, "");
    return elements;
  }
  static std::vector<XmlElement> named(const std::vector<XmlElement>& all, const char* name) {
    std::vector<XmlElement> found;
    for (const XmlElement& element : all) {
      if (element.name == name) found.push_back(element);
    }
    return found;
  }
  static bool is_number(const XmlElement& element) { return element.attributes.contains("class"); }

  static constexpr const char* head_name_ = "head";
  graph::Network network_;
  graph::TypeId leaf_, pair_, head_;
  graph::Graph graph_{network_};
  batching::Schedule single_;
  batching::Schedule sufficient_;
};

TEST_F(SchedulePicture, HasAShapePerNodeAndSchedule) {
  const auto elements = picture();
  EXPECT_EQ(elements.at(0).name, "svg");
  EXPECT_EQ(named(elements, "circle").size(), 2 * 5U);
  EXPECT_EQ(named(elements, "rect").size(), 2 * 2U + 1);  // and the background
  EXPECT_EQ(named(elements, "title").size(), 2 * 7U);
}

TEST_F(SchedulePicture, ASquareIsACallThatReadsOneOtherAndIsReadByNone) {
  std::vector<std::string> circles;
  std::vector<std::string> squares;
  const auto elements = picture();
  for (std::size_t i = 0; i + 1 < elements.size(); ++i) {
    if (elements[i + 1].name != "title") continue;
    (elements[i].name == "circle" ? circles : squares).push_back(elements[i + 1].text);
  }
  EXPECT_EQ(squares, (std::vector<std::string>(4, "head")));
  EXPECT_EQ(std::count(circles.begin(), circles.end(), "head"), 0);
}

TEST_F(SchedulePicture, HasALinePerOperand) { EXPECT_EQ(named(picture(), "line").size(), 2 * 6U); }

TEST_F(SchedulePicture, HasATextForItsTitleAndEachSchedule) {
  std::vector<std::string> titles;
  for (const XmlElement& text : named(picture(), "text")) {
    if (!is_number(text)) titles.push_back(text.text);
  }
  EXPECT_EQ(titles, (std::vector<std::string>{
                        "a picture", "one by one: 7 batches",
                        "in batches: " + std::to_string(sufficient_.batches.size()) + " batches"}));
}

TEST_F(SchedulePicture, NumbersNodesByTheirBatch) {
  std::vector<std::string> numbers;
  for (const XmlElement& text : named(picture(), "text")) {
    if (is_number(text)) numbers.push_back(text.text);
  }
  ASSERT_EQ(numbers.size(), 14U);
  for (std::size_t v = 0; v < 7; ++v) EXPECT_EQ(numbers[v], std::to_string(v + 1));
  EXPECT_EQ(numbers[7], numbers[8]);   // the leaves run together
  EXPECT_EQ(numbers[7], numbers[13]);  // over instances too
  const std::set<std::string> distinct(numbers.begin() + 7, numbers.end());
  EXPECT_EQ(distinct.size(), sufficient_.batches.size());
}

TEST_F(SchedulePicture, NodesOfOneBatchHaveOneColour) {
  const auto circles = named(picture(), "circle");
  ASSERT_EQ(circles.size(), 10U);
  const auto colour = [&](std::size_t i) { return circles[i].attributes.at("fill"); };
  EXPECT_EQ(colour(5), colour(6));
  EXPECT_NE(colour(5), colour(7));
  EXPECT_NE(colour(0), colour(1));
}

TEST_F(SchedulePicture, KeepsNodesApartAndInsideThePicture) {
  const auto elements = picture();
  const double width = std::stod(elements.at(0).attributes.at("width"));
  const double height = std::stod(elements.at(0).attributes.at("height"));
  std::set<std::pair<double, double>> places;
  const auto circles = named(elements, "circle");
  for (const XmlElement& circle : circles) {
    const double x = std::stod(circle.attributes.at("cx"));
    const double y = std::stod(circle.attributes.at("cy"));
    EXPECT_GT(x, 0);
    EXPECT_LT(x, width);
    EXPECT_GT(y, 0);
    EXPECT_LT(y, height);
    places.emplace(x, y);
  }
  EXPECT_EQ(places.size(), circles.size());
}

TEST_F(SchedulePicture, IsWellFormedWhateverItsTitleSays) {
  const auto elements = picture("batches < 7 & \"more\" > 1");
  ASSERT_FALSE(named(elements, "text").empty());
  EXPECT_EQ(named(elements, "text")[0].text, "batches < 7 & \"more\" > 1");
}

TEST_F(SchedulePicture, IsWellFormedWhateverASchedulesTitleSays) {
  const ScheduleView views[] = {{"A & B", &single_}};
  std::string fault;
  static_cast<void>(test::parse_xml(to_svg(graph_, views, ""), fault));
  EXPECT_EQ(fault, "");
}

TEST_F(SchedulePicture, IsWellFormedWhateverTypesAreCalled) {
  graph::Network network;
  network.add_type("list<T>", network_.type(leaf_).cell);
  graph::Graph graph(network);
  graph.add(0, {});
  const batching::Schedule schedule{.batches = {{0, 0, 1}}, .order = {0}};
  const ScheduleView views[] = {{"all", &schedule}};
  std::string fault;
  static_cast<void>(test::parse_xml(to_svg(graph, views, ""), fault));
  EXPECT_EQ(fault, "");
}

TEST_F(SchedulePicture, OfAnEmptyGraphIsWellFormed) {
  const graph::Graph graph(network_);
  const batching::Schedule schedule;
  const ScheduleView views[] = {{"nothing", &schedule}};
  std::string fault;
  const auto elements = test::parse_xml(to_svg(graph, views, "none"), fault);
  EXPECT_EQ(fault, "");
  EXPECT_TRUE(named(elements, "circle").empty());
}

TEST_F(SchedulePicture, TextListsEveryBatchOfEverySchedule) {
  const batching::Schedule all{
      .batches = {{leaf_, 0, 3}, {pair_, 3, 4}, {pair_, 4, 5}, {head_, 5, 7}},
      .order = {0, 1, 6, 2, 4, 3, 5}};
  const ScheduleView views[] = {{"one by one", &single_}, {"by hand", &all}};
  EXPECT_EQ(to_text(graph_, views),
            "one by one: 7 batches  by hand: 4 batches\n"
            "-------------------------------------------\n"
            " 1 leaf        1 #      1 leaf        3 ###\n"
            " 2 leaf        1 #      2 pair        1 #\n"
            " 3 pair        1 #      3 pair        1 #\n"
            " 4 head        1 #      4 head        2 ##\n"
            " 5 pair        1 #\n"
            " 6 head        1 #\n"
            " 7 leaf        1 #\n");
}

TEST_F(SchedulePicture, TextHasAPlusInPlaceOfMarksBeyond24) {
  graph::Graph graph(network_);
  for (int i = 0; i < 25; ++i) graph.add(leaf_, {});
  batching::Dependencies dependencies;
  dependencies.build(graph, graph.seal());
  batching::Schedule schedule;
  batching::make_policy("depth")->plan(dependencies, schedule);
  const ScheduleView views[] = {{"depth", &schedule}};
  const std::string text = to_text(graph, views);
  EXPECT_NE(text.find(" 1 leaf       25 " + std::string(24, '#') + "+\n"), std::string::npos)
      << text;
}

}  // namespace
}  // namespace sheaf::report
