// SPDX-License-Identifier: Apache-2.0
#include "sheaf/study/listed_layers.h"

#include <array>
#include <charconv>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "sheaf/backend/cim/read_layers.h"
#include "sheaf/base/error.h"
#include "sheaf/base/nearest.h"
#include "sheaf/io/layer_list_file.h"
#include "sheaf/nn/layer_net.h"

namespace sheaf::study {
namespace {

using backend::cim::LayerShapes;
using Kind = Compression::Kind;

struct Form {
  std::string_view name;
  Kind kind;
  std::string_view size_key;  // empty: it has no keys
  std::uint32_t most_size;
};
constexpr std::array<Form, 5> kForms = {{{"chip", Kind::as_the_chip, "", 0},
                                         {"none", Kind::none, "", 0},
                                         {"block_circulant", Kind::block_circulant, "k", 4096},
                                         {"column_nonzeros", Kind::column_nonzeros, "n", 65536},
                                         {"pow2_basis", Kind::pow2_basis, "k", 64}}};

template <class T>
bool read_number(std::string_view text, T& value) {
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  return fault == std::errc() && end == text.data() + text.size();
}

// Takes what comes before `separator`, and that.
std::string_view take(std::string_view& text, char separator) {
  const auto at = text.find(separator);
  const std::string_view taken = text.substr(0, at);
  text = at == std::string_view::npos ? std::string_view{} : text.substr(at + 1);
  return taken;
}

[[noreturn]] void refuse(const std::string& text, const std::string& place,
                         const std::string& expected, const std::string& hint = {}) {
  throw base::ConfigError({.place = place,
                           .what = "compression",
                           .got = "'" + text + "'",
                           .expected = expected,
                           .hint = hint});
}

const Form& form_of(std::string_view name, const std::string& text, const std::string& place) {
  std::vector<std::string> names;
  for (const Form& form : kForms) {
    if (form.name == name) return form;
    names.emplace_back(form.name);
  }
  refuse(text, place, "chip, none, block_circulant:k=16, column_nonzeros:n=8 or pow2_basis:k=3",
         base::suggest(name, names));
}

Compression parse_one(std::string_view rest, const std::string& text, const std::string& place) {
  const Form& form = form_of(take(rest, ':'), text, place);
  Compression compression{.kind = form.kind, .size = 0, .row_density = 1};
  while (!rest.empty()) {
    std::string_view value = take(rest, ',');
    const std::string_view key = take(value, '=');
    if (!form.size_key.empty() && key == form.size_key) {
      if (!read_number(value, compression.size)) refuse(text, place, "a whole number");
    } else if (form.kind == Kind::pow2_basis && key == "rows") {
      const bool read = read_number(value, compression.row_density);
      const bool share = compression.row_density > 0 && compression.row_density <= 1;
      if (!read || !share) refuse(text, place, "rows above 0 and at most 1");
    } else {
      refuse(text, place, "keys that it has",
             "block_circulant: k; column_nonzeros: l; "
             "pow2_basis: s and rows");
    }
  }
  if (form.size_key.empty()) return compression;
  if (compression.size < 1 || compression.size > form.most_size) {
    refuse(text, place,
           std::string(form.size_key) + " from 1 to " + std::to_string(form.most_size));
  }
  return compression;
}

void apply(const Compression& compression, const target::Mapping& mapping, LayerShapes& shapes) {
  switch (compression.kind) {
    case Kind::as_the_chip:
      if (mapping.block > 1) backend::cim::make_block_circulant(shapes, mapping.block);
      break;
    case Kind::none:
      break;
    case Kind::block_circulant:
      backend::cim::make_block_circulant(shapes, compression.size);
      break;
    case Kind::column_nonzeros:
      for (auto& layer : shapes.layers) layer.column_nonzeros = compression.size;
      break;
    case Kind::pow2_basis:
      backend::cim::make_pow2_basis(shapes, compression.size, compression.row_density);
      break;
  }
}

}  // namespace

LayerShapes layers_of_list(const std::string& model) {
  const nn::LayerList list = io::read_layer_list(model);
  const auto listed = nn::make_listed_model(list);
  graph::Graph graph(listed->network());
  listed->append(nn::listed_instance(list), 0, graph);
  graph.seal();
  return backend::cim::read_layers(graph, list.name);
}

std::vector<Compression> parse_compression(const std::string& text, const std::string& place) {
  std::vector<Compression> how;
  std::string_view rest = text;
  do {
    how.push_back(parse_one(take(rest, '+'), text, place));
  } while (!rest.empty());
  return how;
}

void fit_to_chip(LayerShapes& shapes, const target::Chip& chip, std::span<const Compression> how) {
  const target::Mapping& mapping = chip.mapping;
  backend::cim::set_precision(shapes, {mapping.weight_bits, mapping.input_bits});
  for (const Compression& compression : how) apply(compression, mapping, shapes);
}

}  // namespace sheaf::study
