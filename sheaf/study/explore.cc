// SPDX-License-Identifier: Apache-2.0
#include "sheaf/study/explore.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "sheaf/base/error.h"
#include "sheaf/io/digest.h"
#include "sheaf/study/simulate.h"
#include "sheaf/target/read_chip.h"
#include "sheaf/target/write_chip.h"

namespace sheaf::study {
namespace {

// Designs that one thread takes at a time: neighbours share chips.
constexpr std::size_t kDesignsPerChunk = 16;

double number(const std::string& text) {
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// All that a cost depends on. A field that is new belongs here; so does kCostVersion a change of
// what is made of them.
std::string described(const backend::cim::LayerShapes& shapes) {
  std::string text = fmt::format("{} {}", shapes.name, shapes.host_macs);
  for (const backend::cim::LayerShape& layer : shapes.layers) {
    text += fmt::format(
        "\n{} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {}", layer.name, layer.parameter,
        layer.type, static_cast<int>(layer.kind), layer.outputs, layer.inputs, layer.groups,
        layer.in_channels, layer.in_height, layer.in_width, layer.kernel_height, layer.kernel_width,
        layer.stride, layer.out_width, layer.positions, layer.calls, static_cast<int>(layer.form));
    text += fmt::format(" {} {} {} {} {} {} {} {}", layer.block, layer.column_nonzeros,
                        layer.density, layer.row_density, layer.weight_bits, layer.input_bits,
                        layer.zero_inputs, layer.booth_density);
    text += fmt::format(" {} {}", fmt::join(layer.input_parts, "+"),
                        fmt::join(layer.output_parts, "+"));
    for (const backend::cim::LayerSource& source : layer.sources) {
      text += fmt::format(" {}:{}", source.layer, source.values);
    }
    for (const std::uint32_t after : layer.after) text += fmt::format(" >{}", after);
  }
  return text;
}

// What an option is blamed for elsewhere is here the axis' fault.
template <class Act>
auto at_axis(const Axis& axis, const Act& act) {
  const auto placed = [&](base::Fault fault) {
    if (fault.place.find(':') == std::string::npos) fault.place = axis.place;
    return fault;
  };
  try {
    return act();
  } catch (const base::NotFoundError& error) {
    throw base::NotFoundError(placed(error.fault()));
  } catch (const base::UsageError& error) {
    throw base::UsageError(placed(error.fault()));
  }
}

// A value that no chip of the space can read is a mistake, and no design that cannot be.
void require_values(const Axis& axis, const std::vector<base::YamlNode>& trees) {
  for (const std::string& value : axis.values) {
    base::Fault fault;
    const bool readable = std::any_of(trees.begin(), trees.end(), [&](const auto& tree) {
      try {
        target::require_readable(tree, axis.key + "=" + value);
      } catch (const base::ConfigError& error) {
        fault = error.fault();
        return false;
      }
      return true;
    });
    if (readable) continue;
    fault.place = axis.place;
    throw base::ConfigError(fault);
  }
}

}  // namespace

// The chip of the design before, or why it is none.
struct Explorer::LastChip {
  std::vector<std::size_t> choices;
  std::optional<target::Chip> chip;
  std::string reason;
};

Explorer::Explorer(ExploreSpace space) : space_(std::move(space)) {
  io::Sha256 sha;
  sha.update(fmt::format("cost {}\n", kCostVersion));
  for (const Axis& axis : space_.axes) {
    sha.update(axis.key);
    for (const std::string& value : axis.values) sha.update("\n" + base::yaml_quoted(value));
    sha.update("\n\n");
    if (axis.of_chip) ++chip_axes_;
  }
  const Axis& chips = *space_.find("hw");
  for (const std::string& name : chips.values) {
    trees_.push_back(at_axis(chips, [&] { return target::read_chip_tree(name); }));
    sha.update(target::to_yaml(target::chip_of(trees_.back(), {})));
  }
  for (const Axis& axis : space_.axes) {
    if (axis.of_chip && axis.key != "hw") require_values(axis, trees_);
  }
  const Axis& models = *space_.find("model");
  for (const std::string& name : models.values) {
    models_.push_back(at_axis(models, [&] { return listed_layers(name); }));
    sha.update(described(models_.back()));
  }
  digest_ = sha.hex();
}

void Explorer::take_chip(std::span<const std::size_t> choices, LastChip& last) const {
  if (std::equal(choices.begin(), choices.end(), last.choices.begin(), last.choices.end())) return;
  last.choices.assign(choices.begin(), choices.end());
  last.chip.reset();
  std::vector<std::string> changes;
  for (std::size_t i = 1; i < choices.size(); ++i) {
    changes.push_back(space_.axes[i].key + "=" + space_.axes[i].values[choices[i]]);
  }
  try {
    last.chip = target::chip_of(trees_[choices[0]], changes);
  } catch (const base::Error& error) {
    last.reason = error.what();
  }
}

DesignResult Explorer::evaluate_one(std::uint64_t design, LastChip& last) const {
  DesignResult result;
  result.design = design;
  const std::vector<std::size_t> chosen = space_.choices(design);
  take_chip(std::span(chosen).first(chip_axes_), last);
  if (!last.chip) {
    result.reason = last.reason;
    return result;
  }
  const backend::cim::LayerShapes* model = models_.data();
  ChipOptions options;
  for (std::size_t i = chip_axes_; i < chosen.size(); ++i) {
    const Axis& axis = space_.axes[i];
    const std::string& value = axis.values[chosen[i]];
    if (axis.key == "model") model += chosen[i];
    if (axis.key == "compress") options.compress = {value};
    if (axis.key == "strategy") options.strategy = value;
    if (axis.key == "chips") options.chips = static_cast<std::uint32_t>(number(value));
    if (axis.key == "density") options.density = number(value);
  }
  try {
    const ChipStudy study = put_on_chip(*model, *last.chip, options);
    result.figures = figures_of(study);
  } catch (const base::Error& error) {
    result.reason = error.what();
  }
  return result;
}

std::vector<DesignResult> Explorer::evaluate(std::span<const std::uint64_t> designs,
                                             base::ThreadPool& pool) const {
  std::vector<DesignResult> results(designs.size());
  const std::size_t chunks = (designs.size() + kDesignsPerChunk - 1) / kDesignsPerChunk;
  pool.parallel_for(chunks, [&](std::size_t chunk, std::uint32_t /*thread*/) {
    LastChip last;
    const std::size_t end = std::min(designs.size(), (chunk + 1) * kDesignsPerChunk);
    for (std::size_t i = chunk * kDesignsPerChunk; i < end; ++i) {
      results[i] = evaluate_one(designs[i], last);
    }
  });
  return results;
}

Shard parse_shard(const std::string& text) {
  Shard shard{0, 0};
  const char* end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, shard.index);
  bool good = first.ec == std::errc() && first.ptr != end && *first.ptr == '/';
  if (good) {
    const auto second = std::from_chars(first.ptr + 1, end, shard.of);
    good = second.ec == std::errc() && second.ptr == end;
  }
  if (good && shard.index >= 1 && shard.index <= shard.of && shard.of <= 100'000) return shard;
  throw base::UsageError({.place = "--shard",
                          .what = "part",
                          .got = "'" + text + "'",
                          .expected = "I/N, I from 1 to N, N up to 100000",
                          .hint = "such as 2/8"});
}

}  // namespace sheaf::study
