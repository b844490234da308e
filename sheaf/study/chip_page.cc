// SPDX-License-Identifier: Apache-2.0
#include "sheaf/study/chip_page.h"

#include <fmt/format.h>

#include <cmath>

#include "sheaf/report/html_page.h"
#include "sheaf/report/ticks.h"
#include "sheaf/study/chip_charts.h"
#include "sheaf/study/chip_words.h"
#include "sheaf/study/design_figures.h"

namespace sheaf::study {
namespace {

using report::HtmlPage;

std::string number(double value) {
  return std::isfinite(value) ? report::plain_number(value) : "not known";
}

void add_summary(HtmlPage& page, const ChipStudy& study) {
  const Figures figures = figures_of(study);
  page.paragraph(fmt::format(
      "{} ({}), strategy {}, weights of {} bits and inputs of {}. Energy, time and area are by "
      "closed "
      "forms: nothing on this page was simulated cycle by cycle.",
      study.chip.title.empty() ? study.chip.name : study.chip.title, study.chip.name,
      study.cost.strategy, study.shapes.layers[0].weight_bits, study.shapes.layers[0].input_bits));
  if (is_reconstructed(study.chip)) {
    page.paragraph(
        "RECONSTRUCTED: of some of this chip's numbers only an abstract is known; they are "
        "documented choices, listed first under Sources, and no published result.");
  }
  if (is_reconstructed(study.cost)) {
    page.paragraph(
        fmt::format("RECONSTRUCTED: how strategy {} maps a network; of its paper only the abstract "
                    "is known (docs/mapping.md).",
                    study.cost.strategy));
  }
  for (const std::string& change : study.chip.changes) {
    page.paragraph("Changed from its description: " + change);
  }
  for (const std::string& note : notes_of(study)) page.paragraph("Note: " + note + ".");
  const std::string area = number(of(figures, Figure::area_mm2));
  std::vector<HtmlPage::Card> cards{{number(of(figures, Figure::energy_uj)) + " uJ",
                                     "energy of " + subject(study), "dynamic: what events take"}};
  if (!study.of_data) {
    cards.push_back({number(of(figures, Figure::latency_us)) + " us", "latency of one input"});
    cards.push_back({number(1e6 / of(figures, Figure::interval_us)), "inputs per second"});
  }
  cards.insert(
      cards.end(),
      {{area + (std::isfinite(of(figures, Figure::area_mm2)) ? " mm2" : ""), "area in use",
        study.cost.crossbars > 0 ? number(study.cost.chips) + " chips" : ""},
       {number(of(figures, Figure::power_w)) + " W", "power at the full rate", "dynamic"},
       {number(of(figures, Figure::gops_per_w)), "GOPs/W", "dynamic; two per multiply-add"}});
  if (study.cost.crossbars > 0) {
    cards.push_back({number(of(figures, Figure::crossbars)), "crossbars in use",
                     fmt::format("{:.1f} % of their cells", 100 * study.cost.utilisation)});
  }
  page.cards(cards);
}

// What a run over data gave: values, and batch after batch.
void add_run(HtmlPage& page, const ChipRun* run) {
  if (run == nullptr) return;
  page.section("The run");
  const double saturated = run->conversions.conversions == 0
                               ? 0
                               : static_cast<double>(run->conversions.saturated) /
                                     static_cast<double>(run->conversions.conversions);
  page.cards({{number(run->ns / 1e3) + " us", "batch after batch"},
              {number(run->pj / 1e6) + " uJ", "energy of its batches"},
              {report::with_commas(run->batches.size()), "batches with products"},
              {report::with_commas(run->conversions.conversions), "conversions",
               fmt::format("{:.2f} % saturated", 100 * saturated)}});
  page.paragraph("Values went through the simulated crossbars, batch by batch; their digest is " +
                 run->digest + ".");
  report::Table table{
      {"type", "batches", "nodes", "time, us", "energy, uJ", "conversions", "saturated"}, {}};
  const std::vector<TypeSum> sums = by_type(*run);
  for (std::size_t type = 0; type < sums.size(); ++type) {
    const TypeSum& sum = sums[type];
    if (sum.batches == 0) continue;
    table.rows.push_back({run->types[type], report::with_commas(sum.batches),
                          report::with_commas(sum.nodes), number(sum.ns / 1e3),
                          number(sum.pj / 1e6), report::with_commas(sum.conversions.conversions),
                          report::with_commas(sum.conversions.saturated)});
  }
  page.table(table);
}

void add_energy(HtmlPage& page, const ChipStudy& study, const ChipStudy* other) {
  page.section("Where each joule went");
  page.list(energy_words(study));
  page.picture(energy_totals(study, other).to_svg(), "");
  page.picture(energy_chart(study).to_svg(), "Point at a part to see its value.");
}

void add_decomposition(HtmlPage& page, const ChipStudy& study) {
  const backend::cim::Decomposition& d = study.cost.decomposition;
  if (d.convert_pj == 0) return;
  page.section("Why converters take what they take");
  const double converters = backend::cim::of(study.cost.energy_pj, backend::cim::Component::adc);
  page.cards({{number(d.convert_pj) + " pJ", "energy per conversion"},
              {"x " + number(d.converts_per_mac), "conversions per MAC", "with every row in use"},
              {"x " + fmt::format("{:.4g}", d.macs), "MACs"},
              {"/ " + number(d.utilisation), "share of rows in use"},
              {"= " + number(converters / 1e6) + " uJ", "energy of converters",
               fmt::format("{:.1f} % of all", 100 * converters / study.cost.total_energy_pj())}});
  page.paragraph(
      "A factor that halves, halves the converters' energy: fewer bits, more rows per read or "
      "fewer "
      "digits, a smaller network, fuller columns.");
  if (const auto chart = converter_chart(study)) {
    page.picture(
        chart->to_svg(),
        "Steady state, by layer. A layer left of the bend fills its columns badly; one far "
        "below the roof waits for slower layers.");
  }
}

void add_time(HtmlPage& page, const ChipStudy& study) {
  page.section("Where the time went");
  page.list(time_words(study));
  page.picture(span_chart(study).to_svg(),
               "A bar is pale where its layer mostly waits for what it reads.");
}

void add_places(HtmlPage& page, const ChipStudy& study) {
  if (const auto map = tile_map(study)) {
    page.section("Where layers are");
    page.picture(map->to_svg(),
                 fmt::format("Layers fill tiles in their order, in turns from left to right and "
                             "back; several chips are drawn as one. Numbers stand where a layer "
                             "begins. Tiles that stand together share a "
                             "router."));
  }
  if (const auto map = heat_map(study)) {
    page.section("What they say to each other");
    page.picture(map->to_svg(),
                 "Values go first along rows, then along columns; partial sums from router to "
                 "router of a layer. Both directions of a link together.");
  }
}

void add_comparison(HtmlPage& page, const ChipStudy& study, const ChipStudy* other) {
  if (other == nullptr) return;
  page.section(fmt::format("{} beside {}", study.chip.name, other->chip.name));
  const Figures a = figures_of(study);
  const Figures b = figures_of(*other);
  const auto mark = [](const ChipStudy& one) {
    return one.chip.name + " (" + one.cost.strategy +
           (is_reconstructed(one) ? ", reconstructed)" : ")");
  };
  report::Table table;
  table.head = {"figure", mark(study), mark(*other), "first / second"};
  const auto row = [&](const std::string& name, double x, double y) {
    table.rows.push_back({name, number(x), number(y), y == 0 ? "" : number(x / y)});
  };
  for (std::size_t i = 0; i < kFigures; ++i) row(figure_title(static_cast<Figure>(i)), a[i], b[i]);
  const auto& d = study.cost.decomposition;
  const auto& e = other->cost.decomposition;
  if (d.convert_pj > 0 && e.convert_pj > 0) {
    row("pJ per conversion", d.convert_pj, e.convert_pj);
    row("conversions per MAC, full rows", d.converts_per_mac, e.converts_per_mac);
    row("share of rows in use", d.utilisation, e.utilisation);
  }
  page.table(table);
  page.picture(area_totals(study, other).to_svg(), "");
  page.paragraph(
      "Each uses as many whole chips as one copy of its layers needs; neither crossbars nor area "
      "are "
      "equal unless the figures say so.");
}

void add_sources(HtmlPage& page, const target::Chip& chip) {
  page.section("Sources of " + chip.name);
  page.list(source_words(chip));
}

}  // namespace

std::string chip_page(const ChipStudy& study, const ChipStudy* other, const ChipRun* run) {
  HtmlPage page(study.shapes.name + " on " + study.chip.name);
  add_summary(page, study);
  add_run(page, run);
  add_energy(page, study, other);
  add_decomposition(page, study);
  if (run == nullptr) add_time(page, study);
  add_places(page, study);
  add_comparison(page, study, other);
  page.section("Layers");
  page.table(layer_table(study));
  add_sources(page, study.chip);
  if (other != nullptr) add_sources(page, other->chip);
  return page.to_html();
}

}  // namespace sheaf::study
