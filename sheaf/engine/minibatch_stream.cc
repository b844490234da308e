// SPDX-License-Identifier: Apache-2.0
#include "sheaf/engine/minibatch_stream.h"

#include <array>
#include <optional>
#include <utility>

#include "sheaf/base/background.h"

namespace sheaf::engine {
namespace {

// Builds the graphs of minibatches in order, the next one ahead if asked to.
class Builder {
 public:
  Builder(const nn::Model& model, std::span<const nn::Instance> instances, const Order& order,
          const StreamOptions& options)
      : model_(model), instances_(instances), order_(order), profile_(options.profile) {
    graphs_.emplace_back(model.network());
    if (!options.build_ahead || order.minibatches() < 2) return;
    graphs_.emplace_back(model.network());
    helper_.emplace();
  }

  // The graph of minibatch `m`, which follows the one that was taken last; that one's is gone.
  graph::Graph& take(std::size_t m) {
    const bool ahead = helper_ && m > 0;
    if (ahead) {
      helper_->wait();
    } else {
      build(m);
    }
    if (profile_ != nullptr) profile_->begin_minibatch(static_cast<std::uint32_t>(m));
    const Built& built = built_[m % 2];
    if (profile_ != nullptr) {
      profile_->add_stage(runtime::Stage::construct, built.begin_ns, built.end_ns, ahead);
    }
    if (helper_ && m + 1 < order_.minibatches()) {
      helper_->start([this, m] { build(m + 1); });
    }
    return graphs_[m % graphs_.size()];
  }

 private:
  struct Built {
    std::uint64_t begin_ns = 0;
    std::uint64_t end_ns = 0;
  };

  void build(std::size_t m) {
    const auto now = [this] { return profile_ == nullptr ? 0 : profile_->now_ns(); };
    built_[m % 2].begin_ns = now();
    build_graph(model_, instances_, order_.minibatch(m), graphs_[m % graphs_.size()]);
    built_[m % 2].end_ns = now();
  }

  const nn::Model& model_;
  std::span<const nn::Instance> instances_;
  const Order& order_;
  runtime::Profile* profile_;
  std::vector<graph::Graph> graphs_;
  std::array<Built, 2> built_;
  std::optional<base::Background> helper_;  // last: it ends before the graphs go
};

// Reads the outputs of a minibatch that has run, instance by instance.
class Reader {
 public:
  Reader(const nn::Model& model, const Session& session) : model_(model), session_(session) {}

  void read(const graph::Graph& graph, std::span<const std::uint32_t> indices,
            const OutputSink& sink) {
    const auto outputs = graph.outputs();
    const auto decoded = graph.decoded();
    std::size_t output = 0;
    std::size_t row = 0;
    // A model appends an instance as a whole, so that its marks follow each other.
    const auto is_of = [&](std::span<const graph::Operand> marks, std::size_t at,
                           std::uint32_t index) {
      return at < marks.size() && graph.instance(marks[at].node) == index;
    };
    for (const std::uint32_t index : indices) {
      InstanceOutputs instance;
      for (; is_of(outputs, output, index); ++output) {
        const auto values = session_.read(outputs[output]);
        instance.rows.emplace_back(values.begin(), values.end());
      }
      rows_.clear();
      for (; is_of(decoded, row, index); ++row) rows_.push_back(session_.read(decoded[row]));
      instance.labels = model_.decode(rows_);
      sink(index, std::move(instance));
    }
  }

 private:
  const nn::Model& model_;
  const Session& session_;
  std::vector<std::span<const float>> rows_;
};

// Records a session as long as it lives.
class Recording {
 public:
  Recording(Session& session, runtime::Profile* profile) : session_(session) {
    session_.record(profile);
  }
  ~Recording() { session_.record(nullptr); }
  Recording(const Recording&) = delete;
  Recording& operator=(const Recording&) = delete;

 private:
  Session& session_;
};

}  // namespace

void run_minibatches(const nn::Model& model, std::span<const nn::Instance> instances,
                     const Order& order, Session& session, const StreamOptions& options,
                     const OutputSink& sink) {
  const Recording recording(session, options.profile);
  Builder builder(model, instances, order, options);
  Reader reader(model, session);
  std::size_t done = 0;
  for (std::size_t m = 0; m < order.minibatches(); ++m) {
    const runtime::StageTimer minibatch(options.profile, runtime::Stage::minibatch);
    graph::Graph& graph = builder.take(m);
    session.begin();
    session.step(graph);
    const auto indices = order.minibatch(m);
    {
      const runtime::StageTimer timer(options.profile, runtime::Stage::read);
      reader.read(graph, indices, sink);
    }
    done += indices.size();
    if (options.progress) options.progress(done);
  }
}

void InOrder::put(std::uint32_t index, InstanceOutputs outputs) {
  if (index != wanted_) {
    early_.emplace(index, std::move(outputs));
    return;
  }
  next_(wanted_++, std::move(outputs));
  for (auto it = early_.begin(); it != early_.end() && it->first == wanted_;) {
    next_(wanted_++, std::move(it->second));
    it = early_.erase(it);
  }
}

}  // namespace sheaf::engine
