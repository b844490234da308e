// SPDX-License-Identifier: Apache-2.0
//
// Graphs that look at their values: parsers, decoders and beam search go on building where a value
// led them. Each instance is a coroutine (growth.h); all that wait are run together, as one segment
// of one graph:
//
//   Growth decode(Growing& growing, const Model& model, std::uint32_t word, Words& words) {
//     graph::Operand state = ...
//     while (word != kEnd) {
//       state = {growing.graph().add(model.step, {state}, word)};
//       const graph::Operand head = {growing.graph().add(model.head, {state})};
//       word = argmax(co_await growing.values(head));
//       words.push_back(word);
//     }
//   }
//
// (GCC 12 takes no list of initialisers, such as that of add(), in an expression that awaits.)
//
// What an instance reads does not depend on who else waits (batch invariance): instances one by one
// give the same bits as all together.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "sheaf/engine/compile.h"
#include "sheaf/engine/frame_pool.h"
#include "sheaf/engine/growth.h"

namespace sheaf::engine {

struct GrowingOptions {
  // Instances that are begun and have not ended; the next ones begin as soon as `refill` of these
  // places are free, or, with 0, half of them: what several do first, such as to read their
  // input, then runs in batches, too.
  std::uint32_t most_alive = 64;
  std::uint32_t refill = 0;
  // All values stay in memory until no instance is alive, when the graph is cleared. To come to
  // that none begins while the values take more than so many bytes. What those that are alive
  // still add comes on top.
  std::uint64_t most_bytes = std::uint64_t{64} << 20U;
};

// What a run did.
struct GrowingReport {
  std::uint32_t instances = 0;
  std::uint64_t steps = 0;           // of the session: how often values were waited for, together
  std::uint64_t batches = 0;         // of cells
  std::uint32_t clears = 0;          // of the graph
  std::uint32_t most_alive = 0;      // that there were
  std::uint64_t most_bytes = 0;      // that values took
  std::vector<std::uint64_t> calls;  // by type: nodes that ran
};

// Owns the session and the graph in which instances grow. For one thread.
class Growing {
 public:
  // `network` must outlive it. `session.keep` does not matter: everything is kept. Throws
  // UsageError for most_alive of 0, or a larger `refill`, and what compile() throws.
  explicit Growing(const graph::Network& network, GrowingOptions options = {},
                   Options session = {});

  // Makes the coroutine of instance `index`; called in the order of the instances.
  using Start = std::function<Growth(std::uint32_t index)>;

  // Runs instances 0, 1, ..., count - 1 to their ends. What one of them throws ends the run: the
  // others are destroyed, and it is thrown on; so is what Session::step() throws.
  GrowingReport run(std::uint32_t count, const Start& start);

  // ---- for the coroutines

  // Where to add nodes: they belong to the instance that does.
  [[nodiscard]] graph::Graph& graph() { return graph_; }

  // To be awaited: one row of `operand`, which is in the graph; without padding, and valid until
  // the coroutine waits again. Everything that was added before is computed, too.
  [[nodiscard]] AwaitedValues values(graph::Operand operand) const;
  // A value that has been computed; valid as long.
  [[nodiscard]] std::span<const float> read(graph::Operand operand) const;
  [[nodiscard]] bool has_run(graph::NodeId node) const { return node < done_; }

  [[nodiscard]] FramePool& frames() { return frames_; }
  [[nodiscard]] Session& session() { return *session_; }

 private:
  struct Alive {
    std::uint32_t index;
    Growth growth;
  };

  void begin_instances(std::uint32_t count, const Start& start, GrowingReport& report);
  void step(GrowingReport& report);
  void resume_all();
  void clear();
  void forget_all() noexcept;

  GrowingOptions options_;
  FramePool frames_;  // outlives the coroutines
  std::unique_ptr<Session> session_;
  graph::Graph graph_;
  graph::NodeId done_ = 0;  // nodes before it have run
  std::uint64_t bytes_ = 0;
  std::uint32_t next_ = 0;  // instance
  bool running_ = false;
  std::vector<Alive> alive_;
};

}  // namespace sheaf::engine
