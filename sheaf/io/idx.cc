// SPDX-License-Identifier: Apache-2.0
#include "sheaf/io/idx.h"

#include <array>
#include <filesystem>
#include <utility>

#include "sheaf/base/error.h"
#include "sheaf/io/file.h"
#include "sheaf/io/gzip.h"

namespace sheaf::io {
namespace {

constexpr std::size_t kHeader = 4;
constexpr unsigned kUnsignedBytes = 8;

[[noreturn]] void refuse(const std::string& path, std::string what, std::string got,
                         std::string expected) {
  throw base::DataError({path, std::move(what), std::move(got), std::move(expected)});
}

unsigned byte_at(std::string_view bytes, std::size_t i) {
  return static_cast<unsigned char>(bytes[i]);
}

std::string text_of(const std::vector<std::uint32_t>& sizes) {
  std::string text;
  for (const std::uint32_t size : sizes) {
    text += (text.empty() ? "" : " x ") + std::to_string(size);
  }
  return text;
}

std::vector<std::uint32_t> read_sizes(std::string_view bytes, const std::string& path) {
  if (bytes.size() < kHeader || byte_at(bytes, 0) != 0 || byte_at(bytes, 1) != 0) {
    refuse(path, "IDX file", excerpt(bytes.substr(0, kHeader)),
           "two bytes of 0, a type and a number of dimensions");
  }
  if (byte_at(bytes, 2) != kUnsignedBytes) {
    refuse(path, "type of its values", std::to_string(byte_at(bytes, 2)), "8, unsigned bytes");
  }
  const std::size_t dimensions = byte_at(bytes, 3);
  if (dimensions == 0) refuse(path, "dimensions", "0", "1 or more");
  if (bytes.size() < kHeader + 4 * dimensions) {
    refuse(path, "sizes of " + std::to_string(dimensions) + " dimensions",
           std::to_string(bytes.size()) + " bytes in all",
           std::to_string(kHeader + 4 * dimensions) + " or more");
  }
  std::vector<std::uint32_t> sizes;
  for (std::size_t d = 0; d < dimensions; ++d) {
    std::uint32_t size = 0;
    for (std::size_t i = 0; i < 4; ++i) size = size << 8U | byte_at(bytes, kHeader + 4 * d + i);
    sizes.push_back(size);
  }
  return sizes;
}

void require_pictures(const IdxArray& pictures, const std::string& path) {
  if (pictures.sizes.size() == 3) return;
  refuse(path, "pictures", text_of(pictures.sizes), "count x height x width");
}

// Of NAME or NAME.gz.
std::string find_file(const std::string& folder, const std::string& name) {
  const std::string path = (std::filesystem::path(folder) / name).string();
  std::error_code unused;
  return std::filesystem::exists(path + ".gz", unused) ? path + ".gz" : path;
}

}  // namespace

IdxArray read_idx(std::string_view bytes, const std::string& path) {
  std::string unpacked;
  if (is_gzip(bytes)) {
    unpacked = gunzip(bytes, path, kMostIdxBytes);
    bytes = unpacked;
  }
  IdxArray array{read_sizes(bytes, path), {}};
  bytes.remove_prefix(kHeader + 4 * array.sizes.size());
  std::uint64_t values = 1;
  for (const std::uint32_t size : array.sizes) {
    values *= size;
    if (values == 0 || values > kMostIdxBytes) {
      refuse(path, "an array of " + text_of(array.sizes), std::to_string(values) + " values",
             "1 to " + std::to_string(kMostIdxBytes));
    }
  }
  if (bytes.size() != values) {
    refuse(path, "values of an array of " + text_of(array.sizes),
           std::to_string(bytes.size()) + " bytes", std::to_string(values));
  }
  array.bytes = bytes;
  return array;
}

PictureSet join_pictures(IdxArray pictures, const std::string& pictures_path,
                         const IdxArray& labels, const std::string& labels_path) {
  require_pictures(pictures, pictures_path);
  if (labels.sizes.size() != 1) {
    refuse(labels_path, "labels", text_of(labels.sizes), "one dimension");
  }
  if (labels.sizes[0] != pictures.sizes[0]) {
    refuse(labels_path, "labels", std::to_string(labels.sizes[0]),
           std::to_string(pictures.sizes[0]) + ", as many as there are pictures");
  }
  PictureSet set{pictures.sizes[1], pictures.sizes[2], std::move(pictures.bytes), {}};
  for (std::size_t i = 0; i < labels.bytes.size(); ++i) {
    set.labels.push_back(byte_at(labels.bytes, i));
  }
  return set;
}

PictureSet unlabelled_pictures(IdxArray pictures, const std::string& path) {
  require_pictures(pictures, path);
  return {pictures.sizes[1], pictures.sizes[2], std::move(pictures.bytes),
          std::vector<std::uint32_t>(pictures.sizes[0], nn::kNoLabel)};
}

PictureSet read_picture_set(const std::string& folder, const std::string& name) {
  const std::string pictures = find_file(folder, name + "-images-idx3-ubyte");
  const std::string labels = find_file(folder, name + "-labels-idx1-ubyte");
  return join_pictures(read_idx(read_file(pictures), pictures), pictures,
                       read_idx(read_file(labels), labels), labels);
}

tensor::Tensor pixel_table(std::span<const PictureSet> sets) {
  std::array<float, 256> shade{};
  for (std::size_t i = 0; i < shade.size(); ++i) shade[i] = static_cast<float>(i) / 255.0F;
  std::uint32_t rows = 0;
  for (const PictureSet& set : sets) {
    base::check(set.height == sets[0].height && set.width == sets[0].width, "pixel_table",
                "pictures of two sizes");
    rows += set.count();
  }
  tensor::Tensor table({rows, sets.empty() ? 0 : sets[0].height * sets[0].width});
  float* to = table.values().data();
  for (const PictureSet& set : sets) {
    for (const char pixel : set.pixels) *to++ = shade[static_cast<unsigned char>(pixel)];
  }
  return table;
}

std::vector<nn::Instance> pictures_of(const PictureSet& set, std::uint32_t first_row) {
  std::vector<nn::Instance> instances;
  instances.reserve(set.labels.size());
  for (const std::uint32_t label : set.labels) {
    instances.emplace_back(nn::Picture{first_row++, label});
  }
  return instances;
}

}  // namespace sheaf::io
