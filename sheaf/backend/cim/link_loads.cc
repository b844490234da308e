// SPDX-License-Identifier: Apache-2.0
#include "sheaf/backend/cim/link_loads.h"

#include <algorithm>
#include <numeric>

#include "sheaf/backend/cim/counts.h"

namespace sheaf::backend::cim {
namespace {

// Crossbars of a layer by router, and the rows of the mesh that these stand in.
struct Spread : RouterShares {
  std::uint32_t first_row = 0;
  std::uint32_t last_row = 0;
};

// Every `stride`-th number.
struct Line {
  const double* at;
  std::size_t stride;
  [[nodiscard]] double operator[](std::size_t i) const { return at[i * stride]; }
};

// Where flits along a line of `size` places are counted, every `stride`-th number.
struct Way {
  double* forward;   // from a place to the next
  double* backward;  // from the next
  double* routers;   // that are entered
  std::size_t stride;
  std::uint32_t size;
};

class Loader {
 public:
  Loader(const NetworkCost& cost, const Hardware& hardware, const TileMesh& mesh) : cost_(cost) {
    loads_.mesh = mesh;
    const std::uint64_t per_router =
        std::uint64_t{hardware.crossbars_per_tile} * mesh.tiles_per_router;
    std::uint64_t first = 0;
    for (const LayerCost& layer : cost.layers) {
      Spread spread{router_shares({first, layer.mapping.crossbars}, per_router)};
      first += taken_crossbars(layer.mapping, hardware);
      spread.first_row = ~std::uint32_t{0};
      for (std::size_t i = 0; i < spread.shares.size(); ++i) {
        const std::uint32_t row = node(spread.first + i) / columns();
        spread.first_row = std::min(spread.first_row, row);
        spread.last_row = std::max(spread.last_row, row);
      }
      loads_.rows = std::max(loads_.rows, spread.last_row + 1);
      spreads_.push_back(std::move(spread));
    }
    const std::size_t nodes = std::size_t{columns()} * loads_.rows;
    loads_.routers.resize(nodes);
    for (std::vector<double>* links : all_links()) links->resize(nodes);
    senders_.resize(nodes);
    readers_.resize(nodes);
  }

  LinkLoads load() {
    for (std::size_t i = 0; i < cost_.layers.size(); ++i) {
      const Traffic& traffic = cost_.layers[i].traffic;
      double sums = traffic.flits;
      begin_layer(i);
      for (const SourceFlits& source : traffic.from) {
        send(spreads_[source.layer], spreads_[i], source.flits);
        sums -= source.flits;
      }
      pass_on(spreads_[i], std::max(0.0, sums));
      end_layer();
    }
    return std::move(loads_);
  }

 private:
  [[nodiscard]] std::uint32_t columns() const { return loads_.mesh.columns; }
  [[nodiscard]] std::uint32_t node(std::uint64_t router) const {
    return node_of(loads_.mesh, router);
  }
  [[nodiscard]] std::array<std::vector<double>*, 6> all_links() {
    return {&loads_.right, &loads_.left, &loads_.down, &loads_.up, &loads_.sent, &loads_.received};
  }

  // What a layer adds is found by taking off what was there: rows that it does not touch are left.
  void begin_layer(std::size_t i) {
    first_row_ = spreads_[i].first_row;
    last_row_ = spreads_[i].last_row;
    for (const SourceFlits& source : cost_.layers[i].traffic.from) {
      first_row_ = std::min(first_row_, spreads_[source.layer].first_row);
      last_row_ = std::max(last_row_, spreads_[source.layer].last_row);
    }
    const auto begin = static_cast<std::ptrdiff_t>(std::size_t{first_row_} * columns());
    const auto end = static_cast<std::ptrdiff_t>((std::size_t{last_row_} + 1) * columns());
    std::size_t link = 0;
    for (const std::vector<double>* links : all_links()) {
      before_[link++].assign(links->begin() + begin, links->begin() + end);
    }
  }

  void end_layer() {
    const std::size_t begin = std::size_t{first_row_} * columns();
    double busiest = 0;
    std::size_t link = 0;
    for (const std::vector<double>* links : all_links()) {
      const std::vector<double>& before = before_[link++];
      for (std::size_t n = 0; n < before.size(); ++n) {
        busiest = std::max(busiest, (*links)[begin + n] - before[n]);
      }
    }
    loads_.busiest_of_layer.push_back(busiest);
  }

  // By node, in an array that is 0 before and has to be after.
  void place(const Spread& spread, double sign, std::vector<double>& at) const {
    for (std::size_t i = 0; i < spread.shares.size(); ++i) {
      at[node(spread.first + i)] += sign * spread.shares[i];
    }
  }

