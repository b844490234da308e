// SPDX-License-Identifier: Apache-2.0
//
// A network on a chip as pictures.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sheaf/report/converter_roofline.h"
#include "sheaf/report/heat_map.h"
#include "sheaf/report/span_chart.h"
#include "sheaf/report/stacked_bars.h"
#include "sheaf/report/table.h"
#include "sheaf/report/tile_map.h"
#include "sheaf/study/simulate.h"

namespace sheaf::study {

// What people call each layer: "conv3_1" of "conv3_1.conv3_1.W", and all but the first part where
// several would have one name ("node.U_i").
[[nodiscard]] std::vector<std::string> layer_names(const ChipStudy& study);

// "one input", or of a run "all data": what energies and times are of.
[[nodiscard]] std::string subject(const ChipStudy& study);

// uJ by layer and component.
[[nodiscard]] report::StackedBars energy_chart(const ChipStudy& study);
// Energy and area by component: one bar, or one for each of two chips.
[[nodiscard]] report::StackedBars energy_totals(const ChipStudy& study, const ChipStudy* other);
[[nodiscard]] report::StackedBars area_totals(const ChipStudy& study, const ChipStudy* other);
// us of one input that comes alone. A layer is at work in the share of its span in which its
// crossbars are read.
[[nodiscard]] report::SpanChart span_chart(const ChipStudy& study);
// Which tile holds what; of more than 4096 tiles by router, or by squares of routers. Nothing for a
// digital array.
[[nodiscard]] std::optional<report::TileMap> tile_map(const ChipStudy& study);
// Flits, of more than 4096 routers by squares of them. Nothing for a digital array, and where no
// flit moves.
[[nodiscard]] std::optional<report::HeatMap> heat_map(const ChipStudy& study);
// Of crossbars with converters, in steady state.
[[nodiscard]] std::optional<report::ConverterRoofline> converter_chart(const ChipStudy& study);
// What every layer is and takes, for text and page. "used" are its cells, of an array multipliers.
[[nodiscard]] report::Table layer_table(const ChipStudy& study);

}  // namespace sheaf::study
