// SPDX-License-Identifier: Apache-2.0
//
// What a run cost, in the same columns on a CPU and on a simulated chip, by batch and by what ran.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "sheaf/runtime/profile.h"

namespace sheaf::runtime {

// What nobody knows is NaN: a CPU has no model of its energy. NaN in a sum gives NaN.
struct Cost {
  static constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

  double ns = 0;           // of the clock that ran: measured on a CPU, simulated on a chip
  double bytes = 0;        // between what computes and what stores: see ledger_of()
  double pj = 0;           // energy
  double conversions = 0;  // of analog-to-digital converters
  double flit_hops = 0;    // of the network-on-chip: flits times links

  Cost& operator+=(const Cost& other);

  // Whether every column is 0: no row of a ledger.
  [[nodiscard]] bool is_nothing() const;
};

inline constexpr std::size_t kCostColumns = 5;
inline constexpr std::array<std::string_view, kCostColumns> kCostNames = {
    "ns", "bytes", "pj", "conversions", "flit_hops"};

// Column `index`, in the order of kCostNames.
[[nodiscard]] double column(const Cost& cost, std::size_t index);
void set_column(Cost& cost, std::size_t index, double value);

// What one part of one kind of work cost in all.
struct LedgerRow {
  std::string name;           // a batch type, or a layer
  std::string component;      // of the machine: "cpu", "adc", "crossbar", ...
  std::uint64_t batches = 0;  // in which it ran ...
  std::uint64_t nodes = 0;    // ... and the calls in them; a column over nodes is the cost of one
  Cost cost;
};

struct LedgerBatch {
  std::uint32_t minibatch = 0;
  std::string name;  // batch type
  std::uint64_t nodes = 0;
  Cost cost;
};

struct Ledger {
  std::string target;  // "cpu avx3", or the name of a chip
  std::vector<LedgerRow> rows;
  std::vector<LedgerBatch> batches;  // in the order in which they ran; may be empty

  // The row of (name, component), made where there is none.
  LedgerRow& row(std::string_view name, std::string_view component);
  [[nodiscard]] Cost total() const;
};

// Of what ran on a CPU, which `profile` has recorded: nanoseconds of each batch, and the bytes that
// it must move at least: inputs and look-ups read once, outputs written once, each weight read once
// per batch. Energy is unknown.
[[nodiscard]] Ledger ledger_of(const Profile& profile, std::string_view target);

}  // namespace sheaf::runtime
