// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "sheaf/report/roofline_chart.h"
#include "sheaf/study/roofline.h"

namespace sheaf::study {

// Three tables: cells by rows, where the time of the whole pipeline goes, and what types take of
// it.
[[nodiscard]] std::string roofline_text(const RooflineOptions& options, const Roofline& roofline,
                                        bool markdown);

// Everything.
[[nodiscard]] nlohmann::ordered_json roofline_json(const RooflineOptions& options,
                                                   const Roofline& roofline);

// The cells under the limits of the processor.
[[nodiscard]] report::RooflineChart roofline_chart(const Roofline& roofline);

}  // namespace sheaf::study
