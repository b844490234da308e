// SPDX-License-Identifier: Apache-2.0
//
// The CPU backend's kernels by themselves, for every instruction set of this processor: products of
// the shapes of LSTM cells against the FMA peak of the same moment, sigmoid and tanh per element.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "bench/circulant.h"
#include "sheaf/backend/cpu/block_run.h"
#include "sheaf/backend/cpu/fma_peak.h"
#include "sheaf/backend/cpu/kernels.h"
#include "sheaf/base/clock.h"
#include "sheaf/base/rng.h"
#include "sheaf/tensor/aligned_buffer.h"

namespace {

using sheaf::backend::cpu::kBlockRows;
using sheaf::backend::cpu::KernelTable;
using sheaf::backend::cpu::ProductArgs;
using sheaf::backend::cpu::RowsArgs;
using sheaf::ops::OpKind;
using sheaf::tensor::AlignedBuffer;

struct Shape {
  std::size_t k;
  std::size_t n;
};

// Of the gates of an LSTM with 64, 128, 256 and 512 hidden units: 64 KiB to 4 MiB of weights.
constexpr std::array<Shape, 4> kShapes = {{{64, 256}, {128, 512}, {256, 1024}, {512, 2048}}};
constexpr std::array<std::size_t, 8> kRows = {1, 2, 4, 8, 16, 32, 64, 128};

AlignedBuffer random_buffer(std::size_t floats, std::uint64_t seed) {
  AlignedBuffer buffer(floats);
  sheaf::base::Rng rng(seed);
  for (std::size_t i = 0; i < floats; ++i) buffer.data()[i] = rng.uniform(-1, 1);
  return buffer;
}

class Product {
 public:
  Product(const KernelTable& table, Shape shape, std::size_t rows)
      : table_(table),
        shape_(shape),
        rows_(rows),
        a_(random_buffer(rows * shape.k, 1)),
        panels_(random_buffer(shape.k * shape.n, 2)),
        bias_(random_buffer(shape.n, 3)),
        out_(rows * shape.n) {}

  // In blocks of rows, as the backend does.
  void run() {
    for (std::size_t row = 0; row < rows_; row += kBlockRows) {
      const ProductArgs::Range range{a_.data() + row * shape_.k, shape_.k, shape_.k};
      table_.product({.ranges = {&range, 1},
                      .k = shape_.k,
                      .panels = panels_.data(),
                      .initial = bias_.data(),
                      .initial_stride = 0,
                      .out = out_.data() + row * shape_.n,
                      .out_stride = shape_.n,
                      .rows = std::min<std::size_t>(kBlockRows, rows_ - row),
                      .n = shape_.n});
    }
    benchmark::DoNotOptimize(out_.data());
    benchmark::ClobberMemory();
  }

  // Whether the first and the last row are what they should be.
  [[nodiscard]] bool is_right() {
    run();
    const std::size_t width = table_.panel_width;
    for (const std::size_t row : {std::size_t{0}, rows_ - 1}) {
      for (std::size_t j = 0; j < shape_.n; ++j) {
        const float* weights = panels_.data() + j / width * width * shape_.k + j % width;
        double sum = bias_.data()[j];
        for (std::size_t k = 0; k < shape_.k; ++k) {
          sum += static_cast<double>(a_.data()[row * shape_.k + k]) * weights[k * width];
        }
        if (std::abs(out_.data()[row * shape_.n + j] - sum) > 1e-4) return false;
      }
    }
    return true;
  }

  [[nodiscard]] double flops() const {
    return 2.0 * static_cast<double>(rows_ * shape_.k * shape_.n);
  }

 private:
  const KernelTable& table_;
  Shape shape_;
  std::size_t rows_;
  AlignedBuffer a_, panels_, bias_, out_;
};

// Counters by thread CPU time; the peak is sampled before and after what is compared with it.
void product(benchmark::State& state, const KernelTable& table, Shape shape, std::size_t rows) {
  state.SetLabel(std::string(table.name));
  Product product(table, shape, rows);
  if (!product.is_right()) return state.SkipWithError("wrong result");
  const sheaf::base::ThreadCpuClock clock;
  const double peak_before = fma_peak_gflops(table, clock);
  product.run();
  std::size_t runs = 0;
  const std::uint64_t start = clock.now_ns();
  for (auto _ : state) {
    product.run();
    ++runs;
  }
  const auto elapsed = static_cast<double>(clock.now_ns() - start);
  const double peak = (peak_before + fma_peak_gflops(table, clock)) / 2;
  const double gflops = product.flops() * static_cast<double>(runs) / elapsed;
  state.counters["GFLOP/s"] = gflops;
  state.counters["fma_peak"] = peak;
  state.counters["percent"] = 100 * gflops / peak;
}

// Over 16 rows of 256: operands and results stay in the L1 cache, as in a region.
void elementwise(benchmark::State& state, const KernelTable& table, OpKind kind) {
  constexpr std::size_t kHeight = 16;
  constexpr std::size_t kWidth = 256;
  state.SetLabel(std::string(table.name));
  const AlignedBuffer a = random_buffer(kHeight * kWidth, 1);
  AlignedBuffer to(kHeight * kWidth);
  const RowsArgs args{.a = a.data(),
                      .a_stride = kWidth,
                      .b = nullptr,
                      .b_stride = 0,
                      .to = to.data(),
                      .to_stride = kWidth,
                      .rows = kHeight,
                      .width = kWidth,
                      .table = nullptr,
                      .table_stride = 0,
                      .scalar = 0};
  const auto kernel = table.rows_kernel(kind);
  kernel(args);
  for (std::size_t i = 0; i < kHeight * kWidth; ++i) {
    const double x = a.data()[i];
    const double want = kind == OpKind::tanh ? std::tanh(x) : 1 / (1 + std::exp(-x));
    if (std::abs(to.data()[i] - want) > 1e-6) return state.SkipWithError("wrong result");
  }
  const sheaf::base::ThreadCpuClock clock;
  std::size_t runs = 0;
  const std::uint64_t start = clock.now_ns();
  for (auto _ : state) {
    kernel(args);
    benchmark::DoNotOptimize(to.data());
    benchmark::ClobberMemory();
    ++runs;
  }
  const auto elapsed = static_cast<double>(clock.now_ns() - start);
  state.counters["ns/element"] = elapsed / static_cast<double>(runs * kHeight * kWidth);
}

void register_all() {
  constexpr double kSeconds = 0.1;
  for (const KernelTable* table : sheaf::backend::cpu::kernel_list()) {
    const std::string isa(table->name);
    for (const Shape shape : kShapes) {
      for (const std::size_t rows : kRows) {
        const std::string name = isa + "/product/k:" + std::to_string(shape.k) +
                                 "/n:" + std::to_string(shape.n) + "/m:" + std::to_string(rows);
        benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& state) {
          product(state, *table, shape, rows);
        })->MinTime(kSeconds);
      }
    }
    for (const OpKind kind : {OpKind::sigmoid, OpKind::tanh}) {
      const std::string name = isa + "/" + std::string(sheaf::ops::schema(kind).name);
      benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& state) {
        elementwise(state, *table, kind);
      })->MinTime(kSeconds);
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  register_all();
  sheaf::bench::register_circulant();
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
