// SPDX-License-Identifier: Apache-2.0
#include "apps/cli/progress.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <utility>

namespace sheaf::cli {
namespace {

constexpr std::uint64_t kBeforeFirst = 1'000'000'000;
constexpr std::uint64_t kBetween = 100'000'000;

std::size_t terminal_columns() {
  winsize size{};
  const bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col - 1U : 79U;
}

}  // namespace

std::string progress_line(const std::string& what, std::size_t done, std::size_t total,
                          double elapsed_s, std::size_t columns) {
  const double share = static_cast<double>(done) / static_cast<double>(total);
  std::string text = fmt::format(" {} of {} {}", done, total, what);
  if (done > 0) {
    const double left = elapsed_s * (1 - share) / share;
    text += left < 90 ? fmt::format(", {:.0f} s left", left)
                      : fmt::format(", {:.0f} min left", left / 60);
  }
  constexpr std::size_t kMost = 40;
  constexpr std::size_t kLeast = 8;
  if (columns >= text.size() + kLeast + 2) {
    const std::size_t cells = std::min(columns - text.size() - 2, kMost);
    const auto full = static_cast<std::size_t>(share * static_cast<double>(cells));
    text = "[" + std::string(full, '=') + std::string(full < cells ? 1 : 0, '>') +
           std::string(cells - full - (full < cells ? 1 : 0), ' ') + "]" + text;
  }
  return text.substr(0, columns);
}

ProgressBar::ProgressBar(std::string what, std::size_t total)
    : what_(std::move(what)),
      total_(total),
      terminal_(total > 0 && isatty(STDERR_FILENO) == 1),
      began_ns_(clock_.now_ns()),
      next_ns_(began_ns_ + kBeforeFirst) {}

void ProgressBar::show(std::size_t done, const std::function<std::string()>& note) {
  if (!terminal_) return;
  const std::uint64_t now = clock_.now_ns();
  if (now < next_ns_) return;
  next_ns_ = now + kBetween;
  const double elapsed_s = static_cast<double>(now - began_ns_) * 1e-9;
  fmt::print(stderr, "\r\033[K{}",
             progress_line(note ? what_ + ", " + note() : what_, std::min(done, total_), total_,
                           elapsed_s, terminal_columns()));
  std::fflush(stderr);
  drawn_ = true;
}

void ProgressBar::clear() {
  if (!drawn_) return;
  drawn_ = false;
  std::fputs("\r\033[K", stderr);
  std::fflush(stderr);
}

}  // namespace sheaf::cli
