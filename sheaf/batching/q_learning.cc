// SPDX-License-Identifier: Apache-2.0
#include "sheaf/batching/q_learning.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "sheaf/base/rng.h"
#include "sheaf/batching/critical_heights.h"
#include "sheaf/batching/distil.h"
#include "sheaf/batching/frontier_ratio.h"
#include "sheaf/batching/policy.h"

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

  // Takes over what a table knows.
  void load(const FsmTable& table) {
    for (const auto& [key, state] : table.states) {
      const std::uint32_t i = index(key);
      for (const ActionValue& action : state.tried) {
        value(i, action.type) = action.value;
        set_tried(i, action.type);
      }
    }
  }

  // The best action of every state in which each ready type was tried. Of the others too little is
  // known: an untried action still has its initial value 0, the highest that there is, and a lone
  // tried one says nothing of its rivals.
  [[nodiscard]] std::unordered_map<StateKey, FsmState> greedy() const {
    std::unordered_map<StateKey, FsmState> states;
    for (const auto& [key, state] : index_) {
      FsmState best{0, -std::numeric_limits<float>::infinity()};
      bool known = true;
      for (const char16_t type : key) {
        if (type >= kPhaseSymbol) continue;
        const std::size_t i = state * types_ + type;
        known = known && tried_[i] != 0;
        best.tried.push_back({type, values_[i]});
        if (values_[i] > best.value || (values_[i] == best.value && type < best.action)) {
          best.action = type;
          best.value = values_[i];
        }
      }
      if (!known) continue;
      // The encoding `max` names one type twice.
      std::sort(best.tried.begin(), best.tried.end(),
                [](const ActionValue& a, const ActionValue& b) { return a.type < b.type; });
      best.tried.erase(std::unique(best.tried.begin(), best.tried.end()), best.tried.end());
      states[key] = std::move(best);
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
      : dependencies_(dependencies),
        options_(options),
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

  void load(const FsmTable& table) { q_.load(table); }

  // Batches that `table` needs; where it does not know the state, it falls back as FsmPolicy does.
  std::uint32_t evaluate(const FsmTable& table) {
    frontier_ = first_frontier_;
    std::optional<CriticalHeights> heights;
    std::uint32_t batches = 0;
    for (; !frontier_.empty(); ++batches) {
      encode_state(options_.encoding, frontier_, key_);
      std::optional<graph::TypeId> type = table.action(key_);
      if (!type || frontier_.count(*type) == 0) {
        if (!heights) heights.emplace(dependencies_, frontier_);
        type = heights->best(frontier_);
      }
      const auto batch = frontier_.run(*type);
      if (heights) heights->ran(*type, batch, frontier_);
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

  const Dependencies& dependencies_;
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

// Keeps the best table so far.
class Contest {
 public:
  Contest(Learner& learner, FsmTable like, std::uint32_t most_states)
      : learner_(learner), like_(std::move(like)), most_states_(most_states) {
    best_.table = like_;
    best_.batches = std::numeric_limits<std::uint32_t>::max();
  }

  void enter(std::unordered_map<StateKey, FsmState> states) {
    if (states.size() > most_states_) return;
    const std::size_t size = states.size();
    offer(std::move(states), "", size, false);
  }

  // Where a teacher's table says nothing, it takes what Q-learning found, unless that makes it
  // worse: states that this minibatch does not lead to, but others may.
  void enter_teacher(std::unordered_map<StateKey, FsmState> states, const std::string& teacher,
                     const std::unordered_map<StateKey, FsmState>& learned) {
    if (states.size() > most_states_) return;
    const std::size_t size = states.size();
    const bool simple = size * 2 <= best_size_;
    std::unordered_map<StateKey, FsmState> all = learned;
    for (const auto& [key, state] : states) all[key] = state;
    if (all.size() <= most_states_ && batches_of(all) <= batches_of(states)) {
      states = std::move(all);
    }
    offer(std::move(states), teacher, size, simple);
  }
  Learned& best() { return best_; }

 private:
  [[nodiscard]] std::uint32_t batches_of(const std::unordered_map<StateKey, FsmState>& states) {
    FsmTable table = like_;
    table.states = states;
    return learner_.evaluate(table);
  }

  // `size`: states before they were completed. `simple`: preferred where it is as good.
  void offer(std::unordered_map<StateKey, FsmState> states, const std::string& teacher,
             std::size_t size, bool simple) {
    const std::uint32_t batches = batches_of(states);
    if (batches > best_.batches || (batches == best_.batches && !simple)) return;
    best_.table = like_;
    best_.table.states = std::move(states);
    best_.batches = batches;
    best_.teacher = teacher;
    best_size_ = size;
  }

  Learner& learner_;
  FsmTable like_;
  std::uint32_t most_states_;
  Learned best_;
  std::size_t best_size_ = 0;
};

}  // namespace

Learned learn_fsm(const Dependencies& dependencies, std::span<const std::string> type_names,
                  const QLearningOptions& options, const FsmTable* start) {
  Learner learner(dependencies, options);
  FsmTable like{.encoding = options.encoding,
                .type_names = {type_names.begin(), type_names.end()},
                .states = {}};
  Contest contest(learner, std::move(like), options.most_states);
  if (start != nullptr) {
    learner.load(*start);
    contest.enter(start->states);
  }
  const std::uint32_t bound = lower_bound(dependencies);
  const float enough = options.accept * static_cast<float>(bound);
  float epsilon = options.epsilon;
  std::uint32_t trials = 0;
  while (trials < options.trials) {
    learner.trial(epsilon);
    epsilon = std::max(options.epsilon_min, epsilon * options.epsilon_decay);
    ++trials;
    if (trials % options.check_every != 0 && trials != options.trials) continue;
    contest.enter(learner.greedy());
    if (static_cast<float>(contest.best().batches) < enough) break;
  }
  const auto known = learner.greedy();
  for (const std::string& teacher : options.teachers) {
    Schedule schedule;
    make_policy(teacher)->plan(dependencies, schedule);
    contest.enter_teacher(distil(dependencies, schedule, options.encoding), teacher, known);
  }
  Learned learned = std::move(contest.best());
  // Every table was too large: one without states, which falls back throughout.
  if (learned.table.states.empty()) learned.batches = learner.evaluate(learned.table);
  learned.trials = trials;
  learned.lower_bound = bound;
  return learned;
}

}  // namespace sheaf::batching
