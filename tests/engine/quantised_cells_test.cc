// SPDX-License-Identifier: Apache-2.0
//
// Cells with products of integers: every value against its definition in docs/quantised.md, bit by
// bit, on every instruction set.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "sheaf/base/error.h"
#include "sheaf/base/rng.h"
#include "sheaf/engine/compile.h"
#include "tests/backend/isas.h"
#include "tests/message_of.h"

namespace sheaf::engine {
namespace {

using graph::CellBuilder;
using graph::ParameterId;
using graph::ParameterStore;

constexpr std::uint32_t kNodes = 150;  // more than are multiplied at a time

// Integers for weights, positive numbers for scales, anything for the rest.
void draw(ParameterStore& parameters, std::uint32_t weight_bits) {
  const std::int32_t most = tensor::most_integer(weight_bits);
  for (ParameterId id = 0; id < parameters.size(); ++id) {
    const graph::Parameter& parameter = parameters[id];
    base::Rng rng(11, parameter.name);
    tensor::Tensor value(parameter.stored_shape());
    const bool scale = parameter.name.find("scale") != std::string::npos;
    const bool weight = parameter.name.find(".W") != std::string::npos && !scale;
    for (float& x : value.values()) {
      x = scale ? rng.uniform(0.005F, 0.02F) : rng.uniform(-1, 1);
      if (weight) x = std::nearbyint(x * static_cast<float>(most));
    }
    parameters.assign(id, std::move(value));
  }
}

// Rows of a table -> quantised -> a product.
struct Product {
  graph::Network network;
  graph::TypeId type = 0;
  std::uint32_t nodes = kNodes;

