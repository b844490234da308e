// SPDX-License-Identifier: Apache-2.0
#include "sheaf/study/accelerators.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <stdexcept>

#include "sheaf/backend/cim/connections.h"
#include "sheaf/backend/cim/network_cost.h"
#include "sheaf/backend/cim/read_layers.h"
#include "sheaf/backend/cim/rivals.h"
#include "sheaf/study/simulate.h"
#include "sheaf/target/read_chip.h"

namespace sheaf::study {
namespace {

const std::vector<AcceleratorTable>& tables_of_lenet5() {
  static const std::vector<AcceleratorTable> tables = [] {
    AcceleratorOptions options;
    options.models = {"lenet5"};
    options.block = 4;
    return study_accelerators(options);
  }();
  return tables;
}

TEST(Accelerators, EveryTableHasACellForEveryColumn) {
  const auto& tables = tables_of_lenet5();
  ASSERT_EQ(tables.size(), 8U);
  for (const AcceleratorTable& table : tables) {
    EXPECT_FALSE(table.rows.empty()) << table.name;
    EXPECT_FALSE(table.notes.empty() && table.name != "reboc_energy") << table.name;
    for (const auto& row : table.rows) EXPECT_EQ(row.size(), table.head.size()) << table.name;
  }
}

TEST(Accelerators, JsonHoldsTheNumbersOfTheText) {
  const auto& tables = tables_of_lenet5();
  const auto json = accelerators_json(tables);
  EXPECT_EQ(json["study"], "accelerators");
  for (const AcceleratorTable& table : tables) {
    EXPECT_EQ(json[table.name]["rows"].size(), table.rows.size());
  }
  EXPECT_TRUE(json["reboc"]["rows"][0]["energy uJ"].is_number());
}

TEST(Accelerators, TextNamesWhatTheAbstractsSay) {
  const std::string text = accelerators_text(tables_of_lenet5(), false);
  for (const char* claim :
       {"4.1x and 2.6x", "3.5x power and 2.9x area", "up to 3.0x", "2.44x", "reconstructed"}) {
    EXPECT_NE(text.find(claim), std::string::npos) << claim;
  }
}

namespace cim = backend::cim;

using Row = std::vector<AcceleratorCell>;

const AcceleratorTable& table_of(const std::string& name) {
  const auto& tables = tables_of_lenet5();
  return *std::find_if(tables.begin(), tables.end(),
                       [&](const AcceleratorTable& table) { return table.name == name; });
}

// The row that begins with these words.
const Row& row_of(const AcceleratorTable& table, const std::vector<std::string>& words) {
  const auto found = std::find_if(table.rows.begin(), table.rows.end(), [&](const Row& row) {
    return std::equal(
        words.begin(), words.end(), row.begin(),
        [](const std::string& word, const AcceleratorCell& cell) { return word == cell.text; });
  });
  if (found == table.rows.end()) throw std::out_of_range(table.name + ": no row " + words[0]);
  return *found;
}

double cell(const AcceleratorTable& table, const Row& row, const std::string& head) {
  const auto column = std::find(table.head.begin(), table.head.end(), head) - table.head.begin();
  return row.at(static_cast<std::size_t>(column)).value.value();
}

// LeNet-5 of 16 bits, dense and in blocks of 4, and what both cost on so many crossbars.
struct BothSides {
  cim::LayerShapes dense = listed_layers("lenet5");
  cim::LayerShapes circulant;
  cim::NetworkCost isaac;
  cim::NetworkCost reboc;

