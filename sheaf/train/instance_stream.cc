// SPDX-License-Identifier: Apache-2.0
#include "sheaf/train/instance_stream.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <numeric>
#include <string>
#include <utility>

#include "sheaf/base/error.h"
#include "sheaf/base/rng.h"
#include "sheaf/io/random_data.h"

namespace sheaf::train {
namespace {

// Fisher and Yates, with numbers that depend on seed and name alone.
template <typename T>
void shuffle(std::vector<T>& items, std::uint64_t seed, const std::string& name) {
  base::Rng rng(seed, name);
  for (std::size_t i = items.size(); i > 1; --i) {
    std::swap(items[i - 1], items[rng.below(static_cast<std::uint32_t>(i))]);
  }
}

// The row of a folded word depends on all words before it.
void require_stream(const engine::WorkloadOptions& data, const engine::ModelData& row) {
  base::check(data.vocabularies.has_value(), "instance stream", "no vocabularies are given");
  if (row.kind != engine::DataKind::pairs) return;
  const nn::Vocabulary& target = data.vocabularies->target;
  if (target != engine::numbered(static_cast<std::uint32_t>(target.size()))) return;
  throw base::UsageError({.place = "--target-rows",
                          .what = "data that are read in blocks",
                          .got = std::to_string(target.size()),
                          .expected = "the full vocabulary",
                          .hint = "folded words are numbered over the whole file"});
}

}  // namespace

InstanceStream::InstanceStream(engine::WorkloadOptions data, const StreamOptions& options)
    : data_(std::move(data)), options_(options), row_(engine::model_data(data_.model)) {
  require_fitting(data_, row_);
  if (io::is_random_data(data_.data)) return;
  require_stream(data_, row_);
  base::check(options.window_blocks > 0, "instance stream", "windows without blocks");
  blocks_.emplace(data_, row_, options.block_bytes);
  reader_.emplace(data_, row_, blocks_->format(), known_names(data_, nullptr),
                  engine::BlockReader::Purpose::run, blocks_->three_fields());
}

std::size_t InstanceStream::windows() const {
  if (!blocks_) return 1;
  return (blocks_->size() + options_.window_blocks - 1) / options_.window_blocks;
}

template <typename T>
void InstanceStream::shuffle_window(std::vector<T>& items, std::uint64_t epoch,
                                    std::size_t w) const {
  if (!options_.shuffle_seed) return;
  shuffle(items, *options_.shuffle_seed,
          "window/" + std::to_string(epoch) + "/" + std::to_string(w));
}

std::vector<nn::Instance> InstanceStream::read(std::uint64_t epoch, std::size_t w) {
  std::vector<nn::Instance> instances;
  for (const std::size_t block : blocks_of(epoch, w)) {
    auto more = read_block(block);
    std::move(more.begin(), more.end(), std::back_inserter(instances));
  }
  shuffle_window(instances, epoch, w);
  return instances;
}

std::vector<std::uint32_t> InstanceStream::numbers(std::uint64_t epoch, std::size_t w) {
  count();
  std::vector<std::uint32_t> numbers;
  for (const std::size_t block : blocks_of(epoch, w)) {
    for (std::uint32_t i = first_[block]; i < first_[block + 1]; ++i) numbers.push_back(i);
  }
  shuffle_window(numbers, epoch, w);
  return numbers;
}

std::uint32_t InstanceStream::window_size(std::uint64_t epoch, std::size_t w) {
  count();
  std::uint32_t size = 0;
  for (const std::size_t block : blocks_of(epoch, w)) size += first_[block + 1] - first_[block];
  return size;
}

std::uint32_t InstanceStream::instances() {
  count();
  return first_.back();
}

std::vector<nn::Instance> InstanceStream::sample() {
  count();
  for (std::size_t block = 0; block + 1 < first_.size(); ++block) {
    if (first_[block + 1] > first_[block]) return read_block(block);
  }
  return {};
}

void InstanceStream::count() {
  if (!first_.empty()) return;
  std::vector<std::uint32_t> first = {0};
  const std::size_t blocks = blocks_ ? blocks_->size() : 1;
  for (std::size_t block = 0; block < blocks; ++block) {
    const std::uint64_t end = first.back() + std::uint64_t{read_block(block).size()};
    if (end > std::numeric_limits<std::uint32_t>::max()) {
      throw base::DataError({.place = data_.data,
                             .what = "instances",
                             .got = std::to_string(end) + " or more",
                             .expected = "fewer than 2^32"});
    }
    first.push_back(static_cast<std::uint32_t>(end));
  }
  first_ = std::move(first);
}

std::span<const std::size_t> InstanceStream::blocks_of(std::uint64_t epoch, std::size_t w) {
  base::check(w < windows(), "instance stream", "a window beyond the last");
  if (order_epoch_ != epoch) {
    order_.resize(blocks_ ? blocks_->size() : 1);
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    if (options_.shuffle_seed) {
      shuffle(order_, *options_.shuffle_seed, "blocks/" + std::to_string(epoch));
    }
    order_epoch_ = epoch;
  }
  const std::size_t begin = w * options_.window_blocks;
  const std::span<const std::size_t> order(order_);
  return order.subspan(begin, std::min<std::size_t>(options_.window_blocks, order.size() - begin));
}

std::vector<nn::Instance> InstanceStream::read_block(std::size_t block) {
  return blocks_ ? blocks_->read(block, *reader_) : engine::read_instances(data_);
}

}  // namespace sheaf::train
