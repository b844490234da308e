// SPDX-License-Identifier: Apache-2.0
//
// A twin of the folder that python3-jieba ships, small and with random weights, for tests that run
// without the package.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/io/temp_folder.h"

namespace sheaf::test {

// Ids 0 .. 5 of word.dic. Row 3 has no entry, as one row of the package's has none.
inline constexpr const char* kWordDictionary = "0\t我\n1\t北\n2\t京\n4\tOOV\n5\ta\n";
inline constexpr std::uint32_t kLacVocabulary = 6;
inline constexpr std::uint32_t kLacUnknown = 4;

// A variable of PaddlePaddle as the package has them: header, description, float32.
[[nodiscard]] std::string paddle_variable(const std::vector<float>& values);

// Seeded values in +-0.1, one stream per name.
[[nodiscard]] std::vector<float> lac_values(const std::string& name, std::size_t count);

// "0\tt0-B\n1\tt0-I\n...56\tO\n"
[[nodiscard]] std::string lac_tags();

// Writes word.dic, tag.dic and model_baseline/ below `folder`.
void write_lac_folder(const TempFolder& folder);

}  // namespace sheaf::test
