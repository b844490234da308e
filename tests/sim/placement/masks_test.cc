// SPDX-License-Identifier: Apache-2.0
#include "sheaf/sim/placement/masks.h"

#include <gtest/gtest.h>

#include <cmath>

#include "sheaf/base/error.h"
#include "tests/message_of.h"

namespace sheaf::sim::placement {
namespace {

using test::message_of;

const base::Philox kRandom(1, "masks");

// The example of docs/noc.md: three hidden layers of 1000 units on 16 tiles each and 10 outputs on
// one, row by row on a mesh of 7 x 7; the output layer is dense.
class Layered : public testing::Test {
 protected:
  [[nodiscard]] double cost_of(const std::vector<Mask>& hidden) const {
    std::vector<Mask> masks = hidden;
    masks.push_back(dense_mask(chain_, 2));
    return volume_hops(topology_, volumes_of(chain_, masks), placement_);
  }
  [[nodiscard]] double erdos_renyi(double density) const {
    return cost_of({erdos_renyi_mask(chain_, 0, density, kRandom),
                    erdos_renyi_mask(chain_, 1, density, kRandom)});
  }
  [[nodiscard]] double by_distance(double density, double sigma) const {
    const auto mask = [&](std::uint32_t layer) {
      return distance_mask(chain_, layer, {density, sigma}, topology_, placement_, kRandom);
    };
    return cost_of({mask(0), mask(1)});
  }

  const Topology topology_{7, 7};
  const Chain chain_{{{1000, 16}, {1000, 16}, {1000, 16}, {10, 1}}};
  const Placement placement_ = row_major(topology_, chain_.tiles());
};

TEST_F(Layered, RealDenseVolumeIsThatOfTheExample) {
  EXPECT_EQ(cost_of({dense_mask(chain_, 0), dense_mask(chain_, 1)}), 147282);
}

TEST_F(Layered, RealRandomSparsityRemovesAlmostNoTraffic) {
  EXPECT_NEAR(erdos_renyi(0.10), 147082, 0.005 * 147082);
  EXPECT_NEAR(erdos_renyi(0.01), 70582, 0.01 * 70582);
}

struct Row {
  double density;
  double sigma2, sigma1, sigma_half;
};

TEST_F(Layered, RealDistanceWeightedMasksSendLessByTheExamplesFactors) {
  for (const Row& row : {Row{0.10, 1.15, 1.74, 3.40}, Row{0.04, 1.36, 2.21, 5.23},
                         Row{0.02, 1.46, 2.37, 5.37}, Row{0.01, 1.46, 2.28, 4.72}}) {
    const double random = erdos_renyi(row.density);
    EXPECT_NEAR(random / by_distance(row.density, 2), row.sigma2, 0.05 * row.sigma2);
    EXPECT_NEAR(random / by_distance(row.density, 1), row.sigma1, 0.05 * row.sigma1);
    EXPECT_NEAR(random / by_distance(row.density, 0.5), row.sigma_half, 0.05 * row.sigma_half);
  }
}

TEST(Masks, BothKindsHaveTheDensityThatWasAskedFor) {
  const Chain chain({{300, 4}, {300, 4}});
  const Topology topology(4, 2);
  const Placement placement = row_major(topology, 8);
  for (const double density : {0.02, 0.3, 1.0}) {
    const double error = 4 * std::sqrt(density / 90000) + 1e-9;
    EXPECT_NEAR(erdos_renyi_mask(chain, 0, density, kRandom).density(), density, error);
    EXPECT_NEAR(distance_mask(chain, 0, {density, 0.5}, topology, placement, kRandom).density(),
                density, error);
  }
}

TEST(Masks, ALargeSigmaIsErdosRenyi) {
  const Chain chain({{100, 4}, {100, 4}});
  const Topology topology(4, 2);
  EXPECT_EQ(distance_mask(chain, 0, {0.2, 1e6}, topology, row_major(topology, 8), kRandom).present,
            erdos_renyi_mask(chain, 0, 0.2, kRandom).present);
}

TEST(Masks, AnActivationGoesOnceToEveryTileThatReadsIt) {
  const Chain chain({{2, 2, 3.0}, {4, 2}});
  Mask mask = dense_mask(chain, 0);
  mask.present = {1, 1, 0, 0,   // unit 0: both units of the first tile
                  0, 1, 1, 0};  // unit 1: one of each
  const Volumes volumes = volumes_of(chain, std::vector<Mask>{mask});
  EXPECT_EQ(volumes.at(0, 2), 3);
  EXPECT_EQ(volumes.at(0, 3), 0);
  EXPECT_EQ(volumes.at(1, 2), 3);
  EXPECT_EQ(volumes.at(1, 3), 3);
}

TEST(Masks, UnitsLieInRunsThatDifferByOneAtMost) {
  const Chain chain({{10, 4}, {1, 1}});
  EXPECT_EQ(chain.tile_of(0, 2), 0U);
  EXPECT_EQ(chain.tile_of(0, 3), 1U);
  EXPECT_EQ(chain.tile_of(0, 9), 3U);
  EXPECT_EQ(chain.tile_of(1, 0), 4U);
}

TEST(Masks, RefuseADensityThatIsNone) {
  const Chain chain({{2, 1}, {2, 1}});
  EXPECT_EQ(message_of<base::UsageError>(
                [&] { static_cast<void>(erdos_renyi_mask(chain, 0, 0, kRandom)); }),
            "[sim/placement/masks] wrong density: got 0.000000, expected above 0, at most 1");
}

TEST(Masks, RefuseASigmaThatIsNone) {
  const Chain chain({{2, 1}, {2, 1}});
  const Topology topology(2, 1);
  EXPECT_EQ(message_of<base::UsageError>([&] {
              static_cast<void>(
                  distance_mask(chain, 0, {0.5, 0}, topology, row_major(topology, 2), kRandom));
            }),
            "[sim/placement/masks] wrong sigma: got 0.000000, expected above 0");
}

TEST(Masks, RefuseMoreTilesThanUnits) {
  EXPECT_EQ(message_of<base::UsageError>([] {
              const Chain chain({{2, 3}});
            }),
            "[sim/placement/masks] wrong number of tiles of a layer: got 3 for 2 units, expected "
            "at least 1, at most a tile per unit");
}

}  // namespace
}  // namespace sheaf::sim::placement
