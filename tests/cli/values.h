// SPDX-License-Identifier: Apache-2.0
//
// A test that lets tests/reference check what the tool computes.
#pragma once

#include <string>

#include "tests/cli/tool.h"

namespace sheaf::test {

inline constexpr const char* kPython = "/usr/bin/python3";

// Promised are 1e-5. With random weights, which are small, a wrong operand may change less.
inline const char* tolerance_of(const std::string& model) {
  return model == "lac" ? "1e-5" : "2e-6";
}

class Values : public Cli {
 protected:
  void SetUp() override {
    if (run_program(kPython, {"-c", "import numpy"}).exit_code != 0) {
      GTEST_SKIP() << "/usr/bin/python3 has no numpy (python3-numpy)";
    }
  }

  // Runs model and data and lets the reference check all outputs. `target`: the data's
  // translation, for lstm_nmt.
  void expect_right(const std::string& model, const std::string& data, const Arguments& more,
                    const std::string& target = {}) {
    const std::string weights = folder_.path("weights");
    const std::string out = folder_.path("run.json");
    Arguments run = {"run",   "--model", model, "--data", data, "--save-weights",
                     weights, "--out",   out};
    if (!target.empty()) run = run + Arguments{"--target", target};
    static_cast<void>(sheaf_output(run + more));
    expect_reference_agrees(model, data, weights, out, target);
  }

  static void expect_reference_agrees(const std::string& model, const std::string& data,
                                      const std::string& weights, const std::string& out,
                                      const std::string& target = {}) {
    const Result result =
        run_program(kPython, Arguments{SHEAF_SOURCE_DIR "/tests/reference/check_values.py",
                                       "--model", model, "--weights", weights, "--run", out,
                                       "--tolerance", tolerance_of(model), "--data", data} +
                                 (target.empty() ? Arguments{} : Arguments{target}));
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_TRUE(result.out.starts_with(model + ": ")) << result.out;
  }

  // Where the weights are a folder that is there.
  void expect_tagger_right(const std::string& weights, const std::string& data) {
    const std::string out = folder_.path("run.json");
    static_cast<void>(sheaf_output(
        {"run", "--model", "lac", "--data", data, "--weights", weights, "--out", out}));
    expect_reference_agrees("lac", data, weights, out);
  }
};

}  // namespace sheaf::test
