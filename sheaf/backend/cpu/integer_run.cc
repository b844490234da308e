// SPDX-License-Identifier: Apache-2.0
#include "sheaf/backend/cpu/integer_run.h"

#include <algorithm>
#include <cstring>

#include "sheaf/backend/cpu/integer_products.h"
#include "sheaf/backend/cpu/padded_picture.h"
#include "sheaf/tensor/aligned_buffer.h"

namespace sheaf::backend::cpu {
namespace {

using memory_plan::IntegerProduct;
using tensor::round_up;

// Rows that are multiplied at a time: their integers and sums stay in the L2 cache.
constexpr std::uint32_t kMostRows = 128;

std::size_t in_lines(std::size_t numbers) { return round_up(numbers, kIntegerAlignment); }

PaddedPicture picture_of(const IntegerProduct& product) {
  const auto channels =
      static_cast<std::uint32_t>(product.terms[0].shape.size() / product.window.pixels());
  return padded_input(product.window, channels, channels);
}

// Floats of the scratch memory, by what lies there.
struct Scratch {
  Scratch(const IntegerProduct& product, std::uint32_t rows) {
    std::size_t inputs = 0;
    for (const IntegerProduct::Term& term : product.terms) {
      inputs = std::max<std::size_t>(inputs, product.inputs(term));
    }
    row_stride = in_lines(inputs);
    sum_stride = in_lines(product.shape.cols);
    if (product.slides()) {
      floats = in_lines(picture_of(product).floats());
      integers = floats;
    }
    rows_at = integers + (product.slides() ? floats / 2 : 0);
    sums_at = rows_at + rows * row_stride / 2;
    all = sums_at + rows * sum_stride;
  }

  std::size_t row_stride = 0;  // numbers of 16 bits
  std::size_t sum_stride = 0;
  std::size_t floats = 0;    // of a padded picture, from the start
  std::size_t integers = 0;  // where the same begins in 16 bits
  std::size_t rows_at = 0;
  std::size_t sums_at = 0;
  std::size_t all = 0;
};

class IntegerRun {
 public:
  explicit IntegerRun(const IntegerRunArgs& args)
      : args_(args),
        product_(args.product),
        scratch_(product_, kMostRows),
        rows_(reinterpret_cast<std::int16_t*>(args.scratch + scratch_.rows_at)),
        sums_(reinterpret_cast<std::int32_t*>(args.scratch + scratch_.sums_at)) {}

  void run() {
    if (product_.slides()) narrow_picture();
    const auto nodes = static_cast<std::uint32_t>(args_.nodes.size());
    const std::uint32_t all = nodes * product_.shape.rows;
    for (std::uint32_t first = 0; first < all; first += kMostRows) {
      const std::uint32_t count = std::min(kMostRows, all - first);
      for (std::size_t t = 0; t < product_.terms.size(); ++t) run_term(t, first, count);
    }
  }

 private:
  void narrow_picture() {
    const ProductArgs::Range& from = args_.from[0];
    const PaddedPicture picture = picture_of(product_);
    const float* pixels = from.a;
    if (!picture.is(from.stride)) {
      picture.fill(from.a, from.stride, args_.scratch);
      pixels = args_.scratch;
    }
    args_.kernels.narrow(pixels, picture_integers(), picture.floats());
  }
  [[nodiscard]] std::int16_t* picture_integers() const {
    return reinterpret_cast<std::int16_t*>(args_.scratch + scratch_.integers);
  }

  void run_term(std::size_t t, std::uint32_t first, std::uint32_t count) {
    if (product_.slides()) {
      read_windows(first, count);
    } else {
      const ProductArgs::Range& from = args_.from[t];
      for (std::uint32_t i = 0; i < count; ++i) {
        args_.kernels.narrow(from.a + (first + i) * from.stride, rows_ + i * scratch_.row_stride,
                             product_.terms[t].shape.cols);
      }
    }
    multiply(product_.terms[t], first, count);
    float* const to = args_.to + first * args_.to_stride;
    args_.kernels.scale_sums({.sums = sums_,
                              .sum_stride = scratch_.sum_stride,
                              .factors = args_.factors.factors[t].data(),
                              .initial = t == 0 ? args_.factors.bias.data() : to,
                              .initial_stride = t == 0 ? 0 : args_.to_stride,
                              .to = to,
                              .to_stride = args_.to_stride,
                              .rows = count,
                              .width = product_.shape.cols});
  }

  // Every place of the window as a row: its rows of pixels one after the other.
  void read_windows(std::uint32_t first, std::uint32_t count) {
    const ops::Window& window = product_.window;
    const PaddedPicture picture = picture_of(product_);
    const std::size_t line = picture.row_floats();
    const std::size_t taken = window.kernel_width * picture.stride;
    for (std::uint32_t i = 0; i < count; ++i) {
      const std::uint32_t y = (first + i) / window.out_width() * window.stride;
      const std::uint32_t x = (first + i) % window.out_width() * window.stride;
      const std::int16_t* from = picture_integers() + y * line + x * picture.stride;
      std::int16_t* to = rows_ + i * scratch_.row_stride;
      for (std::uint32_t ky = 0; ky < window.kernel_height; ++ky, from += line, to += taken) {
        std::memcpy(to, from, taken * sizeof(std::int16_t));
      }
    }
  }

  // Rows are nodes, or positions of one node.
  void multiply(const IntegerProduct::Term& term, std::uint32_t first, std::uint32_t count) {
    const bool one_row = product_.shape.rows == 1;
    args_.unit.multiply({.parameter = args_.binding[term.weights],
                         .input_bits = product_.bits.input,
                         .rows = rows_,
                         .row_stride = scratch_.row_stride,
                         .sums = sums_,
                         .sum_stride = scratch_.sum_stride,
                         .count = count,
                         .type = args_.type,
                         .batch = args_.batch,
                         .nodes = one_row ? args_.nodes.subspan(first, count) : args_.nodes,
                         .positions = one_row ? 1 : count,
                         .first_position = one_row ? 0 : first});
  }

  const IntegerRunArgs& args_;
  const IntegerProduct& product_;
  Scratch scratch_;
  std::int16_t* rows_;
  std::int32_t* sums_;
};

}  // namespace

void run_integer_product(const IntegerRunArgs& args) noexcept { IntegerRun(args).run(); }

std::size_t integer_scratch(const IntegerProduct& product) {
  return Scratch(product, kMostRows).all;
}

}  // namespace sheaf::backend::cpu
