// SPDX-License-Identifier: Apache-2.0
#include "sheaf/train/instance_stream.h"

#include <algorithm>
#include <iterator>
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

std::vector<nn::Instance> InstanceStream::read(std::uint64_t epoch, std::size_t w) {
  base::check(w < windows(), "instance stream", "a window beyond the last");
  auto instances = blocks_ ? read_blocks(epoch, w) : engine::read_instances(data_);
  if (options_.shuffle_seed) {
    shuffle(instances, *options_.shuffle_seed,
            "window/" + std::to_string(epoch) + "/" + std::to_string(w));
  }
  return instances;
}

std::vector<nn::Instance> InstanceStream::read_blocks(std::uint64_t epoch, std::size_t w) {
  std::vector<std::size_t> order(blocks_->size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  if (options_.shuffle_seed) {
    shuffle(order, *options_.shuffle_seed, "blocks/" + std::to_string(epoch));
  }
  const std::size_t begin = w * options_.window_blocks;
  const std::size_t end = std::min(begin + options_.window_blocks, order.size());
  std::vector<nn::Instance> instances;
  for (std::size_t b = begin; b < end; ++b) {
    auto block = blocks_->read(order[b], *reader_);
    std::move(block.begin(), block.end(), std::back_inserter(instances));
  }
  return instances;
}

}  // namespace sheaf::train
