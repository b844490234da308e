// SPDX-License-Identifier: Apache-2.0
#include "sheaf/sim/cost/figures.h"

#include <gtest/gtest.h>

#include "sheaf/base/error.h"
#include "sheaf/target/presets.h"
#include "sheaf/target/read_chip.h"
#include "tests/message_of.h"

namespace sheaf::sim::cost {
namespace {

// One test per preset, so that a failure names it.
class Preset : public testing::TestWithParam<std::string> {};

TEST_P(Preset, ReproducesWhatIsPublished) {
  const std::vector<Check> checks = check_published(target::read_chip(GetParam()));
  EXPECT_FALSE(checks.empty());
  for (const Check& check : checks) {
    EXPECT_TRUE(check.same) << check.published.name << " is " << check.computed << ", not "
                            << check.published.value << ": " << 100 * check.difference << " %";
  }
}

INSTANTIATE_TEST_SUITE_P(Of, Preset, testing::ValuesIn(target::preset_names()),
                         [](const auto& info) { return info.param; });

TEST(Figures, AFigureThatThereIsNotIsRefused) {
  target::Chip chip = target::read_chip("teaching");
  chip.published = {{.name = "chip.gops_per_watt", .value = 1}};
  EXPECT_EQ(test::message_of<base::ConfigError>([&] { (void)check_published(chip); }),
            "[published] unknown figure: got 'chip.gops_per_watt'; did you mean "
            "'chip.gops_per_w'?");
}

TEST(Figures, AFigureThatIsFarIsNotTheSame) {
  target::Chip chip = target::read_chip("teaching");
  chip.published = {{.name = "chip.gops", .value = 12.9, .within = 0.005}};
  const Check check = check_published(chip).at(0);
  EXPECT_FALSE(check.same);
  EXPECT_NEAR(check.difference, 12.8 / 12.9 - 1, 1e-12);
}

}  // namespace
}  // namespace sheaf::sim::cost
