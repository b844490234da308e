// SPDX-License-Identifier: Apache-2.0
//
// A network on a chip as pictures.
#pragma once

#include <optional>

#include "sheaf/report/converter_roofline.h"
#include "sheaf/report/heat_map.h"
#include "sheaf/report/span_chart.h"
#include "sheaf/report/stacked_bars.h"
#include "sheaf/report/table.h"
#include "sheaf/report/tile_map.h"
#include "sheaf/study/simulate.h"

namespace sheaf::study {

// "conv3_1" of "conv3_1.conv3_1.W": names of layers as people gave them.
[[nodiscard]] std::string short_name(const std::string& layer);

// uJ of one input by layer and component.
[[nodiscard]] report::StackedBars energy_chart(const ChipStudy& study);
// Energy of one input and area by component: one bar, or one for each of two chips.
[[nodiscard]] report::StackedBars energy_totals(const ChipStudy& study, const ChipStudy* other);
[[nodiscard]] report::StackedBars area_totals(const ChipStudy& study, const ChipStudy* other);
// us of one input that comes alone. A layer is at work in the share of its span in which its
// crossbars are read.
[[nodiscard]] report::SpanChart span_chart(const ChipStudy& study);
// Which tile holds what. Nothing for a digital array.
[[nodiscard]] std::optional<report::TileMap> tile_map(const ChipStudy& study);
// Flits of one input. Nothing for a digital array, and where no flit moves.
[[nodiscard]] std::optional<report::HeatMap> heat_map(const ChipStudy& study);
// Of crossbars with converters, in steady state.
[[nodiscard]] std::optional<report::ConverterRoofline> converter_chart(const ChipStudy& study);
[[nodiscard]] report::Table layer_table(const ChipStudy& study);

}  // namespace sheaf::study