  // Along a row go flits of the sources in it to whatever column; along a column, those of all rows
  // to the readers in it.
  void send(const Spread& from, const Spread& to, double flits) {
    place(from, 1, senders_);
    place(to, 1, readers_);
    std::vector<double> reader_columns(columns());
    std::vector<double> source_rows(std::size_t{last_row_ - first_row_} + 1);
    const std::size_t begin = std::size_t{first_row_} * columns();
    const std::size_t end = (std::size_t{last_row_} + 1) * columns();
    const double each = flits / loads_.mesh.tiles_per_router;
    for (std::size_t i = begin; i < end; ++i) {
      reader_columns[i % columns()] += readers_[i];
      source_rows[i / columns() - first_row_] += senders_[i];
      loads_.routers[i] += flits * senders_[i];
      loads_.sent[i] += each * senders_[i] * (1 - readers_[i]);
      loads_.received[i] += each * readers_[i] * (1 - senders_[i]);
    }
    for (std::uint32_t y = from.first_row; y <= from.last_row; ++y) {
      const std::size_t row = std::size_t{y} * columns();
      cross({senders_.data() + row, 1}, {reader_columns.data(), 1}, flits,
            {loads_.right.data() + row, loads_.left.data() + row, loads_.routers.data() + row, 1,
             columns()});
    }
    for (std::uint32_t x = 0; x < columns(); ++x) {
      cross({source_rows.data(), 1}, {readers_.data() + begin + x, columns()}, flits,
            {loads_.down.data() + begin + x, loads_.up.data() + begin + x,
             loads_.routers.data() + begin + x, columns(), last_row_ - first_row_ + 1});
    }
    for (std::size_t i = begin; i < end; ++i) senders_[i] = readers_[i] = 0;
  }

  // Between neighbours of a line: what is sent on one side of it and read on the other.
  static void cross(Line senders, Line readers, double flits, Way way) {
    double all_sent = 0;
    double all_read = 0;
    for (std::size_t i = 0; i < way.size; ++i) {
      all_sent += senders[i];
      all_read += readers[i];
    }
    if (all_sent == 0 || all_read == 0) return;
    double sent = 0;  // up to here
    double read = 0;
    for (std::size_t i = 0; i + 1 < way.size; ++i) {
      sent += senders[i];
      read += readers[i];
      const double forward = flits * sent * (all_read - read);
      const double backward = flits * (all_sent - sent) * read;
      way.forward[i * way.stride] += forward;
      way.backward[i * way.stride] += backward;
      way.routers[(i + 1) * way.stride] += forward;
      way.routers[i * way.stride] += backward;
    }
  }

  // Sums, each over 1 / tiles_per_router links: evenly over those between the layer's routers.
  void pass_on(const Spread& layer, double flits) {
    if (flits == 0) return;
    const double hops = flits / loads_.mesh.tiles_per_router;
    const std::size_t links = layer.shares.size() - 1;
    if (links == 0) {
      loads_.routers[node(layer.first)] += flits;
      return;
    }
    const double share = hops / static_cast<double>(links);
    const double each = share / loads_.mesh.tiles_per_router;
    for (std::size_t i = 0; i < links; ++i) {
      const std::uint32_t a = node(layer.first + i);
      const std::uint32_t b = node(layer.first + i + 1);
      // Neighbours in the order of filling are neighbours on the mesh unless it has an order of its
      // own.
      loads_.sent[a] += each;
      loads_.received[b] += each;
      walk(a, b, share);
    }
  }

  // First along the row, then along the column.
  void walk(std::uint32_t at, std::uint32_t to, double flits) {
    while (at != to) {
      const bool along_row = at % columns() != to % columns();
      const bool forward = along_row ? at % columns() < to % columns() : at < to;
      const std::uint32_t step = along_row ? 1 : columns();
      const std::uint32_t next = forward ? at + step : at - step;
      std::vector<double>& links =
          along_row ? (forward ? loads_.right : loads_.left) : (forward ? loads_.down : loads_.up);
      links[std::min(at, next)] += flits;
      loads_.routers[next] += flits;
      at = next;
    }
  }

  const NetworkCost& cost_;
  std::vector<Spread> spreads_;
  LinkLoads loads_;
  std::vector<double> senders_;  // by node; 0 between calls
  std::vector<double> readers_;
  std::array<std::vector<double>, 6> before_;
  std::uint32_t first_row_ = 0;  // rows that the layer's flits pass
  std::uint32_t last_row_ = 0;
};

}  // namespace

double LinkLoads::flit_hops() const {
  double sum = 0;
  for (const std::vector<double>* links : {&right, &left, &down, &up}) {
    sum += std::accumulate(links->begin(), links->end(), 0.0);
  }
  return sum;
}

double LinkLoads::busiest() const {
  double most = 0;
  for (const std::vector<double>* links : {&right, &left, &down, &up, &sent, &received}) {
    for (const double flits : *links) most = std::max(most, flits);
  }
  return most;
}

LinkLoads link_loads(const NetworkCost& cost, const Hardware& hardware, const TileMesh& mesh) {
  return Loader(cost, hardware, mesh).load();
}

LinkLoads link_loads(const NetworkCost& cost, const target::Chip& chip) {
  if (chip.pe.kind == target::PeKind::array) return {};
  return link_loads(cost, hardware_of(chip), cost.mesh);
}

}  // namespace sheaf::backend::cim
