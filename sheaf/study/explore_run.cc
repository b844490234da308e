// SPDX-License-Identifier: Apache-2.0
#include "sheaf/study/explore_run.h"

#include <algorithm>
#include <optional>
#include <span>
#include <vector>

#include "sheaf/io/file_writer.h"

namespace sheaf::study {
namespace {

// Designs between two appends: what a run that is stopped may lose.
constexpr std::size_t kDesignsPerAppend = 512;

std::vector<std::uint64_t> missing(std::uint64_t designs, Shard shard,
                                   std::span<const DesignResult> sorted) {
  std::vector<std::uint64_t> rest;
  std::size_t at = 0;
  for (std::uint64_t design = shard.index - 1; design < designs; design += shard.of) {
    while (at < sorted.size() && sorted[at].design < design) ++at;
    if (at == sorted.size() || sorted[at].design != design) rest.push_back(design);
  }
  return rest;
}

}  // namespace

Results explore(const ExploreOptions& options) {
  const Explorer explorer(read_space(options.space, options.limit));
  base::ThreadPool pool(options.threads);
  Results results;
  results.space = explorer.space();
  results.digest = explorer.digest();
  std::optional<ResultsFile> file;
  if (!options.out.empty()) {
    file.emplace(options.out, explorer);
    results.designs = file->before();
  }
  const std::size_t before = results.designs.size();
  const std::vector<std::uint64_t> rest =
      missing(explorer.space().designs(), options.shard, results.designs);
  for (std::size_t at = 0; at < rest.size(); at += kDesignsPerAppend) {
    const std::size_t count = std::min(kDesignsPerAppend, rest.size() - at);
    const auto some = explorer.evaluate(std::span(rest).subspan(at, count), pool);
    if (file) file->append(some);
    results.designs.insert(results.designs.end(), some.begin(), some.end());
    if (options.progress) options.progress(at + count, rest.size());
  }
  // Designs that a file lacked in its middle would stand at its end.
  const bool in_order =
      before == 0 || rest.empty() || results.designs[before - 1].design < rest.front();
  std::stable_sort(
      results.designs.begin(), results.designs.end(),
      [](const DesignResult& a, const DesignResult& b) { return a.design < b.design; });
  if (file && !in_order) write_results(results, options.out);
  return results;
}

void write_results(const Results& results, const std::string& path) {
  io::FileWriter file(path);
  file.append(header_line(results.space, results.digest));
  for (const DesignResult& result : results.designs) {
    file.append(result_line(results.space, result));
  }
  file.commit();
}

}  // namespace sheaf::study
