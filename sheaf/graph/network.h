// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sheaf/graph/cell.h"
#include "sheaf/graph/parameter.h"

namespace sheaf::graph {

using TypeId = std::uint16_t;

// One parameter per slot of a cell.
using Binding = std::vector<ParameterId>;

// What a node is: a cell and the parameters that it runs with. Nodes of one type can share a batch.
struct BatchType {
  std::string name;
  std::shared_ptr<const Cell> cell;
  Binding binding;
};

// The batch types and parameters of a model: all that a Graph's nodes may be.
class Network {
 public:
  // Adds the type `name`. A slot is bound to the parameter "name.slot", or, where `shared` names
  // the slot, to the parameter that it is mapped to. Parameters not declared yet are declared; a
  // table (rows = 0) must have been. Throws UsageError for a name that there is already, a key of
  // `shared` that is no slot, and a parameter of another shape.
  TypeId add_type(const std::string& name, std::shared_ptr<const Cell> cell,
                  const std::map<std::string, std::string>& shared = {});

  // Gives a type another cell, which has the inputs of the one before, its outputs and perhaps more
  // after them, and slots of the same names and perhaps more, bound as by add_type(): a cell that
  // masks values, or saves what its gradient needs. Throws InternalError for any other.
  void replace_cell(TypeId id, std::shared_ptr<const Cell> cell,
                    const std::map<std::string, std::string>& shared = {});

  [[nodiscard]] const BatchType& type(TypeId id) const { return types_[id]; }
  [[nodiscard]] std::size_t type_count() const { return types_.size(); }
  [[nodiscard]] std::vector<std::string> type_names() const;

  // How the parameters of a type's slots are stored.
  [[nodiscard]] std::vector<tensor::Encoding> encodings(TypeId id) const;

  // Products only, of one call, as the encodings of the type's weights do them
  // (tensor/encoding.h); Cell::flops() counts them as if all were dense.
  [[nodiscard]] std::uint64_t encoded_flops(TypeId id) const;

  [[nodiscard]] ParameterStore& parameters() { return parameters_; }
  [[nodiscard]] const ParameterStore& parameters() const { return parameters_; }

 private:
  void require_new_name(const std::string& name) const;
  [[nodiscard]] Binding bind(const std::string& name, const Cell& cell,
                             const std::map<std::string, std::string>& shared);
  static void require_slots(const Cell& cell, const std::map<std::string, std::string>& shared);

  std::vector<BatchType> types_;
  ParameterStore parameters_;
};

}  // namespace sheaf::graph
