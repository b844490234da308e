// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <new>
#include <span>
#include <string>
#include <system_error>
#include <vector>

#include "apps/cli/verbs.h"
#include "sheaf/base/error.h"
#include "sheaf/base/nearest.h"

namespace {

constexpr int kUsage = 2;
constexpr int kMemory = 4;
constexpr int kInternal = 70;
constexpr int kInputOutput = 74;

std::string fault_text(const std::string& place, const std::string& what, const std::string& got,
                       const std::vector<std::string>& names) {
  return to_string(sheaf::base::Fault{.place = place,
                                      .what = what,
                                      .got = "'" + got + "'",
                                      .hint = sheaf::base::suggest(got, names)});
}

// What is wrong with the names of verb and options, before CLI11 sees them: it would complain of a
// missing option first where one is misspelt. Empty: nothing.
std::string misspelt_name(const CLI::App& app, std::span<char*> arguments) {
  const CLI::App* at = &app;  // the verb, or the verb's own verb, that has been named so far
  std::string place = "sheaf";
  for (const std::string argument : arguments) {
    const bool option = argument.starts_with("--") && argument.size() > 2;
    if (option) {
      const std::string name = argument.substr(0, argument.find('='));
      std::vector<std::string> names;
      for (const CLI::Option* known : at->get_options()) {
        for (const std::string& text : known->get_lnames()) names.push_back("--" + text);
      }
      if (std::find(names.begin(), names.end(), name) == names.end()) {
        return fault_text(place, "unknown option", name, names);
      }
    } else if (!argument.starts_with("-") && !at->get_subcommands({}).empty()) {
      std::vector<std::string> names;
      const CLI::App* verb = nullptr;
      for (const CLI::App* known : at->get_subcommands({})) {
        names.push_back(known->get_name());
        if (names.back() == argument) verb = known;
      }
      if (verb == nullptr) return fault_text(place, "unknown verb", argument, names);
      at = verb;
      place += " " + argument;
    }
  }
  return {};
}

int usage_error(const std::string& text) {
  fmt::print(stderr, "sheaf: UsageError: {}\n", text);
  return kUsage;
}

int run(int argc, char** argv) {
  CLI::App app{"Sheaf runs neural networks whose graph differs from input to input.", "sheaf"};
  app.set_version_flag("--version", SHEAF_VERSION);
  app.require_subcommand(1);
  sheaf::cli::add_tag(app);
  sheaf::cli::add_run(app);
  sheaf::cli::add_train(app);
  sheaf::cli::add_eval(app);
  sheaf::cli::add_predict(app);
  sheaf::cli::add_learn(app);
  sheaf::cli::add_calibrate(app);
  sheaf::cli::add_bench(app);
  sheaf::cli::add_inspect(app);
  sheaf::cli::add_compare(app);
  sheaf::cli::add_explain(app);
  sheaf::cli::add_demo(app);
  sheaf::cli::add_simulate(app);
  sheaf::cli::add_study(app);
  const std::string misspelt =
      misspelt_name(app, {argv + 1, static_cast<std::size_t>(std::max(argc - 1, 0))});
  if (!misspelt.empty()) return usage_error(misspelt);
  try {
    app.parse(argc, argv);
    return 0;
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    const std::string verb =
        app.get_subcommands().empty() ? "" : app.get_subcommands().front()->get_name() + " ";
    return usage_error(fmt::format("{}; see sheaf {}--help", error.what(), verb));
  }
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const int code = run(argc, argv);
    if (std::fflush(stdout) == 0) return code;
    throw sheaf::base::IoError({.place = "standard output", .what = "cannot write"});
  } catch (const sheaf::base::Error& error) {
    fmt::print(stderr, "sheaf: {}: {}\n", error.kind(), error.what());
    return error.exit_code();
  } catch (const std::system_error& error) {  // fmt::print
    fmt::print(stderr, "sheaf: IoError: [standard output] {}\n", error.what());
    return kInputOutput;
  } catch (const std::bad_alloc&) {
    fmt::print(stderr, "sheaf: ResourceError: out of memory\n");
    return kMemory;
  } catch (const std::exception& error) {
    fmt::print(stderr, "sheaf: InternalError: {}\n", error.what());
    return kInternal;
  }
}
