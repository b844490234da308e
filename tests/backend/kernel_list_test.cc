// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <hwy/detect_targets.h>
#include <hwy/targets.h>

#include <algorithm>
#include <cmath>

#include "sheaf/backend/cpu/fma_peak.h"
#include "tests/backend/isas.h"
#include "tests/message_of.h"

namespace sheaf::backend::cpu {
namespace {

TEST(KernelList, AutoIsTheFirst) { EXPECT_EQ(&choose_kernels("auto"), kernel_list().front()); }

TEST(KernelList, ReferenceIsTheLast) {
  EXPECT_EQ(kernel_list().back(), reference_kernels());
  EXPECT_EQ(&choose_kernels("reference"), reference_kernels());
}

TEST(KernelList, HasWhatCanBeChosenByName) {
  std::vector<const KernelTable*> chosen;
  for (const std::string& isa : test::isas()) chosen.push_back(&choose_kernels(isa));
  const std::vector<const KernelTable*> listed(kernel_list().begin(), kernel_list().end());
  EXPECT_EQ(listed, chosen);
}

TEST(KernelList, TablesHaveTheNamesThatChooseThem) {
  for (const KernelTable* table : kernel_list()) EXPECT_EQ(&choose_kernels(table->name), table);
}

TEST(KernelList, PanelsFillWholeColumnsOfAProduct) {
  for (const KernelTable* table : kernel_list()) {
    EXPECT_EQ(memory_plan::kPanelAlignment % table->panel_width, 0U) << table->name;
  }
}

TEST(ChooseKernels, RefusesAnUnknownName) {
  EXPECT_EQ(test::message_of<base::UsageError>([] { static_cast<void>(choose_kernels("avx51")); }),
            "[--isa] unknown instruction set: got 'avx51'; did you mean 'avx512'?");
}

#if HWY_ARCH_X86
// Highway is told that the processor has no more than the build takes for granted.
class ChooseKernelsOnAnOldProcessor : public testing::Test {
 protected:
  void SetUp() override { hwy::SetSupportedTargetsForTest(HWY_STATIC_TARGET); }
  void TearDown() override { hwy::SetSupportedTargetsForTest(0); }
};

TEST_F(ChooseKernelsOnAnOldProcessor, RefusesWhatTheProcessorLacks) {
  for (const std::string isa : {"avx512", "avx2"}) {
    EXPECT_EQ(
        test::message_of<base::UnsupportedError>([&] { static_cast<void>(choose_kernels(isa)); }),
        "[--isa] this processor cannot run: got '" + isa + "'; use --isa auto");
  }
}

TEST_F(ChooseKernelsOnAnOldProcessor, StillHasTheScalarKernels) {
  EXPECT_EQ(choose_kernels("scalar").name, "scalar");
}
#endif

class FmaLoop : public testing::TestWithParam<std::string> {};

TEST_P(FmaLoop, CountsItsFlops) {
  const KernelTable& table = choose_kernels(GetParam());
  float sink = 1;
  const double one = table.fma_loop(1, &sink);
  EXPECT_GE(one, 2);
  EXPECT_EQ(table.fma_loop(1000, &sink), 1000 * one);
  EXPECT_TRUE(std::isfinite(sink));
}

INSTANTIATE_TEST_SUITE_P(Isa, FmaLoop, testing::ValuesIn(test::isas()), test::isa_name);

// Every sample takes as long as the script says.
class ScriptedClock final : public base::Clock {
 public:
  explicit ScriptedClock(std::vector<std::uint64_t> samples) : samples_(std::move(samples)) {}
  [[nodiscard]] std::uint64_t now_ns() const override {
    if (calls_++ % 2 == 1) now_ += samples_.at(calls_ / 2 - 1);
    return now_;
  }

 private:
  std::vector<std::uint64_t> samples_;
  mutable std::size_t calls_ = 0;
  mutable std::uint64_t now_ = 0;
};

KernelTable table_of_two_flops() {
  KernelTable table{};
  table.fma_loop = [](std::size_t iterations, float* /*sink*/) noexcept {
    return 2.0 * static_cast<double>(iterations);
  };
  return table;
}

TEST(FmaPeak, IsTheBestOfFiveSamples) {
  // 1000 iterations, 2000 flops each time.
  const ScriptedClock clock({2'000'000, 4'000'000, 1'000'000, 2'000'000, 2'000'000});
  EXPECT_DOUBLE_EQ(fma_peak_gflops(table_of_two_flops(), clock), 2000.0 / 1'000'000);
}

TEST(FmaPeak, RunsLongerWhileASampleIsTooShort) {
  // Two samples are too short: 4000 iterations in the end.
  const ScriptedClock clock({10, 999'999, 2'000'000, 2'000'000, 2'000'000, 2'000'000, 2'000'000});
  EXPECT_DOUBLE_EQ(fma_peak_gflops(table_of_two_flops(), clock), 8000.0 / 2'000'000);
}

TEST(FmaPeakInRun, IsAllFlopsOverAllTime) {
  // 1000 iterations are too few, once a run is not held up, 2000 are 4000 flops a sample.
  constexpr std::uint64_t kEnough = FmaPeakInRun::kSampleNs;
  const ScriptedClock clock(
      {10 * kEnough, kEnough - 1, 2 * kEnough, kEnough, kEnough, 3 * kEnough, 100, 300});
  const KernelTable table = table_of_two_flops();
  FmaPeakInRun peak(table, clock);
  EXPECT_EQ(peak.gflops(), 0);
  peak.sample();
  peak.sample();
  EXPECT_DOUBLE_EQ(peak.gflops(), 2 * 4000.0 / 400);
}

TEST(FmaPeakInRun, StaysWithNormalNumbers) {
  for (const KernelTable* table : kernel_list()) {
    float sink = 1;
    for (int i = 0; i < 50; ++i) table->fma_loop(200, &sink);
    EXPECT_NEAR(sink, 1, 1e-3) << table->name;
  }
}

}  // namespace
}  // namespace sheaf::backend::cpu
