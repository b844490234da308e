// SPDX-License-Identifier: Apache-2.0
#include "sheaf/study/explore.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "sheaf/base/error.h"
#include "sheaf/io/file.h"
#include "sheaf/study/explore_report.h"
#include "sheaf/study/explore_run.h"
#include "sheaf/study/pareto.h"
#include "sheaf/study/simulate.h"
#include "sheaf/target/read_chip.h"
#include "tests/io/temp_folder.h"
#include "tests/message_of.h"

namespace sheaf::study {
namespace {

constexpr const char* kSmall =
    "name: small\nhw: [isaac, reboc]\nmodel: lenet5\nset:\n  crossbar.rows: [64, 128]\n"
    "compress: [none, 'block_circulant:k=4']\n";

std::vector<std::uint64_t> all(const Explorer& explorer) {
  std::vector<std::uint64_t> designs(explorer.space().designs());
  std::iota(designs.begin(), designs.end(), std::uint64_t{0});
  return designs;
}

std::vector<DesignResult> evaluated(const std::string& text, std::uint32_t threads = 1) {
  const Explorer explorer(parse_space(text, "s.yaml"));
  base::ThreadPool pool(threads);
  return explorer.evaluate(all(explorer), pool);
}

TEST(Explorer, ADesignCostsWhatItsChipAndLayersCost) {
  const auto results = evaluated(kSmall);
  ASSERT_EQ(results.size(), 8U);
  const std::vector<std::string> changes{"crossbar.rows=128"};
  const target::Chip chip = target::read_chip("reboc", changes);
  const ChipStudy study =
      put_on_chip(listed_layers("lenet5"), chip, {.compress = {"block_circulant:k=4"}});
  const backend::cim::NetworkCost& cost = study.cost;
  EXPECT_EQ(of(results[7].figures, Figure::energy_uj), cost.total_energy_pj() / 1e6);
  EXPECT_EQ(of(results[7].figures, Figure::latency_us), cost.latency_ns / 1e3);
  EXPECT_EQ(of(results[7].figures, Figure::area_mm2), cost.total_area_um2() / 1e6);
}

TEST(Explorer, ConvertersLackTheBitsThatTheirColumnsNeed) {
  // 128 rows of 2-bit cells need 9 bits, 8 with columns that are flipped.
  const auto results = evaluated(
      "hw: isaac\nmodel: vgg8\nset:\n  adc.bits: [6, 8]\n  mapping.columns: [plain, flipped]\n");
  ASSERT_EQ(results.size(), 4U);
  const double missing[] = {3, 2, 1, 0};
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(of(results[i].figures, Figure::missing_bits), missing[i]) << i;
  }
}

TEST(Explorer, FewNonzerosNeedFewerBitsUnlessZerosConduct) {
  const auto results = evaluated(
      "hw: [isaac, tinyadc]\nmodel: vgg8\nset:\n  crossbar.rows: 256\n"
      "compress: [none, 'column_nonzeros:n=5']\n");
  ASSERT_EQ(results.size(), 4U);
  EXPECT_EQ(of(results[0].figures, Figure::missing_bits), 1);
  // Zeros conduct under an offset, and strategy dense takes no limit.
  EXPECT_NE(results[1].reason.find("got column_nonzeros"), std::string::npos) << results[1].reason;
  EXPECT_EQ(of(results[3].figures, Figure::missing_bits), 0);
  EXPECT_EQ(of(results[3].figures, Figure::adc_bits), 4);
}

TEST(Explorer, ResultsDoNotDependOnThreads) {
  const std::string text = "hw: isaac\nmodel: lenet5\nset:\n  crossbar.rows: {from: 32, to: 81}\n";
  const auto one = evaluated(text, 1);
  const auto three = evaluated(text, 3);
  ASSERT_EQ(one.size(), 50U);
  for (std::size_t i = 0; i < one.size(); ++i) {
    EXPECT_EQ(one[i].design, i);
    EXPECT_EQ(of(one[i].figures, Figure::energy_uj), of(three[i].figures, Figure::energy_uj));
  }
}

TEST(Explorer, ADesignThatCannotBeSaysWhyAndOthersGoOn) {
  const auto results =
      evaluated("hw: tinyadc\nmodel: lenet5\nset:\n  mapping.encoding: [offset, differential]\n");
  ASSERT_EQ(results.size(), 2U);
  EXPECT_NE(results[0].reason.find("mapping.encoding"), std::string::npos) << results[0].reason;
  EXPECT_EQ(results[1].reason, "");
  EXPECT_GT(of(results[1].figures, Figure::energy_uj), 0);
  const auto few = evaluated("hw: isaac\nmodel: vgg8\nset: {chip.tiles: [1, 100]}\nchips: 1\n");
  EXPECT_NE(few[0].reason, "");
  EXPECT_EQ(few[1].reason, "");
}

TEST(Explorer, RefusesChipsAndModelsThatAreNotThere) {
  const auto refused = [](const std::string& text) {
    return test::message_of<base::NotFoundError>(
        [&] { const Explorer explorer(parse_space(text, "s.yaml")); });
  };
  EXPECT_EQ(refused("hw: isac\nmodel: vgg8\n"),
            "[s.yaml:1] unknown chip: got 'isac'; did you mean 'isaac'?");
  EXPECT_TRUE(refused("hw: isaac\nmodel: vgg9\n").starts_with("[s.yaml:2] "));
}

TEST(Explorer, RefusesValuesThatNoChipCanRead) {
  const auto refused = [](const std::string& text) {
    return test::message_of<base::ConfigError>(
        [&] { const Explorer explorer(parse_space(text, "s.yaml")); });
  };
  const std::string text = "hw: [isaac, tinyadc]\nmodel: lenet5\nset:\n  ";
  EXPECT_TRUE(refused(text + "crossbar.read_latency: [6 pJ]\n").starts_with("[s.yaml:4] "))
      << refused(text + "crossbar.read_latency: [6 pJ]\n");
  EXPECT_TRUE(refused(text + "adc.bits: [-6, 8]\n").starts_with("[s.yaml:4] "));
  EXPECT_TRUE(refused(text + "mapping.encoding: [ofset]\n").ends_with("did you mean 'offset'?"));
}

TEST(Explorer, DigestsTellSpacesApart) {
  const auto digest = [](const std::string& text) {
    return Explorer(parse_space(text, "s.yaml")).digest();
  };
  const std::string text = "hw: isaac\nmodel: lenet5\nset:\n  adc.bits: ";
  EXPECT_EQ(digest(text + "[7, 8]\n"), digest("name: other\n" + text + "{from: 7, to: 8}\n"));
  EXPECT_NE(digest(text + "[7, 8]\n"), digest(text + "[8, 7]\n"));
}

TEST(ParseShard, ReadsPartOfParts) {
  EXPECT_EQ(parse_shard("2/8").index, 2U);
  EXPECT_EQ(parse_shard("2/8").of, 8U);
  for (const char* text : {"0/2", "3/2", "1", "1/", "/2", "1/2x", "a/b", ""}) {
    EXPECT_NE(test::message_of<base::UsageError>([&] {
                (void)parse_shard(text);
              }).find("[--shard] part: got"),
              std::string::npos)
        << text;
  }
}

// A space on disk, and results beside it.
struct Folder {
  test::TempFolder folder;
  std::string space = folder.write("s.yaml", kSmall);

