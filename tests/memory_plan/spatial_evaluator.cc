// SPDX-License-Identifier: Apache-2.0
#include "tests/memory_plan/spatial_evaluator.h"

#include <cstdlib>
#include <optional>

namespace sheaf::test {
namespace {

using graph::CellOp;
using ops::OpKind;
using ops::Window;
using tensor::Shape;

// The pixel of the picture under tap `tap` of the window at place `place`, unless it is padding.
std::optional<std::size_t> pixel_at(const Window& w, std::uint32_t place, std::uint32_t tap) {
  const int y = static_cast<int>(place / w.out_width() * w.stride + tap / w.kernel_width) -
                static_cast<int>(w.padding);
  const int x = static_cast<int>(place % w.out_width() * w.stride + tap % w.kernel_width) -
                static_cast<int>(w.padding);
  const bool inside =
      y >= 0 && x >= 0 && y < static_cast<int>(w.height) && x < static_cast<int>(w.width);
  if (!inside) return std::nullopt;
  return static_cast<std::size_t>(y) * w.width + static_cast<std::size_t>(x);
}

// Calls visit(place, tap, pixel) for all that lie in the picture.
template <class Visit>
void for_all(const Window& w, const Visit& visit) {
  for (std::uint32_t place = 0; place < w.out_pixels(); ++place) {
    for (std::uint32_t tap = 0; tap < w.taps(); ++tap) {
      if (const auto pixel = pixel_at(w, place, tap)) visit(place, tap, *pixel);
    }
  }
}

Row conv2d(const CellOp& op, std::size_t channels, const Row& x, const Row& weights,
           const Row& bias) {
  Row y(std::size_t{op.rows} * op.width, 0.0);
  for (std::size_t i = 0; i < y.size() && !bias.empty(); ++i) y[i] = bias[i % op.width];
  for_all(op.window, [&](std::size_t place, std::size_t tap, std::size_t pixel) {
    for (std::size_t o = 0; o < op.width; ++o) {
      for (std::size_t c = 0; c < channels; ++c) {
        y[place * op.width + o] +=
            x[pixel * channels + c] * weights[(o * op.window.taps() + tap) * channels + c];
      }
    }
  });
  return y;
}

Row conv2d_grad_input(const CellOp& op, std::size_t outputs, const Row& delta, const Row& weights) {
  const std::size_t channels = op.width;
  Row dx(std::size_t{op.rows} * channels, 0.0);
  for_all(op.window, [&](std::size_t place, std::size_t tap, std::size_t pixel) {
    for (std::size_t o = 0; o < outputs; ++o) {
      for (std::size_t c = 0; c < channels; ++c) {
        dx[pixel * channels + c] +=
            delta[place * outputs + o] * weights[(o * op.window.taps() + tap) * channels + c];
      }
    }
  });
  return dx;
}

Row depthwise(const CellOp& op, const Row& x, const Row& weights, const Row& bias) {
  Row y(std::size_t{op.rows} * op.width, 0.0);
  for (std::size_t i = 0; i < y.size() && !bias.empty(); ++i) y[i] = bias[i % op.width];
  for_all(op.window, [&](std::size_t place, std::size_t tap, std::size_t pixel) {
    for (std::size_t c = 0; c < op.width; ++c) {
      y[place * op.width + c] += x[pixel * op.width + c] * weights[c * op.window.taps() + tap];
    }
  });
  return y;
}

Row depthwise_grad_input(const CellOp& op, const Row& delta, const Row& weights) {
  Row dx(std::size_t{op.rows} * op.width, 0.0);
  for_all(op.window, [&](std::size_t place, std::size_t tap, std::size_t pixel) {
    for (std::size_t c = 0; c < op.width; ++c) {
      dx[pixel * op.width + c] += delta[place * op.width + c] * weights[c * op.window.taps() + tap];
    }
  });
  return dx;
}

// By place and channel: the pixel of the largest value, the first of equals.
std::vector<std::size_t> largest(const Window& window, std::size_t channels, const Row& x) {
  constexpr std::size_t kNone = ~std::size_t{0};
  std::vector<std::size_t> best(window.out_pixels() * channels, kNone);
  for_all(window, [&](std::size_t place, std::size_t /*tap*/, std::size_t pixel) {
    for (std::size_t c = 0; c < channels; ++c) {
      std::size_t& at = best[place * channels + c];
      if (at == kNone || x[pixel * channels + c] > x[at * channels + c]) at = pixel;
    }
  });
  return best;
}

Row max_pool(const CellOp& op, const Row& x) {
  Row y;
  for (const std::size_t pixel : largest(op.window, op.width, x)) {
    y.push_back(x[pixel * op.width + y.size() % op.width]);
  }
  return y;
}

Row max_pool_grad(const CellOp& op, const Row& x, const Row& delta) {
  Row dx(x.size(), 0.0);
  std::size_t i = 0;
  for (const std::size_t pixel : largest(op.window, op.width, x)) {
    dx[pixel * op.width + i % op.width] += delta[i];
    ++i;
  }
  return dx;
}

Row average_pool(const CellOp& op, const Row& x) {
  Row y(std::size_t{op.rows} * op.width, 0.0);
  for_all(op.window, [&](std::size_t place, std::size_t /*tap*/, std::size_t pixel) {
    for (std::size_t c = 0; c < op.width; ++c) {
      y[place * op.width + c] += x[pixel * op.width + c] / op.window.taps();
    }
  });
  return y;
}

Row average_pool_grad(const CellOp& op, const Row& delta) {
  Row dx(std::size_t{op.rows} * op.width, 0.0);
  for_all(op.window, [&](std::size_t place, std::size_t /*tap*/, std::size_t pixel) {
    for (std::size_t c = 0; c < op.width; ++c) {
      dx[pixel * op.width + c] += delta[place * op.width + c] / op.window.taps();
    }
  });
  return dx;
}

Row sum_rows(const CellOp& op, const Row& a) {
  Row sums(op.width, 0.0);
  for (std::size_t i = 0; i < a.size(); ++i) sums[i % op.width] += a[i];
  return sums;
}

Row with_row(const Row& a, const Row& row, bool times) {
  Row result = a;
  for (std::size_t i = 0; i < a.size(); ++i) {
    result[i] = times ? a[i] * row[i % row.size()] : a[i] + row[i % row.size()];
  }
  return result;
}

Row repeated(const Row& a, std::uint32_t rows) {
  Row result;
  for (std::uint32_t r = 0; r < rows; ++r) result.insert(result.end(), a.begin(), a.end());
  return result;
}

}  // namespace

Row spatial_value(const CellOp& op, std::span<const Shape> shapes, std::span<const Row> operands,
                  const Row& weights, const Row& bias) {
  const Row& a = operands[0];
  switch (op.kind) {
    case OpKind::conv2d:
      return conv2d(op, a.size() / op.window.pixels(), a, weights, bias);
    case OpKind::conv2d_grad_input:
      return conv2d_grad_input(op, shapes[0].cols, a, weights);
    case OpKind::depthwise_conv2d:
      return depthwise(op, a, weights, bias);
    case OpKind::depthwise_conv2d_grad_input:
      return depthwise_grad_input(op, a, weights);
    case OpKind::max_pool:
      return max_pool(op, a);
    case OpKind::max_pool_grad:
      return max_pool_grad(op, a, operands[1]);
    case OpKind::average_pool:
      return average_pool(op, a);
    case OpKind::average_pool_grad:
      return average_pool_grad(op, a);
    case OpKind::reshape:
      return a;
    case OpKind::sum_rows:
      return sum_rows(op, a);
    case OpKind::repeat_row:
      return repeated(a, op.rows);
    case OpKind::add_row:
    case OpKind::mul_row:
      return with_row(a, operands[1], op.kind == OpKind::mul_row);
    default:
      std::abort();
  }
}

Row conv2d_weight_gradient(const Window& window, std::uint32_t channels, std::uint32_t outputs,
                           const Row& x, const Row& delta) {
  Row dw(std::size_t{outputs} * window.taps() * channels, 0.0);
  for_all(window, [&](std::size_t place, std::size_t tap, std::size_t pixel) {
    for (std::size_t o = 0; o < outputs; ++o) {
      for (std::size_t c = 0; c < channels; ++c) {
        dw[(o * window.taps() + tap) * channels + c] +=
            x[pixel * channels + c] * delta[place * outputs + o];
      }
    }
  });
  return dw;
}

Row depthwise_weight_gradient(const Window& window, std::uint32_t channels, const Row& x,
                              const Row& delta) {
  Row dw(std::size_t{channels} * window.taps(), 0.0);
  for_all(window, [&](std::size_t place, std::size_t tap, std::size_t pixel) {
    for (std::size_t c = 0; c < channels; ++c) {
      dw[c * window.taps() + tap] += x[pixel * channels + c] * delta[place * channels + c];
    }
  });
  return dw;
}

}  // namespace sheaf::test
