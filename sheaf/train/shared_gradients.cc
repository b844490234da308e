// SPDX-License-Identifier: Apache-2.0
#include "sheaf/train/shared_gradients.h"

#include <bit>
#include <cstring>

#include "sheaf/base/error.h"

namespace sheaf::train {
namespace {

// What a rank tells its partner before the numbers themselves.
struct Header {
  double loss;
  std::uint64_t terms;
  double weight;
};

// Everything that one rank has, as bytes: for each parameter the number of its touched rows, then
// the rows, their values, and the dense gradient.
class Message {
 public:
  void add(const void* data, std::size_t bytes) {
    const std::size_t at = bytes_.size();
    bytes_.resize(at + bytes);
    if (bytes > 0) std::memcpy(bytes_.data() + at, data, bytes);
  }
  // So many are left.
  void require(std::uint64_t bytes) const {
    base::check(bytes <= bytes_.size() - at_, "gradients", "ranks have different parameters");
  }
  void take(void* data, std::size_t bytes) {
    require(bytes);
    if (bytes > 0) std::memcpy(data, bytes_.data() + at_, bytes);
    at_ += bytes;
  }
  [[nodiscard]] std::vector<std::byte>& bytes() { return bytes_; }

 private:
  std::vector<std::byte> bytes_;
  std::size_t at_ = 0;
};

void add_floats(Message& message, std::span<const float> values) {
  message.add(values.data(), values.size_bytes());
}

Message write(const StepLoss& loss, const graph::Gradients& gradients) {
  Message message;
  const Header header{loss.loss, loss.terms, loss.weight};
  message.add(&header, sizeof header);
  for (const graph::ParameterGradient& gradient : gradients) {
    const std::uint64_t counts[] = {gradient.rows.size(), gradient.dense.values().size()};
    message.add(counts, sizeof counts);
    message.add(gradient.rows.data(), gradient.rows.size() * sizeof(std::uint32_t));
    add_floats(message, gradient.row_values.values());
    add_floats(message, gradient.dense.values());
  }
  return message;
}

// The rows of both, ascending; a row that both have is the sum.
void join_rows(graph::ParameterGradient& to, std::span<const std::uint32_t> rows,
               std::span<const float> values, std::uint32_t width) {
  std::vector<std::uint32_t> joined;
  std::vector<float> sums;
  std::size_t a = 0;
  std::size_t b = 0;
  const auto mine = to.row_values.values();
  while (a < to.rows.size() || b < rows.size()) {
    const bool has_a = b == rows.size() || (a < to.rows.size() && to.rows[a] <= rows[b]);
    const bool has_b = a == to.rows.size() || (b < rows.size() && rows[b] <= to.rows[a]);
    joined.push_back(has_a ? to.rows[a] : rows[b]);
    for (std::uint32_t j = 0; j < width; ++j) {
      const float of_b = has_b ? values[b * width + j] : 0;
      const float of_a = has_a ? mine[a * width + j] : 0;
      sums.push_back(has_a && has_b ? of_a + of_b : has_a ? of_a : of_b);
    }
    a += has_a ? 1 : 0;
    b += has_b ? 1 : 0;
  }
  to.rows = std::move(joined);
  to.row_values = tensor::Tensor({static_cast<std::uint32_t>(to.rows.size()), width});
  std::copy(sums.begin(), sums.end(), to.row_values.values().begin());
}

void add_message(Message& from, StepLoss& loss, graph::Gradients& gradients) {
  Header header{};
  from.take(&header, sizeof header);
  loss.loss += header.loss;
  loss.terms += header.terms;
  loss.weight += header.weight;
  for (graph::ParameterGradient& gradient : gradients) {
    std::uint64_t counts[2];
    from.take(counts, sizeof counts);
    const std::uint32_t width = gradient.row_values.shape().cols;
    base::check(width > 0 || counts[0] == 0, "gradients", "ranks have different parameters");
    from.require(counts[0] * (sizeof(std::uint32_t) + width * sizeof(float)) +
                 counts[1] * sizeof(float));
    std::vector<std::uint32_t> rows(counts[0]);
    from.take(rows.data(), rows.size() * sizeof(std::uint32_t));
    std::vector<float> values(counts[0] * width);
    from.take(values.data(), values.size() * sizeof(float));
    if (width > 0) join_rows(gradient, rows, values, width);
    const auto dense = gradient.dense.values();
    base::check(dense.size() == counts[1], "gradients", "ranks have different parameters");
    std::vector<float> other(dense.size());
    from.take(other.data(), other.size() * sizeof(float));
    for (std::size_t i = 0; i < dense.size(); ++i) dense[i] += other[i];
  }
}

}  // namespace

engine::ShardRange shards_of(std::uint32_t shards, std::uint32_t rank, std::uint32_t ranks) {
  if (!std::has_single_bit(ranks) || ranks > shards) {
    throw base::UsageError({.place = "mpirun",
                            .what = "number of ranks",
                            .got = std::to_string(ranks),
                            .expected = "a power of two up to " + std::to_string(shards) +
                                        ", the shards of a minibatch"});
  }
  const std::uint32_t each = shards / ranks;
  return {0, shards, rank * each, (rank + 1) * each};
}

void join(Communicator& communicator, StepLoss& loss, graph::Gradients& gradients) {
  for (std::uint32_t step = 1; step < communicator.size(); step *= 2) {
    const std::uint32_t partner = communicator.rank() ^ step;
    Message mine = write(loss, gradients);
    const std::uint64_t bytes = mine.bytes().size();
    std::uint64_t theirs_bytes = 0;
    communicator.exchange(partner, std::as_bytes(std::span(&bytes, 1)),
                          std::as_writable_bytes(std::span(&theirs_bytes, 1)));
    Message theirs;
    theirs.bytes().resize(theirs_bytes);
    communicator.exchange(partner, mine.bytes(), theirs.bytes());
    add_message(theirs, loss, gradients);
  }
}

StepLoss SharedGradients::run(std::span<const std::uint32_t> instances, std::uint64_t step,
                              graph::Gradients& gradients) {
  StepLoss loss = own_.run_shards(instances, step, gradients);
  join(communicator_, loss, gradients);
  const float factor = own_.factor(loss, instances.size());
  for (graph::ParameterGradient& gradient : gradients) {
    for (float& value : gradient.dense.values()) value *= factor;
    for (float& value : gradient.row_values.values()) value *= factor;
  }
  return ModelGradients::averaged(loss);
}

}  // namespace sheaf::train
