// SPDX-License-Identifier: Apache-2.0
//
// Mistakes of DyNet's automatic batching (github.com/clab/dynet; numbers are its issues and pull
// requests), each as the situation that provokes it.
//
// Of gradients only, and so of training, which does not exist here yet: 1666 (backward of a batched
// product of sums is given the whole batch), 1490 and 1493 (gradients of ops with scratch state),
// 584 and 747 (infinite gradients), 1559 and 1612 (crashes in backward). Of speed only: 1222, 1038.
#include "sheaf/base/error.h"
#include "tests/engine/rivals.h"
#include "tests/message_of.h"

namespace sheaf::test {
namespace {

using graph::Graph;
using graph::NodeId;
using graph::Operand;
using memory_plan::LayoutMode;

using DynetMistake = Rivals;

// 1258: an operand that a whole batch shares, computed in a batch itself but not as its first row,
// was read from the first row.
TEST_F(DynetMistake, Pr1258SharedOperandThatIsNotTheFirstOfItsBatch) {
  const auto mid = squash("mid");
  const auto pair = type("pair", [](auto& cell) {
    const auto shared = cell.input("shared", kWidth);
    const auto own = cell.input("own", kWidth);
    cell.output(tanh(cell.affine(kWidth, {{"A", shared}, {"B", own}}, "b")));
  });
  expect_unbatched_values([=, this](Graph& graph, std::uint32_t i) {
    std::vector<Operand> mids;
    for (std::uint32_t k = 0; k < 4; ++k) mids.push_back({graph.add(mid, {word(graph, i + k)})});
    for (std::uint32_t k = 0; k < 4; ++k) graph.add(pair, {mids[2], mids[k]});
  });
}

// 1258 again, where it was met: the shared operand is the matrix of a product.
TEST_F(DynetMistake, Pr1258SharedMatrixThatIsNotTheFirstOfItsBatch) {
  network_.parameters().declare("matrices", {kWords, kWidth * kWidth});
  const auto look =
      type("look", [](auto& cell) { cell.output(cell.matrix_lookup("table", kWidth, kWidth)); },
           {{"table", "matrices"}});
  const auto mid = type("mid", [](auto& cell) {
    const auto m = cell.matrix_input("m", kWidth, kWidth);
    cell.output(tanh(cell.affine(kWidth, {{"W", m}}, "b")));
  });
  const auto product = type("product", [](auto& cell) {
    const auto x = cell.input("x", kWidth);
    const auto m = cell.matrix_input("m", kWidth, kWidth);  // not the first input, either
    cell.output(tanh(matvec(m, x)));
  });
  expect_unbatched_values([=, this](Graph& graph, std::uint32_t i) {
    std::vector<Operand> mids;
    for (std::uint32_t k = 0; k < 3; ++k) {
      mids.push_back({graph.add(mid, {Operand{graph.add(look, {}, (3 * i + k) % kWords)}})});
    }
    for (std::uint32_t k = 0; k < 4; ++k) graph.add(product, {word(graph, i + k), mids[1]});
  });
}

// 622: two losses were batched because their results had the same size; that of their inputs, which
// differed, was not looked at.
TEST_F(DynetMistake, Pr622EqualResultsOfInputsOfDifferentSize) {
  const auto loss = [](std::uint32_t from) {
    return [=](auto& cell) {
      cell.output(log_softmax(cell.affine(3, {{"W", cell.input("x", from)}})));
    };
  };
  const auto wide = squash("wide", kWidth, 17);
  const auto narrow_loss = type("narrow_loss", loss(kWidth));
  const auto wide_loss = type("wide_loss", loss(17));
  expect_unbatched_values([=, this](Graph& graph, std::uint32_t i) {
    graph.add(wide_loss, {Operand{graph.add(wide, {word(graph, i)})}});
    graph.add(narrow_loss, {word(graph, i + 1)});
    graph.add(wide_loss, {Operand{graph.add(wide, {word(graph, i + 2)})}});
  });
}

// 573: sums were batched although some of their terms had been batched and others not.
TEST_F(DynetMistake, Pr573SumsOfNoneOneAndManyTermsInOneBatch) {
  const auto mid = squash("mid");
  const auto sums = type("sums", [](auto& cell) {
    const auto x = cell.input("x", kWidth);
    const auto h = cell.repeated_input("h", kWidth);
    const auto c = cell.repeated_input("c", kWidth);
    cell.output(tanh(cell.affine(kWidth, {{"W", x}, {"U", h}}, "b") + c));
  });
  expect_unbatched_values([=, this](Graph& graph, std::uint32_t i) {
    const Operand looked_up = word(graph, i);
    const Operand computed = {graph.add(mid, {word(graph, i + 3)})};
    for (const std::uint32_t terms : {0U, 1U, 2U, 40U}) {
      std::vector<Operand> operands = {computed};
      for (std::uint32_t t = 0; t < terms + i % 2; ++t) {
        operands.push_back(t % 3 == 0 ? looked_up : computed);  // h
        operands.push_back(t % 2 == 0 ? computed : looked_up);  // c
      }
      graph.add(sums, operands);
    }
  });
}

// 555: the signature of x + constant took the constant as an int, so that 1.1 + x and 1.2 + x ran
// as one.
TEST_F(DynetMistake, Issue555ConstantsOfEqualIntegerPart) {
  const auto plus = [](float constant) {
    return [=](auto& cell) {
      cell.output(tanh(cell.input("x", kWidth) + cell.constant(constant, kWidth)));
    };
  };
  const auto first = type("first", plus(0.25F));
  const auto second = type("second", plus(0.75F));
  const auto both = type("both", [](auto& cell) {
    const auto x = cell.input("x", kWidth);
    cell.output(sigmoid(x + cell.constant(0.125F, kWidth)) *
                sigmoid(x + cell.constant(0.875F, kWidth)));
  });
  expect_unbatched_values([=, this](Graph& graph, std::uint32_t i) {
    const Operand x = word(graph, i);
    graph.add(first, {x});
    graph.add(second, {x});
    graph.add(both, {x});
  });
}

// 567: the indices of batched look-ups were joined into one beyond the table. 575 (of 572):
// look-ups of one index in two tables ran as look-ups in one of them.
TEST_F(DynetMistake, Issues567And572LookUpsOfRepeatedAndLastIndicesInTwoTables) {
  static constexpr std::uint32_t kRows = 66'000;  // more than 16 bits
  network_.parameters().declare("many", {kRows, kWidth});
  const auto look = [](auto& cell) { cell.output(cell.lookup("table", kWidth)); };
  const auto many = type("many", look, {{"table", "many"}});
  const auto other = type("other", look, {{"table", "words"}});
  expect_unbatched_values([=, this](Graph& graph, std::uint32_t i) {
    for (const std::uint32_t row : {kRows - 1, 0U, kRows - 1 - i, 7U, 7U, kRows - 1}) {
      graph.add(many, {}, row);
    }
    for (const std::uint32_t row : {7U, kWords - 1, 7U, 0U}) {
      static_cast<void>(word(graph, row));
      graph.add(other, {}, row);
    }
  });
  Graph beyond = graph_of([=](Graph& graph, std::uint32_t) { graph.add(many, {}, kRows); }, 1);
  EXPECT_EQ(
      message_of<base::InternalError>([&] { session_of(network_, "critical")->step(beyond); }),
      "[graph] a payload lies beyond its table");
}

// 754, 1357, 1406: more kinds of batch than nodes, and kinds of which none is ready, led the
// scheduler out of its arrays.
TEST_F(DynetMistake, Issues1357And1406MoreTypesThanNodes) {
  const auto cell = std::make_shared<graph::Cell>([] {
    graph::CellBuilder builder("one_of_many");
    const auto x = builder.input("x", kWidth);
    return builder.output(tanh(builder.affine(kWidth, {{"W", x}}, "b"))).build();
  }());
  std::vector<graph::TypeId> types;
  for (int t = 0; t < 130; ++t) {
    types.push_back(network_.add_type("type" + std::to_string(t), cell));
  }
  expect_unbatched_values([=, this](Graph& graph, std::uint32_t i) {
    const NodeId first = graph.add(types.back(), {word(graph, i)});
    graph.add(types[(40 * i) % types.size()], {Operand{first}});
  });
}

// 1051: the size of a concatenation's batch was the largest of its parts', whatever they were.
TEST_F(DynetMistake, Issue1051ConcatenationsOfSharedAndOwnParts) {
  const auto narrow = squash("narrow", kWidth, 3);
  const auto wide = squash("wide", kWidth, 17);
  const auto join = type("join", [](auto& cell) {
    const auto a = cell.input("a", 3);
    const auto b = cell.input("b", 17);
    const auto ab = concat(a, b);
    cell.output(tanh(cell.affine(kWidth, {{"W", ab}}, "b"))).output(ab).output(concat(b, a));
  });
  const auto pick = type("pick", [](auto& cell) {
    const auto ba = cell.input("ba", 20);
    const auto ab = cell.input("ab", 20);
    cell.output(ba - ab).output(log_softmax(concat(ab, ba)));
  });
  expect_unbatched_values([=, this](Graph& graph, std::uint32_t i) {
    const Operand shared = {graph.add(narrow, {word(graph, i)})};
    for (std::uint32_t k = 0; k < 2 + i % 3; ++k) {
      const Operand own = {graph.add(wide, {word(graph, i + k)})};
      const NodeId joined = graph.add(join, {shared, own});
      graph.add(pick, {Operand{joined, 2}, Operand{joined, 1}});
    }
  });
}

// 454, and the giant losses of 584 and 747: the log-sum-exp of a batch went over all its rows.
TEST_F(DynetMistake, Issue454LogSumExpOfLargeAndSmallRowsInOneBatch) {
  const auto loss = type("loss", [](auto& cell) {
    const auto x = cell.input("x", kWidth);
    const auto scale = cell.input("scale", kWidth);
    cell.output(log_softmax(x * scale));
  });
  const auto large = type("large", [](auto& cell) { cell.output(cell.constant(4096, kWidth)); });
  const auto small = type("small", [](auto& cell) { cell.output(cell.constant(1, kWidth)); });
  expect_unbatched_values([=, this](Graph& graph, std::uint32_t i) {
    const NodeId scale = graph.add(i % 2 == 0 ? large : small, {});
    for (std::uint32_t k = 0; k < 3; ++k) graph.add(loss, {word(graph, i + k), Operand{scale}});
  });
}

}  // namespace
}  // namespace sheaf::test
