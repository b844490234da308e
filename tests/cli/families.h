// SPDX-License-Identifier: Apache-2.0
//
// The kinds of input that promises are tested on.
#pragma once

#include <string>

#include "tests/cli/tool.h"

namespace sheaf::test {

struct Family {
  std::string name;
  // Writes data, and what else the run needs, into the folder; gives the options that name model,
  // data and hidden size. None when the data of this family are not there.
  Arguments (*options)(const TempFolder& folder);
  std::string skip_reason;  // for when they are not
};

inline std::ostream& operator<<(std::ostream& out, const Family& family) {
  return out << family.name;
}

// Names the cases of a parameterised test.
inline std::string family_name(const testing::TestParamInfo<Family>& info) {
  return info.param.name;
}

// Synthetic data; these always run.
[[nodiscard]] std::vector<Family> synthetic_families();
// The dev sets of SHEAF_DATA.
[[nodiscard]] std::vector<Family> dev_families();

// A test over families, which skips where the data are not there.
class FamilyTest : public testing::TestWithParam<Family> {
 protected:
  void SetUp() override {
    options_ = GetParam().options(folder_);
    if (options_.empty()) GTEST_SKIP() << GetParam().skip_reason;
  }

  const TempFolder folder_;
  Arguments options_;
};

}  // namespace sheaf::test
