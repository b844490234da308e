// SPDX-License-Identifier: Apache-2.0
#include <vector>

#include "sheaf/backend/cpu/kernels.h"
#include "sheaf/base/error.h"
#include "sheaf/base/nearest.h"

namespace sheaf::backend::cpu {

std::span<const KernelTable* const> kernel_list() {
  static const std::vector<const KernelTable*> kList = [] {
    std::vector<const KernelTable*> list;
    for (const KernelTable* table :
         {avx512_kernels(), avx2_kernels(), portable_kernels(), reference_kernels()}) {
      if (table != nullptr) list.push_back(table);
    }
    return list;
  }();
  return kList;
}

std::span<const std::string> isa_names() {
  static const std::array<std::string, 5> kNames = {"auto", "avx512", "avx2", "scalar",
                                                    "reference"};
  return kNames;
}

const KernelTable& choose_kernels(std::string_view isa) {
  if (isa == "auto") return *kernel_list().front();
  const KernelTable* table = nullptr;
  if (isa == "avx512") {
    table = avx512_kernels();
  } else if (isa == "avx2") {
    table = avx2_kernels();
  } else if (isa == "scalar") {
    table = portable_kernels();
  } else if (isa == "reference") {
    table = reference_kernels();
  } else {
    throw base::UsageError({.place = "--isa",
                            .what = "unknown instruction set",
                            .got = "'" + std::string(isa) + "'",
                            .hint = base::suggest(isa, isa_names())});
  }
  if (table == nullptr) {
    throw base::UnsupportedError({.place = "--isa",
                                  .what = "this processor cannot run",
                                  .got = "'" + std::string(isa) + "'",
                                  .hint = "use --isa auto"});
  }
  return *table;
}

}  // namespace sheaf::backend::cpu