  [[nodiscard]] const tensor::Tensor& of(const std::string& name) const {
    return network.parameters()[network.parameters().find(name)].value;
  }
  [[nodiscard]] std::vector<float> integers(std::uint32_t node, const std::string& table,
                                            const std::string& scale, std::uint32_t bits) const {
    std::vector<float> q;
    for (const float x : of(table).row(node)) {
      q.push_back(static_cast<float>(
          tensor::quantise(x, of(scale).values()[0], tensor::most_integer(bits))));
    }
    return q;
  }
};

// Values of a port of all nodes.
std::vector<std::vector<float>> run(const Product& product, Options options) {
  graph::Graph graph(product.network);
  for (std::uint32_t i = 0; i < product.nodes; ++i) graph.add(product.type, {}, i);
  options.verify = true;
  const auto session = compile(product.network, options);
  session->step(graph);
  const graph::Cell& cell = *product.network.type(product.type).cell;
  std::vector<std::vector<float>> values;
  for (std::uint32_t i = 0; i < product.nodes; ++i) {
    const auto row = session->read({i, 0});
    values.emplace_back();
    for (std::uint32_t r = 0; r < cell.output_rows(0); ++r) {
      const auto part = row.subspan(r * tensor::padded(cell.output_width(0)), cell.output_width(0));
      values.back().insert(values.back().end(), part.begin(), part.end());
    }
  }
  return values;
}

Product affine_product(tensor::Bits bits) {
  Product product;
  ParameterStore& parameters = product.network.parameters();
  parameters.declare("x", {kNodes, 37});
  parameters.declare("h", {kNodes, 16});
  CellBuilder cell("affine");
  const auto x = cell.quantise(cell.lookup("x", 37), bits.input, "x.scale");
  const auto h = cell.quantise(cell.lookup("h", 16), bits.input, "h.scale");
  cell.output(
      cell.quantised_affine(21, {{"W", "W.scale", x}, {"W2", "W2.scale", h}}, bits.weight, "b"));
  product.type = product.network.add_type("t", std::make_shared<const graph::Cell>(cell.build()),
                                          {{"x", "x"}, {"h", "h"}});
  draw(parameters, bits.weight);
  return product;
}

std::vector<float> affine_value(const Product& product, std::uint32_t node, tensor::Bits bits) {
  const auto bias = product.of("t.b").values();
  std::vector<float> value(bias.begin(), bias.end());
  const auto add = [&](const char* table, const char* scale, const char* weights) {
    const auto q = product.integers(node, table, scale, bits.input);
    const tensor::Tensor& w = product.of(weights);
    const auto scales = product.of(std::string(weights) + ".scale").values();
    for (std::uint32_t j = 0; j < value.size(); ++j) {
      std::int64_t sum = 0;
      for (std::size_t k = 0; k < q.size(); ++k) {
        sum += static_cast<std::int64_t>(q[k]) * static_cast<std::int64_t>(w.row(j)[k]);
      }
      const float factor = product.of(scale).values()[0] * scales[j];
      const volatile float term = static_cast<float>(sum) * factor;
      value[j] += term;
    }
  };
  add("x", "t.x.scale", "t.W");
  add("h", "t.h.scale", "t.W2");
  return value;
}

class QuantisedCells : public testing::TestWithParam<std::string> {
 protected:
  Options options_ = [] {
    Options options;
    options.isa = GetParam();
    return options;
  }();
};

TEST_P(QuantisedCells, AffineIsItsDefinitionForAllBits) {
  for (const tensor::Bits bits : {tensor::Bits{8, 8}, {2, 2}, {4, 12}, {12, 4}, {16, 8}}) {
    const Product product = affine_product(bits);
    const auto values = run(product, options_);
    for (std::uint32_t i = 0; i < kNodes; ++i) {
      ASSERT_EQ(values[i], affine_value(product, i, bits)) << to_string(bits) << ", node " << i;
    }
  }
}

TEST_P(QuantisedCells, AffineOfBlockCirculantWeightsIsThatOfTheExpandedMatrix) {
  Product product;
  ParameterStore& parameters = product.network.parameters();
  parameters.declare("x", {kNodes, 16});
  CellBuilder cell("affine");
  const auto x = cell.quantise(cell.lookup("x", 16), 8, "x.scale");
  cell.output(cell.quantised_affine(8, {{"W", "W.scale", x}}, 8));
  product.type = product.network.add_type("t", std::make_shared<const graph::Cell>(cell.build()),
                                          {{"x", "x"}});
  parameters.encode(parameters.find("t.W"), tensor::block_circulant(4));
  draw(parameters, 8);
  const auto encoded = run(product, options_);
  const tensor::Tensor& stored = product.of("t.W");
  tensor::Tensor dense({8, 16});
  for (std::uint32_t j = 0; j < 8; ++j) {
    for (std::uint32_t i = 0; i < 16; ++i) {
      dense.row(j)[i] = stored.row(j / 4)[i / 4 * 4 + (j % 4 + 4 - i % 4) % 4];
    }
  }
  parameters.encode(parameters.find("t.W"), tensor::kDense);
  parameters.assign(parameters.find("t.W"), std::move(dense));
  EXPECT_EQ(run(product, options_), encoded);
}

struct Picture {
  ops::Window window;
  std::uint32_t channels;
  bool one_row;  // the cell reads a picture in one row
};

Product conv_product(const Picture& picture) {
  Product product;
  product.nodes = 3;
  const std::uint32_t pixels = picture.window.pixels();
  product.network.parameters().declare("x", {product.nodes, pixels * picture.channels});
  CellBuilder cell("conv");
  auto x = cell.lookup("x", pixels * picture.channels);
  if (!picture.one_row) x = cell.reshape(x, pixels, picture.channels);
  x = cell.quantise(x, 8, "x.scale");
  cell.output(cell.quantised_conv2d({"W", "W.scale", x}, 5, picture.window, 8, "b"));
  product.type = product.network.add_type("t", std::make_shared<const graph::Cell>(cell.build()),
                                          {{"x", "x"}});
  draw(product.network.parameters(), 8);
  return product;
}

std::vector<float> conv_value(const Product& product, const Picture& picture, std::uint32_t node) {
  const ops::Window& w = picture.window;
  const auto q = product.integers(node, "x", "t.x.scale", 8);
  const tensor::Tensor& weights = product.of("t.W");
  const tensor::Tensor& scales = product.of("t.W.scale");
  const tensor::Tensor& bias = product.of("t.b");
  const float input_scale = product.of("t.x.scale").values()[0];
  std::vector<float> value;
  for (std::uint32_t place = 0; place < w.out_pixels(); ++place) {
    for (std::uint32_t o = 0; o < 5; ++o) {
      std::int64_t sum = 0;
      for (std::uint32_t tap = 0; tap < w.taps(); ++tap) {
        const auto y = std::int64_t{place / w.out_width() * w.stride + tap / w.kernel_width} -
                       std::int64_t{w.padding};
        const auto x = std::int64_t{place % w.out_width() * w.stride + tap % w.kernel_width} -
                       std::int64_t{w.padding};
        if (y < 0 || x < 0 || y >= w.height || x >= w.width) continue;
        for (std::uint32_t c = 0; c < picture.channels; ++c) {
          const auto pixel = static_cast<std::size_t>((y * w.width + x) * picture.channels + c);
          sum += static_cast<std::int64_t>(q[pixel]) *
                 static_cast<std::int64_t>(weights.row(o)[tap * picture.channels + c]);
        }
      }
      const float factor = input_scale * scales.values()[o];
      const volatile float term = static_cast<float>(sum) * factor;
      value.push_back(bias.values()[o] + term);
    }
  }
  return value;
}

TEST_P(QuantisedCells, ConvolutionIsItsDefinition) {
  const std::vector<Picture> pictures = {{{6, 5, 3, 3, 1, 1}, 3, false},
                                         {{6, 5, 3, 3, 1, 1}, 3, true},
                                         {{7, 7, 3, 2, 2, 0}, 1, true},
                                         {{13, 12, 1, 1, 1, 0}, 16, false},  // 156 places
                                         {{5, 5, 5, 5, 1, 0}, 2, false}};    // one place
  for (const Picture& picture : pictures) {
    const Product product = conv_product(picture);
    const auto values = run(product, options_);
    for (std::uint32_t i = 0; i < product.nodes; ++i) {
      ASSERT_EQ(values[i], conv_value(product, picture, i))
          << picture.window.height << " x " << picture.window.width << ", node " << i;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Isa, QuantisedCells, testing::ValuesIn(test::isas()), test::isa_name);

// ---- another unit

// Naive sums of 64 bits, and a record of what it was asked.
class RecordingUnit final : public runtime::IntegerProducts {
 public:
  struct Call {
    ParameterId parameter;
    graph::TypeId type;
    std::vector<graph::NodeId> nodes;
    std::uint32_t count, positions, first_position, batch;
  };

  void prepare(const runtime::IntegerMatrix& matrix) override {
    prepared.emplace_back(matrix.name);
    bits.push_back(matrix.bits);
    Held& held = held_[matrix.parameter];
    held.inputs = matrix.inputs;
    held.outputs = matrix.outputs;
    held.values.assign(matrix.values.begin(), matrix.values.end());
  }
  void multiply(const runtime::IntegerCall& call) noexcept override {
    calls.push_back({call.parameter,
                     call.type,
                     {call.nodes.begin(), call.nodes.end()},
                     call.count,
                     call.positions,
                     call.first_position,
                     call.batch});
    const Held& held = held_.at(call.parameter);
    for (std::uint32_t i = 0; i < call.count; ++i) {
      for (std::uint32_t j = 0; j < held.outputs; ++j) {
        std::int64_t sum = 0;
        for (std::uint32_t k = 0; k < held.inputs; ++k) {
          sum +=
              std::int64_t{call.rows[i * call.row_stride + k]} * held.values[j * held.inputs + k];
        }
        call.sums[i * call.sum_stride + j] = static_cast<std::int32_t>(sum);
      }
    }
  }

  std::vector<std::string> prepared;
  std::vector<tensor::Bits> bits;
  std::vector<Call> calls;

 private:
  struct Held {
    std::uint32_t inputs = 0, outputs = 0;
    std::vector<std::int16_t> values;
  };
  std::map<ParameterId, Held> held_;
};

TEST(IntegerUnit, GivesTheSameBitsInPlaceOfTheKernels) {
  const Product affine = affine_product({8, 8});
  const Product conv = conv_product({{6, 5, 3, 3, 1, 1}, 3, false});
  for (const Product* product : {&affine, &conv}) {
    RecordingUnit unit;
    Options options;
    options.integer_products = &unit;
    EXPECT_EQ(run(*product, options), run(*product, {}));
    EXPECT_FALSE(unit.calls.empty());
  }
}

TEST(IntegerUnit, IsGivenEveryMatrixOnceUnderItsName) {
  RecordingUnit unit;
  Options options;
  options.integer_products = &unit;
  static_cast<void>(run(affine_product({8, 6}), options));
  EXPECT_EQ(unit.prepared, (std::vector<std::string>{"t.W", "t.W2"}));
  EXPECT_EQ(unit.bits, (std::vector<tensor::Bits>{{8, 6}, {8, 6}}));
}

TEST(IntegerUnit, IsGivenAMatrixAgainWhenItHasChanged) {
  Product product = affine_product({8, 8});
  RecordingUnit unit;
  Options options;
  options.integer_products = &unit;
  const auto session = compile(product.network, options);
  const auto step = [&] {
    graph::Graph graph(product.network);
    graph.add(product.type, {}, 0);
    session->begin();
    session->step(graph);
  };
  step();
  product.network.parameters().change(product.network.parameters().find("t.b"))[0] = 1;
  step();
  EXPECT_EQ(unit.prepared, (std::vector<std::string>{"t.W", "t.W2"}));
  product.network.parameters().change(product.network.parameters().find("t.W2"))[0] = 1;
  step();
  EXPECT_EQ(unit.prepared, (std::vector<std::string>{"t.W", "t.W2", "t.W2"}));
}

TEST(IntegerUnit, IsToldTheNodeOfEveryRow) {
  const Product product = affine_product({8, 8});
  const ParameterId weights = product.network.parameters().find("t.W");
  RecordingUnit unit;
  Options options;
  options.integer_products = &unit;
  static_cast<void>(run(product, options));
  std::vector<bool> met(kNodes, false);
  for (const auto& call : unit.calls) {
    EXPECT_EQ(call.type, product.type);
    EXPECT_EQ(call.positions, 1U);
    EXPECT_EQ(call.first_position, 0U);
    EXPECT_EQ(call.nodes.size(), call.count);
    if (call.parameter != weights) continue;
    for (const graph::NodeId node : call.nodes) {
      EXPECT_FALSE(met.at(node));
      met[node] = true;
    }
  }
  EXPECT_EQ(std::count(met.begin(), met.end(), true), kNodes);
}

TEST(IntegerUnit, IsToldThePlaceOfEveryRowOfAConvolution) {
  const Product product = conv_product({{13, 12, 1, 1, 1, 0}, 16, false});
  RecordingUnit unit;
  Options options;
  options.integer_products = &unit;
  static_cast<void>(run(product, options));
  std::map<graph::NodeId, std::uint32_t> done;
  for (const auto& call : unit.calls) {
    ASSERT_EQ(call.nodes.size(), 1U);
    EXPECT_EQ(call.batch, 0U);
    EXPECT_EQ(call.count, call.positions);
    EXPECT_EQ(call.first_position, done[call.nodes[0]]);
    done[call.nodes[0]] += call.count;
  }
  ASSERT_EQ(done.size(), product.nodes);
  for (const auto& [node, places] : done) EXPECT_EQ(places, 156U) << node;
}

TEST(IntegerUnit, IsCalledByOneThreadAtATimeUnlessItSaysOtherwise) {
  const Product product = affine_product({8, 8});
  RecordingUnit unit;  // whose record several threads would spoil
  base::ThreadPool pool(3);
  Options options;
  options.integer_products = &unit;
  options.pool = &pool;
  EXPECT_EQ(run(product, options), run(product, {}));
}

// ---- refusals

std::string refusal(Product& product, const std::string& parameter, float value) {
  ParameterStore& parameters = product.network.parameters();
  parameters.change(parameters.find(parameter))[0] = value;
  return test::message_of<base::UsageError>([&] { static_cast<void>(compile(product.network)); });
}

TEST(QuantisedCell, MessageNamesAWeightThatIsNoInteger) {
  Product product = affine_product({8, 8});
  EXPECT_EQ(refusal(product, "t.W", 0.5F),
            "[parameter t.W] weight of a product of integers: got 0.500000, expected an integer of "
            "8 bits; quantise the network (passes/quantise.h)");
  EXPECT_EQ(refusal(product, "t.W", 128),
            "[parameter t.W] weight of a product of integers: got 128.000000, expected an integer "
            "of 8 bits; quantise the network (passes/quantise.h)");
}

TEST(QuantisedCell, MessageNamesAScaleThatIsNotPositive) {
  Product product = affine_product({8, 8});
  EXPECT_EQ(refusal(product, "t.W.scale", 0),
            "[parameter t.W.scale] scale of integers: got 0.000000, expected a positive number");
  Product other = affine_product({8, 8});
  EXPECT_EQ(refusal(other, "t.x.scale", -1),
            "[parameter t.x.scale] scale of integers: got -1.000000, expected a positive number");
}

TEST(QuantisedCell, MessageNamesSumsThatDoNotFit) {
  Product product = affine_product({16, 16});
  for (float& w : product.network.parameters().change(product.network.parameters().find("t.W"))) {
    w = 32767;
  }
  EXPECT_EQ(refusal(product, "t.b", 0),
            "[parameter t.W] sums of products with inputs of 16 bits: got up to 39726022693, "
            "expected at most 2147483647; use fewer bits");
}

}  // namespace
}  // namespace sheaf::engine
