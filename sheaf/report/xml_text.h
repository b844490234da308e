// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace sheaf::report {

// `text` as it may stand between tags and in attributes.
[[nodiscard]] std::string xml_text(const std::string& text);

}  // namespace sheaf::report
