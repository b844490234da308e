// SPDX-License-Identifier: Apache-2.0
#include "sheaf/report/cell_picture.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "tests/report/xml.h"

namespace sheaf::report {
namespace {

using test::XmlElement;

// Two gates of one input: their products are a batch, and so are the sigmoids.
graph::Cell gates(const std::string& name = "gates") {
  graph::CellBuilder b(name);
  const auto x = b.input("x", 8);
  const auto forget = sigmoid(b.affine(8, {{"W_f", x}}, "b_f"));
  const auto hold = sigmoid(b.affine(8, {{"W_i", x}}, "b_i"));
  return b.output(forget * x + hold).build();
}

std::vector<XmlElement> elements_of(const graph::Cell& cell) {
  return test::elements_of(cell_to_svg(cell));
}

// How often each text stands in the picture.
std::map<std::string, int> texts_of(const std::vector<XmlElement>& elements) {
  std::map<std::string, int> texts;
  for (const XmlElement& element : elements) {
    if (element.name == "text") ++texts[element.text];
  }
  return texts;
}

// Colour of the box before each text with this name.
std::vector<std::string> colours_of(const std::vector<XmlElement>& elements,
                                    const std::string& name) {
  std::vector<std::string> colours;
  for (std::size_t i = 1; i < elements.size(); ++i) {
    if (elements[i].name == "text" && elements[i].text == name) {
      colours.push_back(elements[i - 1].attributes.at("fill"));
    }
  }
  return colours;
}

TEST(CellPicture, NamesEveryParameterAndValueBeforeAndAfter) {
  const graph::Cell cell = gates();
  auto texts = texts_of(elements_of(cell));
  for (const graph::ParameterSlot& slot : cell.slots()) EXPECT_EQ(texts[slot.name], 2) << slot.name;
  for (graph::ValueId v = 0; v < cell.ops().size(); ++v) {
    const graph::CellOp& op = cell.ops()[v];
    const std::string name =
        op.kind == ops::OpKind::input
            ? cell.inputs()[op.input].name
            : "%" + std::to_string(v) + " " + std::string(ops::schema(op.kind).name);
    EXPECT_EQ(texts[name], 2) << name;
  }
}

TEST(CellPicture, HasABoxPerParameterAndValueBeforeAndAfter) {
  const graph::Cell cell = gates();
  const auto elements = elements_of(cell);
  const auto boxes = std::count_if(elements.begin(), elements.end(), [](const XmlElement& element) {
    return element.name == "rect" && element.attributes.contains("x");
  });
  EXPECT_EQ(static_cast<std::size_t>(boxes), 2 * (cell.slots().size() + cell.ops().size()));
}

TEST(CellPicture, WhatOneBatchMultipliesByHasOneColour) {
  const auto elements = elements_of(gates());
  const auto forget = colours_of(elements, "W_f");
  ASSERT_EQ(forget.size(), 2U);
  EXPECT_EQ(forget[0], forget[1]);
  for (const char* other : {"W_i", "b_f", "b_i"}) EXPECT_EQ(colours_of(elements, other), forget);
  EXPECT_NE(colours_of(elements, "x"), forget);
}

TEST(CellPicture, BoxesLieInsideThePicture) {
  const auto elements = elements_of(gates());
  for (const XmlElement& element : elements) {
    if (element.name != "rect" || !element.attributes.contains("x")) continue;
    EXPECT_LE(std::stod(element.attributes.at("x")) + std::stod(element.attributes.at("width")),
              std::stod(elements[0].attributes.at("width")));
    EXPECT_LE(std::stod(element.attributes.at("y")) + std::stod(element.attributes.at("height")),
              std::stod(elements[0].attributes.at("height")));
  }
}

TEST(CellPicture, IsWellFormedWhateverACellIsCalled) {
  const auto texts = texts_of(elements_of(gates("list<T> & \"more\"")));
  EXPECT_TRUE(std::any_of(texts.begin(), texts.end(), [](const auto& text) {
    return text.first.starts_with("list<T> & \"more\": ");
  }));
}

TEST(CellPicture, OfACellWithoutParametersIsWellFormed) {
  graph::CellBuilder b("leaf");
  auto texts = texts_of(elements_of(b.output(b.constant(1, 8)).build()));
  EXPECT_EQ(texts["%0 constant"], 2);
}

TEST(CellText, NamesBatchesAndWhatIsCopied) {
  const std::string text = cell_to_text(gates());
  EXPECT_TRUE(text.starts_with("cell gates\n")) << text;
  for (const char* part :
       {"  batch of affine: %", "  batch of sigmoid: %", " W_f", " W_i", " b_f", " b_i",
        "  parameters side by side: ", "  planned:   0 copy kernels, 0 bytes copied per node",
        "  unplanned: "}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << " in\n" << text;
  }
  EXPECT_EQ(text.find("unplanned: 0 copy kernels"), std::string::npos) << text;
}

TEST(CellText, OfACellWithoutBatchesNamesNone) {
  graph::CellBuilder b("plain");
  const std::string text = cell_to_text(b.output(tanh(b.input("x", 8))).build());
  EXPECT_EQ(text.find("batch of"), std::string::npos) << text;
  EXPECT_NE(text.find("unplanned: 0 copy kernels"), std::string::npos) << text;
}

}  // namespace
}  // namespace sheaf::report
