// SPDX-License-Identifier: Apache-2.0
#include "tests/cli/tool.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

#include <cstdlib>

extern char** environ;

namespace sheaf::test {

Result run_program_into(const std::string& output, const std::string& program,
                        const Arguments& arguments, const std::string& input) {
  const TempFolder folder;
  const std::string in = folder.write("in", input);
  const std::string err = folder.path("err");
  std::vector<char*> argv = {const_cast<char*>(program.c_str())};
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);

  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  const int create = O_WRONLY | O_CREAT | O_TRUNC;
  posix_spawn_file_actions_addopen(&files, 0, in.c_str(), O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&files, 1, output.c_str(), create, 0600);
  posix_spawn_file_actions_addopen(&files, 2, err.c_str(), create, 0600);
  pid_t child = 0;
  const int failed = posix_spawn(&child, program.c_str(), &files, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  if (failed != 0) return {127, {}, "cannot run " + program};
  int status = 0;
  waitpid(child, &status, 0);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), {}, bytes_of(err)};
}

Result run_program(const std::string& program, const Arguments& arguments,
                   const std::string& input) {
  const TempFolder folder;
  Result result = run_program_into(folder.path("out"), program, arguments, input);
  result.out = bytes_of(folder.path("out"));
  return result;
}

Result sheaf(const Arguments& arguments, const std::string& input) {
  return run_program(SHEAF_TOOL, arguments, input);
}

std::string sheaf_output(const Arguments& arguments, const std::string& input) {
  const Result result = sheaf(arguments, input);
  EXPECT_EQ(result.exit_code, 0) << testing::PrintToString(arguments);
  EXPECT_EQ(result.err, "") << testing::PrintToString(arguments);
  return result.out;
}

Arguments operator+(Arguments a, const Arguments& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

std::string digest_of_run(const Arguments& arguments) {
  const std::string out = sheaf_output(Arguments{"run"} + arguments);
  const std::string digest = out.substr(0, out.find(' '));
  EXPECT_EQ(digest.size(), 64U) << out;
  return digest;
}

nlohmann::json bench(const Arguments& arguments) {
  return nlohmann::json::parse(
      sheaf_output(Arguments{"bench", "--json", "--repeat", "1"} + arguments));
}

nlohmann::json json_of(const std::string& path) { return nlohmann::json::parse(bytes_of(path)); }

std::string shared_data(const std::string& name) {
  const char* folder = std::getenv("SHEAF_DATA");
  if (folder == nullptr) return {};
  const std::string path = std::string(folder) + "/" + name;
  return std::filesystem::exists(path) ? path : std::string();
}

bool has_jieba() {
  return std::filesystem::exists("/usr/lib/python3/dist-packages/jieba/lac_small");
}

void Cli::expect_refusal(const Arguments& arguments, int exit_code,
                         const std::string& message) const {
  const Result result = sheaf(arguments);
  std::string err = result.err;
  for (std::size_t at = 0; (at = err.find(folder_.path(), at)) != std::string::npos;) {
    err.replace(at, folder_.path().size(), "D");
  }
  EXPECT_EQ(result.exit_code, exit_code) << testing::PrintToString(arguments);
  EXPECT_EQ(err, "sheaf: " + message + "\n") << testing::PrintToString(arguments);
  EXPECT_EQ(result.out, "") << testing::PrintToString(arguments);
}

}  // namespace sheaf::test
