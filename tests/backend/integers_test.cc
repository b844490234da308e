// SPDX-License-Identifier: Apache-2.0
//
// Kernels of products of integers against sums of 64 bits, on every instruction set with the same
// bits.
#include "sheaf/backend/cpu/integers.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "sheaf/backend/cpu/integer_products.h"
#include "tests/backend/isas.h"
#include "tests/backend/matrix.h"

namespace sheaf::backend::cpu {
namespace {

using test::Matrix;

// Numbers in lines of 64 bytes, in floats' memory.
template <class T>
class Numbers {
 public:
  Numbers(std::size_t rows, std::size_t width)
      : stride_(tensor::round_up(width, kIntegerAlignment)),
        buffer_(rows * stride_ * sizeof(T) / sizeof(float)) {
    for (std::size_t i = 0; i < rows * stride_; ++i) data()[i] = T{77};
  }
  [[nodiscard]] T* data() { return reinterpret_cast<T*>(buffer_.data()); }
  [[nodiscard]] T& at(std::size_t i, std::size_t j) { return data()[i * stride_ + j]; }
  [[nodiscard]] std::size_t stride() const { return stride_; }

 private:
  std::size_t stride_;
  tensor::AlignedBuffer buffer_;
};

class Integers : public testing::TestWithParam<std::string> {
 protected:
  const IntegerKernels& kernels_ = *choose_kernels(GetParam()).integers;
  base::Rng rng_{3, "integers"};

  std::int16_t draw(std::int32_t most) {
    return static_cast<std::int16_t>(
        static_cast<std::int32_t>(rng_.below(static_cast<std::uint32_t>(2 * most + 1))) - most);
  }