  explicit BothSides(std::uint64_t crossbars = 0) {
    cim::set_precision(dense, {16, 16});
    circulant = dense;
    cim::make_block_circulant(circulant, 4);
    const target::Chip chip = target::read_chip("isaac");
    cim::CostOptions options;
    options.crossbars = crossbars == 0 ? cim::least_crossbars(dense, chip) : crossbars;
    isaac = cim::cost_of(dense, chip, options);
    reboc = cim::cost_of(circulant, target::read_chip("reboc"), options);
  }
};

TEST(Accelerators, RebocIsFasterByItsRivalsTimeOverItsOwn) {
  const BothSides sides(168 * 12 * 8);  // one chip
  const AcceleratorTable& table = table_of("reboc");
  const Row& row = row_of(table, {"lenet5", "crossbars", "isaac"});
  EXPECT_DOUBLE_EQ(cell(table, row, "given"), 168 * 12 * 8);
  EXPECT_DOUBLE_EQ(cell(table, row, "interval us"), sides.isaac.interval_ns / 1e3);
  EXPECT_DOUBLE_EQ(cell(table, row, "energy uJ"), sides.isaac.total_energy_pj() / 1e6);
  EXPECT_DOUBLE_EQ(cell(table, row, "area mm2"), sides.isaac.total_area_um2() / 1e6);
  EXPECT_DOUBLE_EQ(cell(table, row, "ReBoc faster by"),
                   sides.isaac.interval_ns / sides.reboc.interval_ns);
  EXPECT_DOUBLE_EQ(cell(table, row, "ReBoc sooner by"),
                   sides.isaac.latency_ns / sides.reboc.latency_ns);
  EXPECT_DOUBLE_EQ(cell(table, row, "ReBoc less energy by"),
                   sides.isaac.total_energy_pj() / sides.reboc.total_energy_pj());
  EXPECT_NE(sides.isaac.interval_ns, sides.reboc.interval_ns);
}

TEST(Accelerators, ABudgetOfOneDenseCopyIsWorthWhatBothCostOnIt) {
  const BothSides sides;
  const AcceleratorTable& table = table_of("reboc_budget");
  const Row& row = row_of(table, {"lenet5", "1"});
  EXPECT_DOUBLE_EQ(cell(table, row, "crossbars"), static_cast<double>(cim::least_crossbars(
                                                      sides.dense, target::read_chip("isaac"))));
  EXPECT_DOUBLE_EQ(cell(table, row, "faster"), sides.isaac.interval_ns / sides.reboc.interval_ns);
  EXPECT_DOUBLE_EQ(cell(table, row, "sooner"), sides.isaac.latency_ns / sides.reboc.latency_ns);
}

TEST(Accelerators, EnergyFallsIntoTheComponentsOfTheCost) {
  const BothSides sides(168 * 12 * 8);
  const AcceleratorTable& table = table_of("reboc_energy");
  const Row& row = row_of(table, {"lenet5", "isaac"});
  for (const cim::Component c : {cim::Component::crossbar, cim::Component::adc,
                                 cim::Component::buffer, cim::Component::digital}) {
    const std::string head(cim::kComponentNames[static_cast<std::size_t>(c)]);
    EXPECT_DOUBLE_EQ(cell(table, row, head), of(sides.isaac.energy_pj, c) / 1e6) << head;
  }
  EXPECT_DOUBLE_EQ(cell(table, row, "MACs"), 416520);
  // 8 columns of 16 reads for 128 rows.
  EXPECT_DOUBLE_EQ(cell(table, row, "converts/MAC"), 1);
  EXPECT_DOUBLE_EQ(cell(table, row, "rows in use"),
                   416520.0 / static_cast<double>(sides.isaac.conversions));
}

TEST(Accelerators, TinyAdcSavesWhatEightBitsTakeOverWhatFourDo) {
  const cim::LayerShapes shapes = listed_layers("resnet18");
  target::Chip chip = target::read_chip("tinyadc");
  chip.adc->model = "sar-saberi";
  const cim::NetworkCost four = cim::cost_of(shapes, chip);
  chip.mapping.strategy = target::Strategy::dense;
  chip.mapping.column_nonzeros = 0;
  chip.adc->bits = 8;
  const cim::NetworkCost eight = cim::cost_of(shapes, chip);
  const AcceleratorTable& table = table_of("tinyadc");
  const Row& row = row_of(table, {"sar-saberi", "5", "4"});
  EXPECT_DOUBLE_EQ(cell(table, row, "energy of the network"),
                   eight.total_energy_pj() / four.total_energy_pj());
  // docs/accelerators/tinyadc.md: +44.4 % by power and +27.6 % by area of ISAAC's tile.
  EXPECT_NEAR(cell(table, row, "peak power of a tile"), 1.444, 0.001);
  EXPECT_NEAR(cell(table, row, "area of a tile"), 1.276, 0.001);
  const auto near = [](const cim::Breakdown& b) {
    return b[0] + b[1] + b[2] + b[3];  // crossbar, dac, adc, periphery
  };
  EXPECT_DOUBLE_EQ(cell(table, row, "of it near crossbars"),
                   near(eight.energy_pj) / near(four.energy_pj));
  EXPECT_DOUBLE_EQ(cell(table, row, "area near crossbars"),
                   near(eight.area_um2) / near(four.area_um2));
}

TEST(Accelerators, FewNonzerosWithStructuredPruningSaveWhatFewerBitsDo) {
  const AcceleratorTable& table = table_of("tinyadc_pruning");
  const Row& structured = row_of(table, {"structured, 3.33x", "8"});
  const Row& both = row_of(table, {"both", "4"});
  EXPECT_EQ(cell(table, structured, "crossbars"), cell(table, both, "crossbars"));
  EXPECT_EQ(cell(table, structured, "less energy"), 1);
  EXPECT_NEAR(cell(table, both, "less area"), 1.276, 0.001);
  EXPECT_DOUBLE_EQ(cell(table, both, "less energy"),
                   cell(table, structured, "energy uJ") / cell(table, both, "energy uJ"));
  // 11.68 million weights by 3.33; first inputs and last results stay.
  EXPECT_NEAR(cell(table, structured, "million weights"), 11.68 / 3.33, 0.2);
}

TEST(Accelerators, ShortConnectionsSaveWhatRandomOnesTakeOverWhatTheyDo) {
  const auto layers = cim::row_major(7, {1000, 1000, 1000, 10}, {16, 16, 16, 1});
  const auto cost = [&](double sigma) {
    return cim::cost_of(cim::expected_volumes(layers, {.density = 0.1, .sigma = sigma}), 7);
  };
  const cim::VolumeCost random = cost(cim::kAnyDistance);
  const cim::VolumeCost near = cost(1);
  const AcceleratorTable& table = table_of("cannon");
  const Row& row = row_of(table, {"0.1", "1"});
  EXPECT_DOUBLE_EQ(cell(table, row, "value-hops"), near.value_hops);
  EXPECT_DOUBLE_EQ(cell(table, row, "fewer value-hops"), random.value_hops / near.value_hops);
  const cim::Hardware hardware = cim::hardware_of(target::read_chip("cannon"));
  const auto pj = [&](const cim::VolumeCost& c) {
    return c.value_hops * hardware.hop_pj_flit + c.values * hardware.first_router_pj_flit;
  };
  EXPECT_NEAR(cell(table, row, "energy"), pj(random) / pj(near), 1e-12);
  EXPECT_DOUBLE_EQ(cell(table, row, "latency"), random.cycles / near.cycles);
  EXPECT_NEAR(cell(table, row, "energy-delay"), pj(random) / pj(near) * random.cycles / near.cycles,
              1e-9);
  EXPECT_GT(cell(table, row, "energy"), 1);
}

TEST(Accelerators, RebuiltWeightsSaveWhatDenseOnesTakeOverWhatTheyDo) {
  const target::Chip chip = target::read_chip("smartdeal");
  cim::LayerShapes shapes = listed_layers("lenet5");
  const cim::NetworkCost dense = cim::cost_of(shapes, chip);
  cim::make_pow2_basis(shapes, 3, 0.5);
  const cim::NetworkCost half = cim::cost_of(shapes, chip);
  const AcceleratorTable& table = table_of("smartdeal");
  const Row& row = row_of(table, {"lenet5", "0.5"});
  EXPECT_DOUBLE_EQ(cell(table, row, "all"), half.total_energy_pj() / 1e6);
  EXPECT_DOUBLE_EQ(cell(table, row, "dram"), of(half.energy_pj, cim::Component::dram) / 1e6);
  EXPECT_DOUBLE_EQ(cell(table, row, "ms"), half.latency_ns / 1e6);
  EXPECT_DOUBLE_EQ(cell(table, row, "less energy"),
                   dense.total_energy_pj() / half.total_energy_pj());
  EXPECT_DOUBLE_EQ(cell(table, row, "faster"), dense.latency_ns / half.latency_ns);
  EXPECT_GT(cell(table, row, "less energy"), 1);
}

TEST(Accelerators, RivalsAreThoseOfTheOneList) {
  const AcceleratorTable& table = table_of("rivals");
  ASSERT_EQ(table.rows.size(), cim::rival_figures().size());
  EXPECT_DOUBLE_EQ(cell(table, row_of(table, {"ESE", "speed, LSTM of 1024 cells"}), "value"),
                   17544);
  cim::LayerShapes lstm = listed_layers("ese_lstm");
  cim::set_precision(lstm, {16, 16});
  cim::make_block_circulant(lstm, 4);
  const double steps = 1e12 / cim::cost_of(lstm, target::read_chip("reboc")).total_energy_pj();
  const std::string expected = std::to_string(std::lround(steps)) + " steps a joule";
  EXPECT_NE(table.notes[0].find(expected), std::string::npos) << expected;
}

}  // namespace
}  // namespace sheaf::study
