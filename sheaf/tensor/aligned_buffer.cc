// SPDX-License-Identifier: Apache-2.0
#include "sheaf/tensor/aligned_buffer.h"

#include <sys/mman.h>

#include <limits>
#include <string>

#include "sheaf/base/error.h"

namespace sheaf::tensor {

namespace {

constexpr std::size_t kMostFloats = std::numeric_limits<std::size_t>::max() / 8;

}  // namespace

AlignedBuffer::AlignedBuffer(std::size_t floats) : size_(floats) {
  if (floats == 0) return;
  constexpr std::size_t kLine = 64;
  constexpr std::size_t kHugePage = std::size_t{2} << 20U;
  const std::size_t bytes = round_up(floats * sizeof(float), kLine);
  const bool huge = bytes >= kHugePage;
  const std::size_t alignment = huge ? kHugePage : kLine;
  const std::size_t size = round_up(bytes, alignment);
  if (floats <= kMostFloats) data_.reset(static_cast<float*>(std::aligned_alloc(alignment, size)));
  if (!data_) {
    throw base::ResourceError({.place = "memory",
                               .what = "cannot reserve a buffer",
                               .got = std::to_string(floats) + " floats",
                               .hint = "use a smaller --batch or --hidden"});
  }
#ifdef MADV_HUGEPAGE
  if (huge) madvise(data_.get(), size, MADV_HUGEPAGE);
#endif
}

}  // namespace sheaf::tensor
