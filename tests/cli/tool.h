// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/io/temp_folder.h"

namespace sheaf::test {

using Arguments = std::vector<std::string>;

struct Result {
  int exit_code = 0;  // 128 + the signal's number when one ended it
  std::string out;
  std::string err;
};

// Runs a program to its end with `input` on its standard input.
[[nodiscard]] Result run_program(const std::string& program, const Arguments& arguments,
                                 const std::string& input = {});

// The same with standard output going to the file `output`; Result::out stays empty.
[[nodiscard]] Result run_program_into(const std::string& output, const std::string& program,
                                      const Arguments& arguments, const std::string& input = {});

// Runs the tool.
[[nodiscard]] Result sheaf(const Arguments& arguments, const std::string& input = {});

// What the tool prints; a failure of the test when it complains or does not return 0.
[[nodiscard]] std::string sheaf_output(const Arguments& arguments, const std::string& input = {});

// The arguments of both, one after the other.
[[nodiscard]] Arguments operator+(Arguments a, const Arguments& b);

// The digest that `sheaf run` prints first.
[[nodiscard]] std::string digest_of_run(const Arguments& arguments);

// The figures of `sheaf bench --json --repeat 1`.
[[nodiscard]] nlohmann::json bench(const Arguments& arguments);

// The JSON of a file.
[[nodiscard]] nlohmann::json json_of(const std::string& path);

// Path of a file of the larger data sets, "" when SHEAF_DATA does not name a folder that has it.
[[nodiscard]] std::string shared_data(const std::string& name);

// Whether python3-jieba's model is installed.
[[nodiscard]] bool has_jieba();

inline constexpr const char* kNoJieba = "python3-jieba is not installed";
inline constexpr const char* kNoSharedData = "SHEAF_DATA does not name a folder that has the data";

// A test with a folder of its own.
class Cli : public testing::Test {
 protected:
  // "sheaf: KIND: TEXT", the folder's path in it replaced by "D".
  void expect_refusal(const Arguments& arguments, int exit_code, const std::string& message) const;

  const TempFolder folder_;
};

}  // namespace sheaf::test
