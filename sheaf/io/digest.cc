// SPDX-License-Identifier: Apache-2.0
#include "sheaf/io/digest.h"

#include <openssl/evp.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "sheaf/base/error.h"
#include "sheaf/io/blocks.h"
#include "sheaf/io/file.h"

namespace sheaf::io {

struct Sha256::State {
  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  std::unique_ptr<EVP_MD_CTX, Free> context{EVP_MD_CTX_new()};
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
  base::check(EVP_DigestInit_ex(state_->context.get(), EVP_sha256(), nullptr) == 1, "sha256",
              "OpenSSL refused to begin");
}

Sha256::~Sha256() = default;

void Sha256::update(std::span<const float> values) {
  update({reinterpret_cast<const char*>(values.data()), values.size_bytes()});
}

void Sha256::update(std::string_view bytes) {
  base::check(EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size()) == 1, "sha256",
              "OpenSSL refused bytes");
}

std::string Sha256::hex() {
  unsigned char bytes[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  base::check(EVP_DigestFinal_ex(state_->context.get(), bytes, &length) == 1, "sha256",
              "OpenSSL refused to end");
  static constexpr char kHex[] = "0123456789abcdef";
  std::string text;
  for (unsigned i = 0; i < length; ++i) {
    text += kHex[bytes[i] >> 4U];
    text += kHex[bytes[i] & 15U];
  }
  return text;
}

std::string digest_of_file(const std::string& path) {
  Sha256 sha;
  std::error_code error;
  // A file that is read at once says best what is wrong with it.
  if (path == "-" || !std::filesystem::is_regular_file(path, error)) {
    sha.update(std::string_view(read_file(path)));
    return sha.hex();
  }
  std::ifstream in(path, std::ios::binary);
  std::string piece(kBlockBytes, '\0');
  while (in) {
    in.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    sha.update(std::string_view(piece).substr(0, static_cast<std::size_t>(in.gcount())));
  }
  if (in.bad() || !in.eof()) {
    throw base::IoError({.place = path, .what = "cannot read", .got = std::strerror(errno)});
  }
  return sha.hex();
}

}  // namespace sheaf::io
