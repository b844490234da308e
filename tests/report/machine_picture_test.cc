// SPDX-License-Identifier: Apache-2.0
#include "sheaf/report/machine_picture.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "tests/report/xml.h"

namespace sheaf::report {
namespace {

using test::XmlElement;

// A ring of states that each run once more and then go on.
MachinePicture ring(std::size_t states) {
  MachinePicture machine{.title = "a ring", .states = {}, .steps = {}};
  for (std::size_t s = 0; s < states; ++s) {
    machine.states.push_back({"ready " + std::to_string(s), "type " + std::to_string(s)});
    machine.steps.push_back({s, s, static_cast<std::uint32_t>(100 + s)});
    if (states > 1) machine.steps.push_back({s, (s + 1) % states, 1});
  }
  return machine;
}

std::vector<XmlElement> elements_of(const MachinePicture& machine) {
  SCOPED_TRACE(machine.states.size());
  return test::elements_of(machine.to_svg());
}

// Of states; the background is a box too, but has no place of its own.
std::vector<XmlElement> boxes_of(const std::vector<XmlElement>& elements) {
  std::vector<XmlElement> boxes;
  for (const XmlElement& element : elements) {
    if (element.name == "rect" && element.attributes.contains("x")) boxes.push_back(element);
  }
  return boxes;
}

std::size_t arrows_of(const std::vector<XmlElement>& elements) {
  return static_cast<std::size_t>(std::count_if(
      elements.begin(), elements.end(),
      [](const XmlElement& element) { return element.attributes.contains("marker-end"); }));
}

bool has_text(const std::vector<XmlElement>& elements, const std::string& text) {
  return std::any_of(elements.begin(), elements.end(), [&](const XmlElement& element) {
    return element.name == "text" && element.text == text;
  });
}

TEST(MachinePicture, HasABoxPerStateAndAnArrowPerStep) {
  for (const std::size_t states : {0, 1, 2, 30}) {
    const MachinePicture machine = ring(states);
    const auto elements = elements_of(machine);
    EXPECT_EQ(boxes_of(elements).size(), states);
    EXPECT_EQ(arrows_of(elements), machine.steps.size());
  }
}

TEST(MachinePicture, NamesStatesActionsAndTimes) {
  const auto elements = elements_of(ring(3));
  for (std::size_t s = 0; s < 3; ++s) {
    const std::string number = std::to_string(s);
    EXPECT_TRUE(has_text(elements, "ready " + number));
    EXPECT_TRUE(has_text(elements, "runs type " + number));
    EXPECT_TRUE(has_text(elements, "10" + number));
  }
}

TEST(MachinePicture, SaysWhichStatesFallBack) {
  MachinePicture machine = ring(2);
  machine.states[1].known = false;
  const auto elements = elements_of(machine);
  EXPECT_TRUE(has_text(elements, "runs type 0"));
  EXPECT_TRUE(has_text(elements, "falls back: type 1"));
  EXPECT_FALSE(has_text(elements, "runs type 1"));
  const auto boxes = boxes_of(elements);
  EXPECT_NE(boxes.at(0).attributes.at("fill"), boxes.at(1).attributes.at("fill"));
}

TEST(MachinePicture, MarksTheStateWhereTheRunBegins) {
  const auto boxes = boxes_of(elements_of(ring(3)));
  ASSERT_EQ(boxes.size(), 3U);
  EXPECT_GT(number(boxes[0], "stroke-width"), number(boxes[1], "stroke-width"));
  EXPECT_EQ(number(boxes[1], "stroke-width"), number(boxes[2], "stroke-width"));
}

TEST(MachinePicture, KeepsBoxesApartAndInsideThePicture) {
  for (const std::size_t states : {1, 2, 3, 7, 30}) {
    const auto elements = elements_of(ring(states));
    const auto boxes = boxes_of(elements);
    for (const XmlElement& box : boxes) {
      EXPECT_GE(number(box, "x"), 0);
      EXPECT_GE(number(box, "y"), 0);
      EXPECT_LE(number(box, "x") + number(box, "width"), number(elements[0], "width"));
      EXPECT_LE(number(box, "y") + number(box, "height"), number(elements[0], "height"));
    }
    for (std::size_t a = 0; a < boxes.size(); ++a) {
      for (std::size_t b = 0; b < a; ++b) {
        const double across = std::abs(number(boxes[a], "x") - number(boxes[b], "x"));
        const double down = std::abs(number(boxes[a], "y") - number(boxes[b], "y"));
        EXPECT_TRUE(across >= number(boxes[a], "width") || down >= number(boxes[a], "height"))
            << "boxes " << a << " and " << b << " of " << states;
      }
    }
  }
}

TEST(MachinePicture, TitleEndsInsideTheWidth) {
  for (const std::size_t length : {10, 100, 300}) {
    MachinePicture machine = ring(2);
    machine.title = std::string(length, 'n');
    const auto elements = elements_of(machine);
    EXPECT_TRUE(has_text(elements, machine.title));
    // An n of this size is about 8 wide.
    EXPECT_GE(number(elements.at(0), "width"), 20 + 8.0 * static_cast<double>(length));
  }
}

TEST(MachinePicture, IsWellFormedWhateverStatesAreCalled) {
  MachinePicture machine = ring(1);
  machine.title = "<machine> & \"more\"";
  machine.states[0] = {"list<T>, a & b", "list<T>", false};
  const auto elements = elements_of(machine);
  EXPECT_TRUE(has_text(elements, "<machine> & \"more\""));
  EXPECT_TRUE(has_text(elements, "list<T>, a & b"));
  EXPECT_TRUE(has_text(elements, "falls back: list<T>"));
}

}  // namespace
}  // namespace sheaf::report
