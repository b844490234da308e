// SPDX-License-Identifier: Apache-2.0
#include "sheaf/report/trace.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

namespace sheaf::report {
namespace {

constexpr int kMainThread = 1;
constexpr int kHelperThread = 2;
constexpr std::size_t kPiece = std::size_t{1} << 16U;

std::string json_text(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

class Writer {
 public:
  explicit Writer(const std::function<void(std::string_view)>& write) : write_(write) {}

  void write(std::span<const TraceLane> lanes) {
    start_ns_ = std::numeric_limits<std::uint64_t>::max();
    std::uint64_t dropped = 0;
    for (const TraceLane& lane : lanes) {
      for (const auto& slice : lane.profile->stages())
        start_ns_ = std::min(start_ns_, slice.begin_ns);
      for (const auto& slice : lane.profile->batches())
        start_ns_ = std::min(start_ns_, slice.begin_ns);
      dropped += lane.profile->dropped();
    }
    add("{{\"displayTimeUnit\":\"ns\",\"otherData\":{{\"dropped_slices\":{}}},\"traceEvents\":[",
        dropped);
    for (std::size_t i = 0; i < lanes.size(); ++i) lane(static_cast<int>(i) + 1, lanes[i]);
    text_ += "\n]}\n";
    write_(text_);
  }

 private:
  template <typename... Values>
  void add(fmt::format_string<Values...> format, Values&&... values) {
    fmt::format_to(std::back_inserter(text_), format, std::forward<Values>(values)...);
    if (text_.size() < kPiece) return;
    write_(text_);
    text_.clear();
  }

  // Begins an event; its remaining members follow.
  void begin_event() {
    text_ += first_ ? "\n" : ",\n";
    first_ = false;
  }

  [[nodiscard]] double us(std::uint64_t ns) const {
    return static_cast<double>(ns - start_ns_) * 1e-3;
  }

  void name(const char* what, int process, int thread, std::string_view name) {
    begin_event();
    add(R"({{"ph":"M","name":"{}","pid":{},"tid":{},"args":{{"name":{}}}}})", what, process, thread,
        json_text(name));
  }

  void lane(int process, const TraceLane& lane) {
    name("process_name", process, kMainThread, lane.name);
    name("thread_name", process, kMainThread, "minibatches");
    name("thread_name", process, kHelperThread, "built ahead");
    stages(process, lane.profile->stages());
    const graph::Network& network = lane.profile->network();
    std::vector<std::string> names;
    std::vector<std::uint64_t> flops;
    for (graph::TypeId type = 0; type < network.type_count(); ++type) {
      names.push_back(json_text(network.type(type).name));
      flops.push_back(network.encoded_flops(type));
    }
    for (const runtime::BatchSlice& slice : lane.profile->batches()) {
      const auto ns =
          static_cast<double>(std::max<std::uint64_t>(slice.end_ns - slice.begin_ns, 1));
      const std::uint64_t all_flops = flops[slice.type] * slice.rows;
      begin_event();
      add(R"({{"ph":"X","cat":"batch","name":{},"pid":{},"tid":{},"ts":{:.3f},"dur":{:.3f},)",
          names[slice.type], process, kMainThread, us(slice.begin_ns),
          static_cast<double>(slice.end_ns - slice.begin_ns) * 1e-3);
      add(R"("args":{{"cell":{},"rows":{},"gathered_bytes":{},"flops":{},"gflops_per_s":{:.2f}}}}})",
          json_text(network.type(slice.type).cell->name()), slice.rows, slice.gathered_bytes,
          all_flops, static_cast<double>(all_flops) / ns);
      counter(process, "ready nodes", "nodes", slice.begin_ns, slice.ready_nodes);
      counter(process, "live bytes", "bytes", slice.begin_ns, slice.live_bytes);
    }
  }

  void counter(int process, const char* name, const char* unit, std::uint64_t ns,
               std::uint64_t value) {
    begin_event();
    add(R"({{"ph":"C","name":"{}","pid":{},"tid":{},"ts":{:.3f},"args":{{"{}":{}}}}})", name,
        process, kMainThread, us(ns), unit, value);
  }

  // Viewers nest events of one time in the order in which they are given: what holds others first.
  void stages(int process, std::span<const runtime::StageSlice> slices) {
    std::vector<runtime::StageSlice> sorted(slices.begin(), slices.end());
    std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) {
      return std::pair(a.begin_ns, b.end_ns) < std::pair(b.begin_ns, a.end_ns);
    });
    for (const runtime::StageSlice& slice : sorted) {
      begin_event();
      add(R"({{"ph":"X","cat":"stage","name":"{}","pid":{},"tid":{},"ts":{:.3f},"dur":{:.3f},)",
          runtime::name(slice.stage), process, slice.ahead ? kHelperThread : kMainThread,
          us(slice.begin_ns), static_cast<double>(slice.end_ns - slice.begin_ns) * 1e-3);
      add(R"("args":{{"minibatch":{}}}}})", slice.minibatch);
    }
  }

  const std::function<void(std::string_view)>& write_;
  std::uint64_t start_ns_ = 0;
  std::string text_;
  bool first_ = true;
};

}  // namespace

void write_trace(std::span<const TraceLane> lanes,
                 const std::function<void(std::string_view)>& write) {
  Writer(write).write(lanes);
}

}  // namespace sheaf::report
