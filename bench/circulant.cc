// SPDX-License-Identifier: Apache-2.0
//
// Block-circulant products against dense ones of the same shape: both in one process, interleaved
// round by round, thread CPU time, the median of the rounds. The dense product is the backend's
// own.
#include "bench/circulant.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "sheaf/backend/cpu/circulant.h"
#include "sheaf/backend/cpu/circulant_pack.h"
#include "sheaf/backend/cpu/kernels.h"
#include "sheaf/base/clock.h"
#include "sheaf/base/rng.h"
#include "sheaf/base/stats.h"
#include "sheaf/compress/block_circulant/block_circulant.h"

namespace sheaf::bench {
namespace {

using backend::cpu::KernelTable;
using backend::cpu::PackedProduct;
using backend::cpu::ProductArgs;
using memory_plan::ProductPart;

constexpr std::array<std::uint32_t, 3> kSizes = {512, 1024, 2048};
constexpr std::array<std::uint32_t, 6> kBlocks = {2, 4, 8, 16, 32, 64};
constexpr std::array<std::size_t, 5> kRows = {1, 2, 8, 32, 64};
constexpr std::size_t kRounds = 31;
constexpr double kSampleNs = 300'000;

void fill(float* values, std::size_t count, base::Rng& rng) {
  for (std::size_t i = 0; i < count; ++i) values[i] = rng.uniform(-0.1F, 0.1F);
}

// One square matrix, as an encoded and as a dense product.
class Pair {
 public:
  Pair(const KernelTable& table, std::uint32_t n, std::uint32_t k, std::size_t rows)
      : table_(table),
        n_(n),
        k_(k),
        rows_(rows),
        x_(rows * n),
        circulant_out_(rows * n),
        dense_out_(rows * n),
        scratch_(backend::cpu::circulant_scratch(rows, n / k, k)) {
    base::Rng rng(n * k + rows);
    fill(x_.data(), x_.size(), rng);
    graph::ParameterStore encoded;
    encoded.encode(encoded.declare("W", {n, n}), tensor::block_circulant(k));
    tensor::Tensor stored(encoded[0].stored_shape());
    fill(stored.values().data(), stored.values().size(), rng);
    graph::ParameterStore dense;
    dense.assign(dense.declare("W", {n, n}), compress::expand(stored, k));
    encoded.assign(0, std::move(stored));
    circulant_ = backend::cpu::pack_circulant(product(encoded[0].encoding), {0}, encoded,
                                              table.circulant_lanes);
    dense_ = backend::cpu::pack(product(tensor::kDense), {0}, dense, table.panel_width);
  }

  void run_circulant() {
    const ProductArgs::Range range{x_.data(), n_, n_};
    table_.circulant({.ranges = {&range, 1},
                      .block = k_,
                      .weights = circulant_.panels.data(),
                      .columns = circulant_.columns,
                      .bias = circulant_.bias.data(),
                      .out = circulant_out_.data(),
                      .out_stride = n_,
                      .rows = rows_,
                      .scratch = scratch_.data()});
  }
  void run_dense() {
    const ProductArgs::Range range{x_.data(), n_, n_};
    table_.product({.ranges = {&range, 1},
                    .k = n_,
                    .panels = dense_.panels.data(),
                    .initial = dense_.bias.data(),
                    .initial_stride = 0,
                    .out = dense_out_.data(),
                    .out_stride = n_,
                    .rows = rows_,
                    .n = n_});
  }

  [[nodiscard]] bool agree() {
    run_circulant();
    run_dense();
    for (std::size_t i = 0; i < rows_ * n_; ++i) {
      if (std::abs(circulant_out_.data()[i] - dense_out_.data()[i]) > 1e-5F) return false;
    }
    return true;
  }

 private:
  [[nodiscard]] memory_plan::Product product(tensor::Encoding encoding) const {
    memory_plan::Product product{.ranges = {{{}, n_}}, .parts = {}, .to = {}, .encoding = encoding};
    product.parts.push_back({.terms = {{0, 0, n_}}, .width = n_, .column = 0});
    product.k = product.n = n_;
    return product;
  }

  const KernelTable& table_;
  std::uint32_t n_;
  std::uint32_t k_;
  std::size_t rows_;
  tensor::AlignedBuffer x_, circulant_out_, dense_out_, scratch_;
  PackedProduct circulant_, dense_;
};

void compare(benchmark::State& state, const KernelTable& table, std::uint32_t n, std::uint32_t k,
             std::size_t rows) {
  state.SetLabel(std::string(table.name));
  Pair pair(table, n, k, rows);
  if (!pair.agree()) return state.SkipWithError("wrong result");
  const base::ThreadCpuClock clock;
  const auto sample = [&](auto run, std::size_t repeat) {
    const std::uint64_t start = clock.now_ns();
    for (std::size_t i = 0; i < repeat; ++i) run();
    benchmark::ClobberMemory();
    return static_cast<double>(clock.now_ns() - start) / static_cast<double>(repeat);
  };
  const auto circulant = [&] { pair.run_circulant(); };
  const auto dense = [&] { pair.run_dense(); };
  const auto repeat = [&](double once) {
    return static_cast<std::size_t>(std::clamp(kSampleNs / once, 1.0, 10000.0));
  };
  const std::size_t many = repeat(sample(circulant, 3));
  const std::size_t few = repeat(sample(dense, 3));
  std::vector<double> circulant_ns;
  std::vector<double> dense_ns;
  std::vector<double> ratios;
  for (auto _ : state) {
    for (std::size_t round = 0; round < kRounds; ++round) {
      circulant_ns.push_back(sample(circulant, many));
      dense_ns.push_back(sample(dense, few));
      ratios.push_back(dense_ns.back() / circulant_ns.back());
    }
  }
  state.counters["us"] = base::median(circulant_ns) * 1e-3;
  state.counters["dense_us"] = base::median(dense_ns) * 1e-3;
  state.counters["ratio"] = base::median(ratios);
  state.counters["ratio_p10"] = base::quantile(ratios, 0.1);
}

}  // namespace

void register_circulant() {
  for (const KernelTable* table : backend::cpu::kernel_list()) {
    for (const std::uint32_t n : kSizes) {
      for (const std::uint32_t k : kBlocks) {
        for (const std::size_t rows : kRows) {
          const std::string name = "circulant/" + std::string(table->name) +
                                   "/n:" + std::to_string(n) + "/k:" + std::to_string(k) +
                                   "/m:" + std::to_string(rows);
          benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& state) {
            compare(state, *table, n, k, rows);
          })->Iterations(1);
        }
      }
    }
  }
}

}  // namespace sheaf::bench
