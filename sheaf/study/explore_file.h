// SPDX-License-Identifier: Apache-2.0
//
// Results of an exploration as lines of JSON: a header that says what space it is of, then a line
// per design. Lines are appended as they are made; a run that was stopped goes on after them.
#pragma once

#include <cstdint>
#include <fstream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sheaf/study/explore.h"

namespace sheaf::study {

struct Results {
  ExploreSpace space;  // axes without places, and what the space's file says of objectives
  std::string digest;
  std::vector<DesignResult> designs;
  // Bytes of whole lines; what follows was cut off when a run was stopped.
  std::uint64_t whole_bytes = 0;
};

// Throws DataError at file:line for what is no such file, has numbers that are none of the space's,
// or a design twice. A last line that is not complete is left out.
[[nodiscard]] Results parse_results(std::string_view text, const std::string& file);

// One of many files of the same space, sorted by design. Throws DataError where spaces differ, or
// two files say different things of a design.
[[nodiscard]] Results merge_results(std::span<const std::string> files);

[[nodiscard]] std::string header_line(const ExploreSpace& space, const std::string& digest);
[[nodiscard]] nlohmann::ordered_json result_json(const ExploreSpace& space,
                                                 const DesignResult& result);
[[nodiscard]] std::string result_line(const ExploreSpace& space, const DesignResult& result);

// Appends to a file, which it begins with a header if there is none.
class ResultsFile {
 public:
  // Reads what is there, and cuts off a last line that is not complete. Throws DataError when the
  // file is of another space, IoError.
  ResultsFile(std::string path, const Explorer& explorer);

  [[nodiscard]] const std::vector<DesignResult>& before() const { return before_; }
  void append(std::span<const DesignResult> results);

 private:
  std::string path_;
  const ExploreSpace& space_;
  std::vector<DesignResult> before_;
  std::ofstream out_;
};

}  // namespace sheaf::study
