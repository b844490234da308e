// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "sheaf/base/clock.h"

namespace sheaf::cli {

// "[=====>    ] 1234 of 5678 instances, 12 s left", at most `columns` wide; done <= total, total >
// 0.
[[nodiscard]] std::string progress_line(const std::string& what, std::size_t done,
                                        std::size_t total, double elapsed_s, std::size_t columns);

// A bar on standard error, where that is a terminal, for work that takes over a second. Nothing is
// written otherwise.
class ProgressBar {
 public:
  ProgressBar(std::string what, std::size_t total);
  ~ProgressBar() { clear(); }
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  // `done` of the total is done. Draws some ten times a second; `note` goes behind `what`, and is
  // made only when it is drawn.
  void show(std::size_t done, const std::function<std::string()>& note = nullptr);
  // Takes the bar away.
  void clear();

 private:
  const base::WallClock clock_;
  std::string what_;
  std::size_t total_;
  bool terminal_;
  bool drawn_ = false;
  std::uint64_t began_ns_;
  std::uint64_t next_ns_;
};

}  // namespace sheaf::cli
