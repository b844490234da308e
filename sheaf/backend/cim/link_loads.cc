// SPDX-License-Identifier: Apache-2.0
#include "sheaf/backend/cim/link_loads.h"

#include <algorithm>
#include <numeric>

#include "sheaf/backend/cim/counts.h"

namespace sheaf::backend::cim {
namespace {

class Loader {
 public:
  Loader(const NetworkCost& cost, const target::Chip& chip) : cost_(cost) {
    const Hardware hardware = hardware_of(chip);
    loads_.mesh = cost.mesh;
    const std::uint64_t per_router = hardware.crossbars_per_tile * loads_.mesh.tiles_per_router;
    std::uint64_t first = 0;
    for (const LayerCost& layer : cost.layers) {
      spreads_.push_back(router_shares({first, layer.mapping.crossbars}, per_router));
      first += taken_crossbars(layer.mapping, hardware);
      for (std::size_t i = 0; i < spreads_.back().shares.size(); ++i) {
        loads_.rows = std::max(loads_.rows, node(spreads_.back().first + i) / columns() + 1);
      }
    }
    const std::size_t nodes = std::size_t{columns()} * loads_.rows;
    loads_.routers.resize(nodes);
    loads_.right.resize(nodes);
    loads_.down.resize(nodes);
  }

  LinkLoads load() {
    for (std::size_t i = 0; i < cost_.layers.size(); ++i) {
      const Traffic& traffic = cost_.layers[i].traffic;
      double sums = traffic.flits;
      for (const SourceFlits& source : traffic.from) {
        send(spreads_[source.layer], spreads_[i], source.flits);
        sums -= source.flits;
      }
      pass_on(spreads_[i], std::max(0.0, sums));
    }
    return std::move(loads_);
  }

 private:
  [[nodiscard]] std::uint32_t columns() const { return loads_.mesh.columns; }
  [[nodiscard]] std::uint32_t node(std::uint64_t router) const {
    return node_of(loads_.mesh, router);
  }

  // By node.
  [[nodiscard]] std::vector<double> placed(const RouterShares& spread) const {
    std::vector<double> at(loads_.routers.size());
    for (std::size_t i = 0; i < spread.shares.size(); ++i) {
      at[node(spread.first + i)] += spread.shares[i];
    }
    return at;
  }

  // Along a row go flits of the sources in it to whatever column; along a column, those of all rows
  // to the readers in it.
  void send(const RouterShares& from, const RouterShares& to, double flits) {
    const std::vector<double> sources = placed(from);
    const std::vector<double> readers = placed(to);
    std::vector<double> reader_columns(columns());
    std::vector<double> source_rows(loads_.rows);
    for (std::size_t i = 0; i < sources.size(); ++i) {
      reader_columns[i % columns()] += readers[i];
      source_rows[i / columns()] += sources[i];
      loads_.routers[i] += flits * sources[i];
    }
    for (std::uint32_t y = 0; y < loads_.rows; ++y) {
      const double* row = sources.data() + std::size_t{y} * columns();
      cross(row, 1, reader_columns, flits, loads_.right.data() + std::size_t{y} * columns(),
            loads_.routers.data() + std::size_t{y} * columns());
    }
    for (std::uint32_t x = 0; x < columns(); ++x) {
      cross(readers.data() + x, columns(), source_rows, flits, loads_.down.data() + x,
            loads_.routers.data() + x);
    }
  }

  // Between neighbours of a line: what is on one side of it in `line` (every `stride`-th) and on
  // the other in `others`, both ways. `others` has a number per place of the line.
  static void cross(const double* line, std::size_t stride, const std::vector<double>& others,
                    double flits, double* links, double* routers) {
    double all = 0;
    for (std::size_t i = 0; i < others.size(); ++i) all += line[i * stride];
    if (all == 0) return;
    const double other = std::accumulate(others.begin(), others.end(), 0.0);
    double below = 0;
    double others_below = 0;
    for (std::size_t i = 0; i + 1 < others.size(); ++i) {
      below += line[i * stride];
      others_below += others[i];
      const double up = flits * below * (other - others_below);
      const double back = flits * (all - below) * others_below;
      links[i * stride] += up + back;
      routers[(i + 1) * stride] += up;
      routers[i * stride] += back;
    }
  }

  // Sums, each over 1 / tiles_per_router links: evenly over those between the layer's routers.
  void pass_on(const RouterShares& layer, double flits) {
    if (flits == 0) return;
    const double hops = flits / loads_.mesh.tiles_per_router;
    const std::size_t links = layer.shares.size() - 1;
    if (links == 0) {
      loads_.routers[node(layer.first)] += flits;
      return;
    }
    for (std::size_t i = 0; i < links; ++i) {
      const std::uint32_t a = node(layer.first + i);
      const std::uint32_t b = node(layer.first + i + 1);
      walk(a, b, hops / static_cast<double>(links));
    }
  }

  // First along the row, then along the column.
  void walk(std::uint32_t at, std::uint32_t to, double flits) {
    while (at != to) {
      const bool along_row = at % columns() != to % columns();
      const std::uint32_t step = along_row ? 1 : columns();
      const std::uint32_t next =
          (along_row ? at % columns() < to % columns() : at < to) ? at + step : at - step;
      (along_row ? loads_.right : loads_.down)[std::min(at, next)] += flits;
      loads_.routers[next] += flits;
      at = next;
    }
  }

  const NetworkCost& cost_;
  std::vector<RouterShares> spreads_;
  LinkLoads loads_;
};

}  // namespace

double LinkLoads::flit_hops() const {
  return std::accumulate(right.begin(), right.end(), 0.0) +
         std::accumulate(down.begin(), down.end(), 0.0);
}

LinkLoads link_loads(const NetworkCost& cost, const target::Chip& chip) {
  if (chip.pe.kind == target::PeKind::array) return {};
  return Loader(cost, chip).load();
}

}  // namespace sheaf::backend::cim