  [[nodiscard]] Results run(const std::string& out, Shard shard = {}) const {
    ExploreOptions options;
    options.space = space;
    options.out = folder.path(out);
    options.shard = shard;
    return explore(options);
  }
};

TEST(Explore, ARunThatWasStoppedGoesOnToTheSameBytes) {
  const Folder here;
  const Results whole = here.run("whole.jsonl");
  EXPECT_EQ(whole.designs.size(), 8U);
  const std::string text = io::read_file(here.folder.path("whole.jsonl"));
  for (const std::size_t bytes : {std::size_t{0}, std::size_t{40}, text.find('\n') + 1,
                                  text.size() / 2, text.size() - 1, text.size()}) {
    io::write_file(here.folder.path("part.jsonl"), text.substr(0, bytes));
    EXPECT_EQ(here.run("part.jsonl").designs.size(), 8U);
    EXPECT_EQ(io::read_file(here.folder.path("part.jsonl")), text) << bytes;
  }
}

TEST(Explore, ALineThatIsMissingInTheMiddleComesBackThere) {
  const Folder here;
  static_cast<void>(here.run("whole.jsonl"));
  const std::string text = io::read_file(here.folder.path("whole.jsonl"));
  const std::size_t begin = text.find("{\"design\":3,");
  const std::size_t end = text.find("{\"design\":4,");
  io::write_file(here.folder.path("part.jsonl"), text.substr(0, begin) + text.substr(end));
  static_cast<void>(here.run("part.jsonl"));
  EXPECT_EQ(io::read_file(here.folder.path("part.jsonl")), text);
}

TEST(Explore, MergedPartsAreTheWhole) {
  const Folder here;
  static_cast<void>(here.run("whole.jsonl"));
  std::vector<std::string> parts;
  for (std::uint64_t i = 1; i <= 3; ++i) {
    const std::string name = "part" + std::to_string(i);
    parts.push_back(here.folder.path(name));
    EXPECT_EQ(here.run(name, {i, 3}).designs.size(), i < 3 ? 3U : 2U);
  }
  parts.push_back(parts[0]);  // once more: says the same
  write_results(merge_results(parts), here.folder.path("merged.jsonl"));
  EXPECT_EQ(io::read_file(here.folder.path("merged.jsonl")),
            io::read_file(here.folder.path("whole.jsonl")));
}

TEST(Explore, RefusesResultsOfAnotherSpace) {
  const Folder here;
  static_cast<void>(here.run("a.jsonl"));
  const std::string other = here.folder.write("t.yaml", "hw: isaac\nmodel: lenet5\n");
  ExploreOptions options;
  options.space = other;
  options.out = here.folder.path("a.jsonl");
  EXPECT_NE(test::message_of<base::DataError>([&] {
              (void)explore(options);
            }).find("results: got those of another space"),
            std::string::npos);
  options.out = here.folder.path("b.jsonl");
  static_cast<void>(explore(options));
  const std::vector<std::string> files{here.folder.path("a.jsonl"), here.folder.path("b.jsonl")};
  EXPECT_NE(test::message_of<base::DataError>([&] {
              (void)merge_results(files);
            }).find("another space than that of"),
            std::string::npos);
  options.out = other;  // not overwritten
  EXPECT_NE(test::message_of<base::DataError>([&] { (void)explore(options); }), "");
  EXPECT_EQ(io::read_file(other), "hw: isaac\nmodel: lenet5\n");
}

TEST(ParseResults, RefusesLinesThatAreNone) {
  const Explorer explorer(parse_space(kSmall, "s.yaml"));
  const std::string header = header_line(explorer.space(), explorer.digest());
  const auto refused = [](const std::string& text) {
    return test::message_of<base::DataError>([&] { (void)parse_results(text, "r"); });
  };
  EXPECT_EQ(refused(""), "[r] results: got an empty file, expected results of sheaf explore");
  EXPECT_EQ(refused("{}\n"),
            "[r:1] results: got another file, expected results of sheaf explore (sheaf-explore-1)");
  const std::string head = R"({"format":"sheaf-explore-1","name":"n","digest":"d")";
  EXPECT_EQ(refused(head + "}\n"), "[r:1] results: got no axes, expected a list");
  EXPECT_EQ(refused(head + R"(,"axes":[{"key":"hw","of_chip":false,"values":[]}]})" + "\n"),
            "[r:1] results: got an axis that is none, expected key, of_chip and values");
  const std::string axes = R"(,"axes":[{"key":"hw","of_chip":false,"values":["isaac"]}])";
  EXPECT_EQ(refused(head + axes + "}\n"),
            "[r:1] results: got no objectives, expected a list of figures");
  std::string thousand = R"({"key":"a","of_chip":true,"values":["v")";
  for (int i = 1; i < 1000; ++i) thousand += ",\"v\"";
  thousand += "]}";
  std::string many = thousand;
  for (int i = 1; i < 5; ++i) many += "," + thousand;
  EXPECT_EQ(refused(head + ",\"axes\":[" + many + "]}\n"),
            "[r:1] results: got more than 10^12 designs, expected fewer");
  EXPECT_EQ(refused(header + "{\"design\":8}\n"),
            "[r:2] results: got no design, expected a number below 8");
  EXPECT_NE(refused(header + "nothing\n").find("[r:2] results: got"), std::string::npos);
  const std::string values = nlohmann::json(explorer.space().values(1)).dump();
  const std::string one = "{\"design\":1,\"values\":" + values;
  EXPECT_EQ(refused(header + one + ",\"reason\":\"a\"}\n" + one + ",\"reason\":\"b\"}\n"),
            "[r] results: got two results of design 1, expected one");
  EXPECT_EQ(parse_results(header + one + ",\"reason\":\"a\"}\n{\"desi", "r").designs.size(), 1U);
  EXPECT_EQ(refused(header + "{\"design\":2,\"values\":" + values + "}\n"),
            "[r:2] results: got values of another design than 2, expected " +
                nlohmann::json(explorer.space().values(2)).dump());
  EXPECT_EQ(refused(header + one + ",\"energy_uj\":-5}\n"),
            "[r:2] results: got energy_uj -5, expected a number from 0, or null");
  EXPECT_EQ(refused(header + one + ",\"energy_uj\":1}\n"),
            "[r:2] results: got latency_us missing, expected a number from 0, or null");
}

TEST(ExploreReport, FrontsAreByModelAndCsvHasARowForEachDesignOfThem) {
  const Explorer explorer(
      parse_space("name: a, b\nhw: isaac\nmodel: [lenet5, vgg8]\nset:\n  adc.bits: [6, 7, 8]\n"
                  "  mapping.encoding: [offset, polarised]\nobjectives: [energy, area]\n",
                  "s.yaml"));
  base::ThreadPool pool(1);
  Results results;
  results.space = explorer.space();
  results.designs = explorer.evaluate(all(explorer), pool);
  const Exploration exploration = explored(std::move(results));
  EXPECT_EQ(exploration.possible, 6U);
  ASSERT_EQ(exploration.fronts.size(), 2U);
  // Fewer bits take less of both.
  EXPECT_EQ(exploration.fronts[0].members, std::vector<std::size_t>{0});
  EXPECT_EQ(exploration.fronts[1].members, std::vector<std::size_t>{1});
  const std::string csv = front_csv(exploration);
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 3);
  EXPECT_TRUE(csv.starts_with("design,hw,adc.bits,mapping.encoding,model,energy_uj,"));
  EXPECT_NE(csv.find("\n0,isaac,6,offset,lenet5,"), std::string::npos) << csv;
  const std::string text = exploration_text(exploration);
  EXPECT_NE(text.find("12 of 12 designs, 6 of them possible"), std::string::npos) << text;
  EXPECT_NE(text.find("flipped"), std::string::npos) << text;
  EXPECT_NE(text.find("converters of 1 of them are too coarse for their columns"),
            std::string::npos)
      << text;
  EXPECT_EQ(exploration_json(exploration)["fronts"][1]["designs"][0]["design"], 1);
  const report::ScatterChart chart = front_chart(exploration);
  ASSERT_EQ(chart.series.size(), 2U);
  EXPECT_EQ(chart.series[0].points.size(), 3U);
  EXPECT_TRUE(chart.series[0].points[0].marked);
  EXPECT_EQ(chart.x_label, "energy, uJ");
}

