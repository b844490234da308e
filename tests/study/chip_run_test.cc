// SPDX-License-Identifier: Apache-2.0
#include "sheaf/study/chip_run.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "sheaf/base/error.h"
#include "sheaf/engine/quantise_model.h"
#include "sheaf/study/measure.h"
#include "sheaf/target/read_chip.h"
#include "tests/io/idx_bytes.h"
#include "tests/message_of.h"

namespace sheaf::study {
namespace {

engine::Workload quantised(const std::string& model, const std::string& data,
                           std::optional<std::uint32_t> hidden,
                           const std::vector<std::string>& encode = {}) {
  engine::Workload workload =
      engine::open_workload({.model = model, .data = data, .hidden = hidden, .encode = encode});
  workload.quantised =
      engine::quantise_model(*workload.model, workload.instances, {.bits = {8, 8}});
  return workload;
}

// A workload on a chip, under any policy.
class OnChip {
 public:
  explicit OnChip(engine::Workload workload, const std::string& chip = "isaac",
                  const std::vector<std::string>& changes = {})
      : workload_(std::move(workload)),
        study_(put_on_chip(layers_of(workload_), target::read_chip(chip, changes), {}, true)) {}

  [[nodiscard]] ChipRunOptions options(const std::string& policy) const {
    ChipRunOptions options;
    options.batch = 16;
    options.session.policy = policy;
    options.session.keep = memory_plan::Keep::outputs;
    if (policy == "fsm") {
      options.session.parts = learn(workload_, 32, {}).contestant().parts;
    } else if (policy == "cost") {
      options.session.parts.costs =
          cost_table(backend::cim::call_costs(study_.shapes, study_.cost,
                                              workload_.model->network().type_count()),
                     Objective::time);
    }
    return options;
  }
  [[nodiscard]] ChipRun run(const std::string& policy = "critical") const {
    return run_on_chip(workload_, study_, options(policy));
  }
  [[nodiscard]] ChipRun run_with(const ChipRunOptions& options) const {
    return run_on_chip(workload_, study_, options);
  }
  [[nodiscard]] Differences differences_of(const ChipRunOptions& options,
                                           std::span<const engine::InstanceOutputs> outputs) const {
    return differences(workload_, options, outputs);
  }
  [[nodiscard]] std::string host() const { return host_digest(workload_, options("critical")); }
  [[nodiscard]] const ChipStudy& study() const { return study_; }

