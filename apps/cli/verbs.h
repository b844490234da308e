// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>

namespace sheaf::cli {

// Each adds one verb to `app`; the verb runs when it is parsed.
void add_tag(CLI::App& app);
void add_run(CLI::App& app);
void add_learn(CLI::App& app);
void add_bench(CLI::App& app);
void add_calibrate(CLI::App& app);
void add_inspect(CLI::App& app);
void add_compare(CLI::App& app);
void add_explain(CLI::App& app);
void add_explore(CLI::App& app);
void add_demo(CLI::App& app);
void add_study(CLI::App& app);
void add_adc(CLI::App& app);
void add_train(CLI::App& app);
void add_eval(CLI::App& app);
void add_predict(CLI::App& app);
void add_simulate(CLI::App& app);
void add_noc(CLI::App& app);

// Each adds one study, below the verb `study`.
void add_study_accelerators(CLI::App& study);
void add_study_memory(CLI::App& study);
void add_study_product(CLI::App& study);
void add_study_roofline(CLI::App& study);

}  // namespace sheaf::cli