  // Multiplies `count` rows with [outputs x inputs] weights and compares with sums of 64 bits.
  template <class Draw>
  void expect_exact(std::uint32_t count, std::uint32_t outputs, std::uint32_t inputs,
                    const Draw& number) {
    std::vector<std::int16_t> weights(std::size_t{outputs} * inputs);
    for (std::int16_t& w : weights) w = number();
    Numbers<std::int16_t> rows(count, inputs);
    for (std::uint32_t i = 0; i < count; ++i) {
      for (std::uint32_t k = 0; k < inputs; ++k) rows.at(i, k) = number();
    }
    KernelProducts unit(kernels_);
    unit.prepare({.parameter = 2,
                  .name = "W",
                  .version = 1,
                  .outputs = outputs,
                  .inputs = inputs,
                  .values = weights,
                  .bits = {16, 16},
                  .encoding = {}});
    Numbers<std::int32_t> sums(count + 1, outputs);
    unit.multiply({.parameter = 2,
                   .input_bits = 16,
                   .rows = rows.data(),
                   .row_stride = rows.stride(),
                   .sums = sums.data(),
                   .sum_stride = sums.stride(),
                   .count = count,
                   .type = 0,
                   .batch = 0,
                   .nodes = {},
                   .positions = 1,
                   .first_position = 0});
    for (std::uint32_t i = 0; i < count; ++i) {
      for (std::uint32_t j = 0; j < outputs; ++j) {
        std::int64_t sum = 0;
        for (std::uint32_t k = 0; k < inputs; ++k) {
          sum += std::int64_t{rows.at(i, k)} * weights[std::size_t{j} * inputs + k];
        }
        ASSERT_EQ(sums.at(i, j), sum) << count << " x " << outputs << " x " << inputs;
      }
    }
    EXPECT_EQ(sums.at(count, 0), 77);
  }
};

TEST_P(Integers, ProductsAreExactForEveryShape) {
  for (const std::uint32_t count : {1U, 2U, 5U, 6U, 7U, 12U, 13U, 25U}) {
    for (const std::uint32_t outputs : {1U, 15U, 16U, 17U, 33U, 64U}) {
      for (const std::uint32_t inputs : {1U, 2U, 3U, 31U, 64U}) {
        expect_exact(count, outputs, inputs, [&] { return draw(127); });
      }
    }
  }
}

TEST_P(Integers, ProductsOfTheLargestIntegersAreExact) {
  expect_exact(3, 17, 2, [] { return std::int16_t{32767}; });
  expect_exact(3, 17, 2, [] { return std::int16_t{-32767}; });
  expect_exact(3, 17, 131, [&] { return rng_.below(2) == 0 ? std::int16_t{4095} : draw(4095); });
}

TEST_P(Integers, AMatrixThatIsPreparedAgainReplacesTheOneBefore) {
  KernelProducts unit(kernels_);
  Numbers<std::int16_t> row(1, 1);
  row.at(0, 0) = 3;
  Numbers<std::int32_t> sum(1, 1);
  for (const std::int16_t weight : {std::int16_t{5}, std::int16_t{-7}}) {
    unit.prepare({.parameter = 0,
                  .name = "W",
                  .version = 1,
                  .outputs = 1,
                  .inputs = 1,
                  .values = {&weight, 1},
                  .bits = {8, 8},
                  .encoding = {}});
    unit.multiply({.parameter = 0,
                   .input_bits = 8,
                   .rows = row.data(),
                   .row_stride = row.stride(),
                   .sums = sum.data(),
                   .sum_stride = sum.stride(),
                   .count = 1,
                   .type = 0,
                   .batch = 0,
                   .nodes = {},
                   .positions = 1,
                   .first_position = 0});
    EXPECT_EQ(sum.at(0, 0), 3 * weight);
  }
}

TEST_P(Integers, SumsAreScaledWithThreeRoundings) {
  constexpr std::size_t kRows = 3;
  constexpr std::size_t kWidth = 21;
  Numbers<std::int32_t> sums(kRows, kWidth);
  Matrix factors(1, 32);
  Matrix initial(kRows, 32);
  Matrix to(kRows + 1, kWidth);
  for (std::size_t j = 0; j < 32; ++j) {
    factors.data()[j] = rng_.uniform(0, 1e-3F);
    for (std::size_t i = 0; i < kRows; ++i) {
      initial.data()[i * initial.stride() + j] = rng_.uniform(-1, 1);
      // The largest is no float.
      sums.at(i, j) = j == 0 ? std::numeric_limits<std::int32_t>::max()
                             : static_cast<std::int32_t>(rng_.below(1U << 30U)) - (1 << 29);
    }
  }
  kernels_.scale_sums({.sums = sums.data(),
                       .sum_stride = sums.stride(),
                       .factors = factors.data(),
                       .initial = initial.data(),
                       .initial_stride = initial.stride(),
                       .to = to.data(),
                       .to_stride = to.stride(),
                       .rows = kRows,
                       .width = kWidth});
  for (std::size_t i = 0; i < kRows; ++i) {
    for (std::size_t j = 0; j < kWidth; ++j) {
      const float sum = static_cast<float>(sums.at(i, j));
      const volatile float term = sum * factors.at(0, j);  // rounded before it is added
      EXPECT_EQ(to.at(i, j), initial.at(i, j) + term);
    }
  }
  EXPECT_EQ(to.at(kRows, 0), test::kUnwritten);
}

TEST_P(Integers, FloatsThatAreIntegersBecomeSixteenBits) {
  Matrix from(1, 37);
  Numbers<std::int16_t> to(1, 37);
  for (std::size_t i = 0; i < 37; ++i) from.data()[i] = draw(32767);
  from.data()[5] = 32767;
  from.data()[6] = -32767;
  kernels_.narrow(from.data(), to.data(), 37);
  for (std::size_t i = 0; i < 37; ++i) {
    EXPECT_EQ(static_cast<float>(to.at(0, i)), from.at(0, i));
  }
}

TEST_P(Integers, QuantiseIsItsDefinition) {
  const float infinity = std::numeric_limits<float>::infinity();
  const std::vector<float> special = {0,           -0.0F,  0.5F,          1.5F,  2.5F,      -0.5F,
                                      -1.5F,       -2.5F,  1e-45F,        1e30F, -infinity, -1e30F,
                                      0.49999997F, 126.5F, 127.5F,        0.3F,  infinity,  127.4F,
                                      -127.6F,     16.5F,  std::nanf(""), -0.3F};
  for (const float scale : {1.0F, 0.5F, 0.0123F, 3.7F, 1e-30F}) {
    for (const std::uint32_t bits : {2U, 8U, 16U}) {
      Matrix a(2, special.size(), 16);
      Matrix to(2, special.size(), 32);
      Matrix table(1, 1);
      table.data()[0] = scale;
      for (std::size_t j = 0; j < special.size(); ++j) {
        a.data()[j] = special[j];
        a.data()[a.stride() + j] = rng_.uniform(-300, 300) * scale;
      }
      choose_kernels(GetParam())
          .rows_kernel(ops::OpKind::quantise)(
              {.a = a.data(),
               .a_stride = a.stride(),
               .b = nullptr,
               .b_stride = 0,
               .to = to.data(),
               .to_stride = to.stride(),
               .rows = 2,
               .width = special.size(),
               .table = table.data(),
               .table_stride = 0,
               .scalar = static_cast<float>(tensor::most_integer(bits))});
      for (std::size_t i = 0; i < 2; ++i) {
        for (std::size_t j = 0; j < special.size(); ++j) {
          EXPECT_EQ(to.at(i, j), static_cast<float>(tensor::quantise(a.at(i, j), scale,
                                                                     tensor::most_integer(bits))))
              << a.at(i, j) << " / " << scale;
        }
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Isa, Integers, testing::ValuesIn(test::isas()), test::isa_name);

}  // namespace
}  // namespace sheaf::backend::cpu
