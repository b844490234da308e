// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "sheaf/graph/graph.h"
#include "sheaf/graph/network.h"
#include "sheaf/nn/tag_chain.h"

namespace sheaf::nn {

// The negative log-likelihood of a tag sequence under a linear-chain conditional random field
// (Lafferty, McCallum and Pereira, ICML 2001): log Z - score(gold), where
//
//   score(y) = start[y_1] + sum_t emission_t[y_t] + sum_t transitions[y_t][y_{t-1}] + stop[y_n]
//
// and Z sums exp(score) over all sequences, by the forward algorithm. Emissions may be scores or
// log-probabilities: what is added to all tags of a position cancels. All of it is nodes of
// ordinary cells, whose gradients follow; nn::best_sequence() finds the best sequence.
//
// Parameters, of T tags: NAME.start and NAME.stop [1 x T], NAME.transitions [1 x T^2], row by row,
// a row per tag that is gone to.
class CrfLoss {
 public:
  // Adds the types of the loss to `network`.
  CrfLoss(graph::Network& network, const std::string& name, std::uint32_t tags);

  // Appends the loss of one sequence, of at least one position: ports with one row of T emissions,
  // and the gold tags, which must be as many. The graph's instance must be that of the emissions.
  void append(graph::Graph& graph, std::span<const graph::Operand> emissions,
              std::span<const std::uint32_t> tags) const;

  // The types whose outputs are to be summed: autodiff::Differentiation's losses.
  [[nodiscard]] std::vector<graph::TypeId> losses() const;

 private:
  std::uint32_t tags_;
  graph::TypeId first_;          // alpha_1
  graph::TypeId step_;           // alpha_t of alpha_{t-1}
  graph::TypeId log_partition_;  // log Z, a loss
  graph::TypeId gold_start_;     // minus the scores of the gold sequence, losses
  graph::TypeId gold_emission_;
  graph::TypeId gold_transition_;
  graph::TypeId gold_stop_;
};

// Declares the parameters of a field called `name`, which a model has whether it is trained or not.
void declare_crf(graph::ParameterStore& parameters, const std::string& name, std::uint32_t tags);

// The chain of these parameters as they are now.
[[nodiscard]] TagChain crf_chain(const graph::ParameterStore& parameters, const std::string& name);

}  // namespace sheaf::nn