TEST(ExploreReport, ResultsWithoutModelsAreRefused) {
  Results results;
  results.space.axes = {{"hw", "r:1", false, {"isaac"}}};
  results.space.objectives = {Figure::energy_uj};
  results.designs = {{.design = 0}};
  EXPECT_EQ(test::message_of<base::DataError>([&] { (void)explored(results); }),
            "[results] axes: got none of models");
}

TEST(Explore, DigestsDependOnEveryFieldOfALayer) {
  const Folder here;
  const auto digest = [&](const std::string& conv, const std::string& height) {
    const std::string list =
        here.folder.write("net.yaml", "name: net\nsource: me\ninput: {height: " + height +
                                          ", width: 8, channels: 3}\nlayers:\n"
                                          "  - {name: a, conv: 4, kernel: 3, padding: 1}\n"
                                          "  - {name: b, " +
                                          conv +
                                          "}\n"
                                          "  - {name: c, fc: 10}\n");
    return Explorer(parse_space("hw: isaac\nmodel: '" + list + "'\n", "s.yaml")).digest();
  };
  const std::string first = digest("conv: 4, kernel: 3, padding: 1", "8");
  EXPECT_EQ(digest("conv: 4, kernel: 3, padding: 1", "8"), first);
  // As many inputs, outputs and positions, of other pictures or with other windows.
  EXPECT_NE(digest("conv: 4, kernel: 3, padding: 1, stride: 2", "8"),
            digest("conv: 4, kernel: 3, padding: 1, stride: 2", "7"));
  EXPECT_NE(digest("conv: 4, kernel: 3, padding: 1, relu: true", "8"), "");
}

TEST(ParetoFront, HoldsWhatNothingBeats) {
  const std::vector<double> points{3, 1, 1, 3, 2, 2, 3, 3, 2, 2, 1, 4, NAN, 0};
  EXPECT_EQ(pareto_front(points, 2), (std::vector<std::size_t>{1, 2, 4, 0}));
  EXPECT_TRUE(pareto_front({}, 2).empty());
  const std::vector<double> line{5, 3, 3, 4};
  EXPECT_EQ(pareto_front(line, 1), (std::vector<std::size_t>{1, 2}));
}

}  // namespace
}  // namespace sheaf::study
