// SPDX-License-Identifier: Apache-2.0
#include "sheaf/runtime/executor.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "sheaf/base/error.h"
#include "tests/message_of.h"

namespace sheaf::runtime {
namespace {

// Computes nothing: writes down what it is asked to do.
class RecordingBackend final : public Backend {
 public:
  [[nodiscard]] std::string_view name() const override { return "recorder"; }
  [[nodiscard]] Support supports(const memory_plan::CompiledCell& cell) const override {
    if (cell.name != refused) return {};
    return {.ok = false, .reason = "no room for it"};
  }
  void prepare(const graph::Network& /*network*/,
               const memory_plan::CompiledNetwork& /*compiled*/) override {}
  void reserve(memory_plan::Offset floats) override {
    calls.push_back("reserve " + std::to_string(floats));
  }
  void run(const memory_plan::MemoryPlan& plan,
           const memory_plan::BatchPlan& batch) noexcept override {
    calls.push_back("run " + std::to_string(&batch - plan.batches.data()) + " of type " +
                    std::to_string(batch.type));
  }
  [[nodiscard]] std::span<const float> read(memory_plan::Offset /*offset*/,
                                            std::size_t /*floats*/) const override {
    return {};
  }

  std::string refused;
  std::vector<std::string> calls;
};

using Calls = std::vector<std::string>;

memory_plan::CompiledNetwork network_of(std::initializer_list<const char*> cells) {
  memory_plan::CompiledNetwork network;
  for (const char* name : cells) {
    auto cell = std::make_shared<memory_plan::CompiledCell>();
    cell->name = name;
    network.types.push_back({cell, {}});
  }
  return network;
}

memory_plan::MemoryPlan plan_of(std::initializer_list<graph::TypeId> types) {
  memory_plan::MemoryPlan plan;
  for (const graph::TypeId type : types) plan.batches.push_back({type, 1, 0, 0, 0});
  plan.arena_floats = 160;
  return plan;
}

TEST(RequireSupport, AcceptsCellsThatTheBackendCanRun) {
  const RecordingBackend backend;
  EXPECT_NO_THROW(require_support(backend, network_of({"leaf", "node"})));
}

TEST(RequireSupport, NamesCellBackendAndReason) {
  RecordingBackend backend;
  backend.refused = "node";
  EXPECT_EQ(test::message_of<base::UnsupportedError>([&] {
              require_support(backend, network_of({"leaf", "node"}));
            }),
            "[cell node] backend recorder: got no room for it");
}

TEST(Execute, ReservesAndThenRunsBatchesInOrder) {
  RecordingBackend backend;
  execute(plan_of({2, 0, 2}), 0, backend);
  EXPECT_EQ(backend.calls,
            (Calls{"reserve 160", "run 0 of type 2", "run 1 of type 0", "run 2 of type 2"}));
}

TEST(Execute, LeavesOutTheBatchesOfEarlierSegments) {
  RecordingBackend backend;
  execute(plan_of({2, 0, 1}), 2, backend);
  EXPECT_EQ(backend.calls, (Calls{"reserve 160", "run 2 of type 1"}));
}

TEST(Execute, RunsNothingOfASegmentWithoutBatches) {
  RecordingBackend backend;
  execute(plan_of({2, 0}), 2, backend);
  EXPECT_EQ(backend.calls, (Calls{"reserve 160"}));
}

}  // namespace
}  // namespace sheaf::runtime