 private:
  engine::Workload workload_;
  ChipStudy study_;
};

constexpr const char* kTrees = "random:trees,n=20,leaves=6";
constexpr const char* kLattices = "random:lattices,n=2,positions=15";

const std::vector<std::string>& policies() {
  static const std::vector<std::string> names = {"single",     "depth",    "agenda", "fsm",
                                                 "sufficient", "critical", "cost"};
  return names;
}

TEST(ChipRun, TreesGiveTheBitsOfTheHostUnderEveryPolicy) {
  const OnChip trees(quantised("tree_lstm", kTrees, 24));
  const std::string host = trees.host();
  for (const std::string& policy : policies()) {
    const ChipRun run = trees.run(policy);
    EXPECT_EQ(run.digest, host) << policy;
    EXPECT_EQ(run.conversions.saturated, 0U) << policy;
  }
}

TEST(ChipRun, LatticesGiveTheBitsOfTheHostUnderEveryPolicy) {
  const OnChip lattices(quantised("lattice_lstm", kLattices, 16));
  const std::string host = lattices.host();
  for (const std::string& policy : policies()) {
    EXPECT_EQ(lattices.run(policy).digest, host) << policy;
  }
}

TEST(ChipRun, CircularBlocksGiveTheBitsOfTheHost) {
  const OnChip trees(quantised("tree_lstm", kTrees, 16, {"W_*=block_circulant:k=8"}), "reboc",
                     {"adc.bits=9"});
  EXPECT_EQ(trees.run().digest, trees.host());
}

TEST(ChipRun, ConvolutionsGiveTheBitsOfTheHost) {
  const test::TempFolder folder;
  const std::string data = test::write_stripes(folder, "train", test::stripes(6, 12));
  for (const char* chip : {"isaac", "tinyadc"}) {
    const OnChip pictures(quantised("lenet5", data, std::nullopt), chip, {"adc.bits=9"});
    const ChipRun run = pictures.run();
    EXPECT_EQ(run.digest, pictures.host()) << chip;
    EXPECT_EQ(pictures.run("single").digest, run.digest) << chip;
    EXPECT_EQ(run.conversions.saturated, 0U) << chip;
    EXPECT_GT(run.conversions.conversions, 0U) << chip;
  }
}

TEST(ChipRun, NarrowConvertersSaturateAndChangeBits) {
  const OnChip trees(quantised("tree_lstm", kTrees, 24), "isaac",
                     {"adc.bits=3", "mapping.columns=plain"});
  const ChipRun run = trees.run();
  EXPECT_NE(run.digest, trees.host());
  EXPECT_GT(run.conversions.saturated, 0U);
  EXPECT_NE(to_text(trees.study(), run).find("converters of 3 bits lost something in "),
            std::string::npos);
}

TEST(ChipRun, NoisyCellsGiveOneSetOfBitsWhateverPolicyAndMinibatch) {
  const OnChip trees(
      quantised("tree_lstm", kTrees, 8), "isaac",
      {"cell.read_noise_sigma=0.1", "cell.device=lognormal", "cell.variation_sigma=0.1"});
  const ChipRun run = trees.run("critical");
  EXPECT_TRUE(run.analog);
  EXPECT_EQ(values_of(run), "analog, seed 1");
  EXPECT_NE(run.digest, trees.host());
  EXPECT_EQ(trees.run("single").digest, run.digest);
  EXPECT_EQ(trees.run("depth").digest, run.digest);
  ChipRunOptions options = trees.options("critical");
  options.batch = 3;
  options.shuffle = 5;
  EXPECT_EQ(trees.run_with(options).digest, run.digest);
  options.seed = 2;
  EXPECT_NE(trees.run_with(options).digest, run.digest);
}

TEST(ChipRun, OutputsOfCellsThatVaryAreHeldAgainstTheHosts) {
  for (const bool ideal : {true, false}) {
    const OnChip trees(quantised("tree_lstm", kTrees, 8), "isaac",
                       {ideal ? "cell.stuck_on_rate=0" : "cell.stuck_on_rate=0.1"});
    ChipRunOptions options = trees.options("critical");
    std::vector<engine::InstanceOutputs> outputs;
    options.sink = [&](std::uint32_t, engine::InstanceOutputs of_one) {
      outputs.push_back(std::move(of_one));
    };
    const ChipRun run = trees.run_with(options);
    EXPECT_EQ(run.analog, !ideal);
    const Differences found = trees.differences_of(options, outputs);
    EXPECT_GT(found.outputs, 0U);
    EXPECT_EQ(found.differ > 0, !ideal);
    EXPECT_EQ(found.largest > 0, !ideal);
    EXPECT_EQ(to_json(trees.study(), run)["values"], ideal ? "exact" : "analog");
  }
}

// What crossbars did is what closed forms say.
TEST(ChipRun, ConversionsAreThoseOfTheClosedForms) {
  for (const char* model : {"tree_lstm", "tree_gru", "lattice_lstm"}) {
    const bool tree = std::string(model).starts_with("tree");
    const OnChip on(quantised(model, tree ? kTrees : kLattices, 24));
    EXPECT_EQ(on.run().conversions.conversions, on.study().cost.conversions) << model;
  }
}

TEST(ChipRun, ConversionsAreThoseOfTheClosedFormsOnChangedChips) {
  const std::vector<std::pair<std::string, std::vector<std::string>>> chips = {
      {"isaac", {"dac.bits=2"}},
      {"isaac", {"crossbar.parallel_rows=32"}},
      {"tinyadc", {"mapping.encoding=sign_magnitude"}},
      {"forms", {"mapping.encoding=differential"}}};
  const engine::Workload workload = quantised("tree_lstm", "random:trees,n=2,leaves=4", 70);
  for (const auto& [chip, changes] : chips) {
    const ChipStudy study =
        put_on_chip(layers_of(workload), target::read_chip(chip, changes), {}, true);
    ChipRunOptions options;
    options.session.keep = memory_plan::Keep::outputs;
    EXPECT_EQ(run_on_chip(workload, study, options).conversions.conversions, study.cost.conversions)
        << chip << " " << changes[0];
  }
}

TEST(ChipRun, ConversionsAndEnergyDependOnNoPolicy) {
  const OnChip trees(quantised("tree_lstm", kTrees, 24));
  const ChipRun critical = trees.run("critical");
  const ChipRun single = trees.run("single");
  EXPECT_EQ(critical.conversions, single.conversions);
  EXPECT_NEAR(critical.pj, single.pj, 1e-9 * single.pj);
  EXPECT_NEAR(critical.pj, trees.study().cost.total_energy_pj(), 1e-9 * critical.pj);
  EXPECT_LT(critical.ns, single.ns);
}

class ChipLedger : public testing::TestWithParam<std::vector<std::string>> {};

// Parts that take no energy still move bytes.
INSTANTIATE_TEST_SUITE_P(Chips, ChipLedger,
                         testing::Values(std::vector<std::string>{},
                                         std::vector<std::string>{"tile.buffers.eDRAM.power=0 mW",
                                                                  "tile.units.bus.power=0 mW"}));

TEST_P(ChipLedger, RowsAndBatchesAddUpAlike) {
  const OnChip trees(quantised("tree_lstm", kTrees, 24), "isaac", GetParam());
  const ChipRun run = trees.run();
  const runtime::Ledger ledger = ledger_of(trees.study(), run);
  const runtime::Cost rows = ledger.total();
  runtime::Cost batches;
  for (const runtime::LedgerBatch& batch : ledger.batches) batches += batch.cost;
  for (std::size_t c = 0; c < runtime::kCostColumns; ++c) {
    const double value = runtime::column(rows, c);
    EXPECT_NEAR(value, runtime::column(batches, c), 1e-9 * value) << runtime::kCostNames[c];
  }
  EXPECT_EQ(rows.conversions, static_cast<double>(run.conversions.conversions));
  EXPECT_NEAR(rows.ns, run.ns, 1e-9 * run.ns);
  EXPECT_EQ(ledger.batches.size(), run.batches.size());
}

TEST(ChipRun, ATableOfCostsHasTheChipsTimesOrEnergies) {
  backend::cim::CallCost call;
  call.first_ns = 1400;
  call.interval_ns = 800;
  call.energy_pj[0] = 5;
  const auto time = cost_table({&call, 1}, Objective::time);
  EXPECT_DOUBLE_EQ(time->ns(0, 10, 0), 1400 + 9 * 800);
  const auto energy = cost_table({&call, 1}, Objective::energy);
  EXPECT_DOUBLE_EQ(energy->ns(0, 10, 0), 50);
}

TEST(ChipRun, RefusesUnknownObjectives) {
  EXPECT_EQ(test::message_of<base::UsageError>([] { (void)parse_objective("tim"); }),
            "[--objective] unknown objective: got 'tim'; did you mean 'time'?");
}

TEST(ChipRun, ADigitalArrayGivesTheBitsOfTheHost) {
  const OnChip trees(quantised("tree_lstm", kTrees, 8), "smartdeal");
  const ChipRun run = trees.run();
  EXPECT_EQ(run.digest, trees.host());
  EXPECT_EQ(run.conversions.conversions, 0U);
  EXPECT_GT(run.ns, 0);
  EXPECT_GT(run.pj, 0);
  EXPECT_EQ(to_text(trees.study(), run).find("conversions"), std::string::npos);
}

TEST(ChipRun, RealTreesGiveTheBitsOfTheHostUnderEveryPolicy) {
  const char* folder = std::getenv("SHEAF_DATA");
  const std::string data = folder == nullptr ? "" : std::string(folder) + "/trees/dev.txt";
  if (data.empty() || !std::filesystem::exists(data)) {
    GTEST_SKIP() << "SHEAF_DATA does not name a folder that has the data";
  }
  const OnChip trees(quantised("tree_lstm", data, 64));
  const std::string host = trees.host();
  for (const std::string& policy : policies()) {
    EXPECT_EQ(trees.run(policy).digest, host) << policy;
  }
}

}  // namespace
}  // namespace sheaf::study
