// SPDX-License-Identifier: Apache-2.0
#include "sheaf/backend/cpu/pack.h"

#include <algorithm>

#include "sheaf/base/error.h"

namespace sheaf::backend::cpu {

void require_encoding(const graph::Parameter& parameter, tensor::Encoding encoding) {
  if (parameter.encoding == encoding) return;
  throw base::UsageError({.place = "parameter " + parameter.name,
                          .what = "encoding",
                          .got = to_string(parameter.encoding),
                          .expected = to_string(encoding) + ", for which the network was compiled",
                          .hint = "compile it again"});
}

namespace {

// The columns of a part that lie in one panel.
struct Piece {
  float* to;            // row 0 of k, the first of the columns
  std::uint32_t first;  // of the part's columns
  std::uint32_t count;
};

// Calls visit(piece) for the panels of a part, at row `first_k`.
template <class Visit>
void for_pieces(const memory_plan::Product& product, const memory_plan::ProductPart& part,
                std::uint32_t first_k, std::uint32_t panel_width, float* panels,
                const Visit& visit) {
  for (std::uint32_t done = 0; done < part.width;) {
    const std::uint32_t column = part.column + done;
    const std::uint32_t panel = column / panel_width;
    const std::uint32_t count = std::min(part.width - done, (panel + 1) * panel_width - column);
    const std::size_t row = std::size_t{panel} * product.k + first_k;
    visit(Piece{panels + row * panel_width + column % panel_width, done, count});
    done += count;
  }
}

// W^T is rows as they lie.
void pack_transposed(const memory_plan::ProductPart::Term& term, const tensor::Tensor& weight,
                     const Piece& piece, std::uint32_t panel_width) {
  for (std::uint32_t k = 0; k < term.width; ++k) {
    const float* from = weight.row(term.weight_row + k).data() + term.weight_column + piece.first;
    std::copy_n(from, piece.count, piece.to + std::size_t{k} * panel_width);
  }
}

// Of W every row becomes a column: some columns of k at a time, so that the lines that are written
// stay in the cache from row to row.
void pack_plain(const memory_plan::ProductPart::Term& term, const tensor::Tensor& weight,
                const Piece& piece, std::uint32_t panel_width) {
  constexpr std::uint32_t kStep = 64;
  for (std::uint32_t begin = 0; begin < term.width; begin += kStep) {
    const std::uint32_t end = std::min(term.width, begin + kStep);
    for (std::uint32_t j = 0; j < piece.count; ++j) {
      const float* from = weight.row(piece.first + j).data() + term.weight_column;
      float* to = piece.to + std::size_t{begin} * panel_width + j;
      for (std::uint32_t k = begin; k < end; ++k, to += panel_width) *to = from[k];
    }
  }
}

}  // namespace

PackedProduct pack(const memory_plan::Product& product, const graph::Binding& binding,
                   const graph::ParameterStore& parameters, std::uint32_t panel_width) {
  PackedProduct packed{tensor::AlignedBuffer(std::size_t{product.k} * product.n),
                       tensor::AlignedBuffer(product.n),
                       {}};
  std::fill_n(packed.panels.data(), packed.panels.size(), 0.0F);
  std::fill_n(packed.bias.data(), packed.bias.size(), 0.0F);
  for (const memory_plan::ProductPart& part : product.parts) {
    for (const memory_plan::ProductPart::Term& term : part.terms) {
      require_encoding(parameters[binding[term.slot]], tensor::kDense);
      const tensor::Tensor& weight = parameters[binding[term.slot]].value;
      for_pieces(product, part, term.first_k, panel_width, packed.panels.data(),
                 [&](const Piece& piece) {
                   if (term.transposed) {
                     pack_transposed(term, weight, piece, panel_width);
                   } else {
                     pack_plain(term, weight, piece, panel_width);
                   }
                 });
    }
    if (part.bias == memory_plan::ProductPart::kNoBias) continue;
    require_encoding(parameters[binding[part.bias]], tensor::kDense);
    const auto bias = parameters[binding[part.bias]].value.values();
    std::copy(bias.begin(), bias.end(), packed.bias.data() + part.column);
  }
  return packed;
}

namespace {

// Rows [term.first_k, + width) of the panels, columns of `part` only.
void copy_term(const memory_plan::Product& product, const memory_plan::ProductPart& part,
               const memory_plan::ProductPart::Term& term, std::uint32_t panel_width,
               const PackedProduct& from, PackedProduct& to) noexcept {
  const std::uint32_t end = part.column + part.width;
  for (std::uint32_t column = part.column; column < end;) {
    const std::uint32_t panel = column / panel_width;
    const std::uint32_t width = std::min(end, (panel + 1) * panel_width) - column;
    const std::size_t at =
        (std::size_t{panel} * product.k + term.first_k) * panel_width + column % panel_width;
    if (width == panel_width) {
      std::copy_n(from.panels.data() + at, std::size_t{term.width} * width, to.panels.data() + at);
    } else {
      for (std::uint32_t k = 0; k < term.width; ++k) {
        const std::size_t row = at + std::size_t{k} * panel_width;
        std::copy_n(from.panels.data() + row, width, to.panels.data() + row);
      }
    }
    column += width;
  }
}

}  // namespace

void repack(const memory_plan::Repack& repack, const memory_plan::Product& product,
            const PackedProduct& apart, std::uint32_t panel_width, PackedProduct& to) noexcept {
  for (const memory_plan::Repack::Piece& piece : repack.pieces) {
    const memory_plan::ProductPart& part = product.parts[piece.part];
    if (piece.term == memory_plan::Repack::kBias) {
      std::copy_n(apart.bias.data() + part.column, part.width, to.bias.data() + part.column);
    } else {
      copy_term(product, part, part.terms[piece.term], panel_width, apart, to);
    }
  }
}

tensor::AlignedBuffer pad_rows(const tensor::Tensor& matrix) {
  const tensor::Shape shape = matrix.shape();
  const std::size_t stride = tensor::padded(shape.cols);
  tensor::AlignedBuffer padded(shape.rows * stride);
  std::fill_n(padded.data(), padded.size(), 0.0F);
  for (std::uint32_t i = 0; i < shape.rows; ++i) {
    const auto row = matrix.row(i);
    std::copy(row.begin(), row.end(), padded.data() + i * stride);
  }
  return padded;
}

}  // namespace sheaf::backend::cpu
