// SPDX-License-Identifier: Apache-2.0
#include "sheaf/io/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <limits>

#include "sheaf/base/error.h"

namespace sheaf::io {
namespace {

constexpr int kGzipOnly = 16 + MAX_WBITS;
constexpr std::size_t kPiece = std::size_t{1} << 16U;

class Inflater {
 public:
  Inflater() { ready_ = inflateInit2(&stream_, kGzipOnly) == Z_OK; }
  ~Inflater() {
    if (ready_) inflateEnd(&stream_);
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  [[nodiscard]] bool ready() const { return ready_; }
  z_stream& stream() { return stream_; }

 private:
  z_stream stream_{};
  bool ready_ = false;
};

[[noreturn]] void refuse(const std::string& path, const std::string& got,
                         const std::string& expected) {
  throw base::DataError({path, "gzip file", got, expected});
}

}  // namespace

bool is_gzip(std::string_view bytes) { return bytes.starts_with("\x1f\x8b"); }

std::string gunzip(std::string_view bytes, const std::string& path, std::size_t most) {
  Inflater inflater;
  if (!inflater.ready()) {
    throw base::ResourceError({.place = path, .what = "no memory to decompress with"});
  }
  z_stream& stream = inflater.stream();
  std::string out;
  std::string piece(kPiece, '\0');
  for (;;) {
    const std::size_t given = std::min<std::size_t>(bytes.size(), std::numeric_limits<uInt>::max());
    // zlib reads only; its interface knows no const.
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(given);
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = static_cast<uInt>(piece.size());
    const int status = inflate(&stream, Z_NO_FLUSH);
    bytes.remove_prefix(given - stream.avail_in);
    out.append(piece.data(), piece.size() - stream.avail_out);
    if (out.size() > most) {
      refuse(path, "more than " + std::to_string(most) + " bytes", "no more");
    }
    if (status == Z_STREAM_END) {
      if (bytes.empty()) return out;
      if (!is_gzip(bytes)) refuse(path, "bytes after its end", "none");
      inflateReset(&stream);
    } else if (status == Z_BUF_ERROR) {  // all is read, and nothing more comes out
      refuse(path, "an end in the middle", "a whole gzip file");
    } else if (status != Z_OK) {
      refuse(path, stream.msg == nullptr ? "damaged data" : stream.msg, "a whole gzip file");
    }
  }
}

}  // namespace sheaf::io
