// SPDX-License-Identifier: Apache-2.0
#include "sheaf/batching/q_learning.h"

#include <algorithm>
#include <limits>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "sheaf/base/rng.h"
#include "sheaf/batching/frontier_ratio.h"

namespace sheaf::batching {
namespace {

// One row of Q values per state that was met, by dense index.
class QTable {
 public:
  explicit QTable(std::size_t types) : types_(types) {}

  std::uint32_t index(const StateKey& key) {
    const auto [it, fresh] = index_.try_emplace(key, static_cast<std::uint32_t>(index_.size()));
    if (fresh) {
      values_.resize(values_.size() + types_, 0.0F);
      tried_.resize(tried_.size() + types_, 0);
    }
    return it->second;
  }
  float& value(std::uint32_t state, graph::TypeId a) { return values_[state * types_ + a]; }
  void set_tried(std::uint32_t state, graph::TypeId a) { tried_[state * types_ + a] = 1; }

  // The best action of every state in which each ready type was tried. Of the others too little is
  // known: an untried action still has its initial value 0, the highest that there is, and a lone
  // tried one says nothing of its rivals.
  [[nodiscard]] std::unordered_map<StateKey, FsmState> greedy() const {
    std::unordered_map<StateKey, FsmState> states;
    for (const auto& [key, state] : index_) {
      FsmState best{0, -std::numeric_limits<float>::infinity()};
      bool known = true;
      for (const char16_t type : key) {
        const std::size_t i = state * types_ + type;
        known = known && tried_[i] != 0;
        if (values_[i] > best.value || (values_[i] == best.value && type < best.action)) {
          best = {type, values_[i]};
        }
      }
      if (known) states[key] = best;
    }
    return states;
  }

 private:
  std::size_t types_;
  std::unordered_map<StateKey, std::uint32_t> index_;
  std::vector<float> values_;
  std::vector<std::uint8_t> tried_;
};

struct Step {
  std::uint32_t state;
  graph::TypeId action;
  float reward;
  float best_value;  // max over the ready actions of Q(state, .), when the step was taken
};

class Learner {
 public:
  Learner(const Dependencies& dependencies, const QLearningOptions& options)
      : options_(options),
        first_frontier_(dependencies),
        first_ratio_(dependencies, first_frontier_),
        frontier_(first_frontier_),
        ratio_(first_ratio_),
        q_(dependencies.type_count()),
        rng_(options.seed, "q-learning") {}

  // One schedule from beginning to end with a share `epsilon` of random choices, learning on the
  // way.
  void trial(float epsilon) {
    begin();
    steps_.clear();
    while (!frontier_.empty()) {
      steps_.push_back(take_step(epsilon));
      if (steps_.size() > options_.steps) {
        update(steps_.size() - 1 - options_.steps, steps_.back().best_value);
      }
    }
    const std::size_t last = steps_.size() - std::min<std::size_t>(steps_.size(), options_.steps);
    for (std::size_t t = last; t < steps_.size(); ++t) update(t, 0);
  }

  [[nodiscard]] std::unordered_map<StateKey, FsmState> greedy() const { return q_.greedy(); }

  // What SufficientPolicy chooses in each state that it meets, states left out in which it does not
  // always choose the same: on the minibatch learned from, this table makes the very batches of
  // SufficientPolicy.
  std::unordered_map<StateKey, FsmState> distilled() {
    begin();
    std::unordered_map<StateKey, FsmState> states;
    std::unordered_set<StateKey> ambiguous;
    while (!frontier_.empty()) {
      encode_state(options_.encoding, frontier_, key_);
      const graph::TypeId type = ratio_.best(frontier_);
      const auto [it, fresh] = states.try_emplace(key_, FsmState{type, 0});
      if (it->second.action != type) ambiguous.insert(key_);
      ratio_.ran(type, frontier_.run(type));
    }
    for (const StateKey& key : ambiguous) states.erase(key);
    return states;
  }

  // Batches that `table` needs; where it does not know the state, the ratio decides.
  std::uint32_t evaluate(const FsmTable& table) {
    begin();
    std::uint32_t batches = 0;
    for (; !frontier_.empty(); ++batches) {
      encode_state(options_.encoding, frontier_, key_);
      const graph::TypeId type = table.action(key_).value_or(ratio_.best(frontier_));
      ratio_.ran(type, frontier_.run(type));
    }
    return batches;
  }

 private:
  Step take_step(float epsilon) {
    encode_state(options_.encoding, frontier_, key_);
    Step step{.state = q_.index(key_), .action = 0, .reward = 0, .best_value = 0};
    ready_.clear();
    for (std::size_t a = 0; a < frontier_.type_count(); ++a) {
      const auto type = static_cast<graph::TypeId>(a);
      if (frontier_.count(type) == 0) continue;
      const float value = q_.value(step.state, type);
      if (ready_.empty() || value > step.best_value) {
        step.action = type;
        step.best_value = value;
      }
      ready_.push_back(type);
    }
    if (rng_.uniform(0, 1) < epsilon) {
      step.action = ready_[rng_.below(static_cast<std::uint32_t>(ready_.size()))];
    }
    step.reward = -1 + options_.ratio_weight * ratio_.ratio(frontier_, step.action);
    ratio_.ran(step.action, frontier_.run(step.action));
    return step;
  }

  // Moves Q(S_t, A_t) towards the N-step return; `beyond` is the value of what comes after it.
  void update(std::size_t t, float beyond) {
    const std::size_t end = std::min(steps_.size(), t + options_.steps);
    float target = beyond;
    for (std::size_t i = end; i-- > t;) target = steps_[i].reward + options_.discount * target;
    float& value = q_.value(steps_[t].state, steps_[t].action);
    value += options_.learning_rate * (target - value);
    q_.set_tried(steps_[t].state, steps_[t].action);
  }

  void begin() {
    frontier_ = first_frontier_;
    ratio_ = first_ratio_;
  }

  QLearningOptions options_;
  const Frontier first_frontier_;
  const FrontierRatio first_ratio_;
  Frontier frontier_;
  FrontierRatio ratio_;
  QTable q_;
  base::Rng rng_;
  StateKey key_;
  std::vector<Step> steps_;
  std::vector<graph::TypeId> ready_;
};

}  // namespace

Learned learn_fsm(const Dependencies& dependencies, std::span<const std::string> type_names,
                  const QLearningOptions& options) {
  Learner learner(dependencies, options);
  Learned best;
  best.lower_bound = lower_bound(dependencies);
  best.batches = std::numeric_limits<std::uint32_t>::max();
  FsmTable now{.encoding = options.encoding,
               .type_names = {type_names.begin(), type_names.end()},
               .states = {}};
  best.table = now;
  const float enough = options.accept * static_cast<float>(best.lower_bound);
  float epsilon = options.epsilon;
  while (best.trials < options.trials) {
    learner.trial(epsilon);
    epsilon = std::max(options.epsilon_min, epsilon * options.epsilon_decay);
    ++best.trials;
    if (best.trials % options.check_every != 0 && best.trials != options.trials) continue;
    now.states = learner.greedy();
    const std::uint32_t batches = learner.evaluate(now);
    if (batches < best.batches) {
      best.batches = batches;
      best.table = now;
    }
    if (static_cast<float>(best.batches) < enough) break;
  }
  now.states = learner.distilled();
  const std::uint32_t batches = learner.evaluate(now);
  const bool simpler = batches == best.batches && now.states.size() * 2 <= best.table.states.size();
  if (batches < best.batches || simpler) {
    best.batches = batches;
    best.table = now;
    best.distilled = true;
  }
  return best;
}

}  // namespace sheaf::batching
