// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <vector>

#include "apps/cli/verbs.h"
#include "sheaf/base/error.h"
#include "sheaf/base/nearest.h"
#include "sheaf/train/communicator.h"

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

// What all processes of mpirun find wrong, the first says; that it ends ends the others. One that
// is still there after ten seconds was alone with its fault.
void print_fault(std::string_view text) {
  const std::uint32_t rank = sheaf::train::place_in_mpirun().rank;
  if (rank == 0) {
    fmt::print(stderr, "sheaf: {}\n", text);
    return;
  }
  std::this_thread::sleep_for(std::chrono::seconds(10));
  fmt::print(stderr, "sheaf: rank {}: {}\n", rank, text);
}

int usage_error(const std::string& text) {
  print_fault("UsageError: " + text);
  return kUsage;
}

// Only training is shared; other verbs would do the same work several times.
void require_one_process(const std::string& verb) {
  const std::uint32_t size = sheaf::train::place_in_mpirun().size;
  if (size == 1 || verb == "train") return;
  throw sheaf::base::UsageError(
      {.place = "mpirun",
       .what = "processes of sheaf " + verb,
       .got = std::to_string(size),
       .expected = "one",
       .hint = "only sheaf train shares its work; start the others without mpirun"});
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
  sheaf::cli::add_explore(app);
  sheaf::cli::add_noc(app);
  sheaf::cli::add_adc(app);
  sheaf::cli::add_study(app);
  if (argc > 1 && argv[1][0] != '-') require_one_process(argv[1]);
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
    print_fault(fmt::format("{}: {}", error.kind(), error.what()));
    return error.exit_code();
  } catch (const std::system_error& error) {  // fmt::print
    fmt::print(stderr, "sheaf: IoError: [standard output] {}\n", error.what());
    return kInputOutput;
  } catch (const std::bad_alloc&) {
    print_fault("ResourceError: out of memory");
    return kMemory;
  } catch (const std::exception& error) {
    print_fault(fmt::format("InternalError: {}", error.what()));
    return kInternal;
  }
}
