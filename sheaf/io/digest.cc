// SPDX-License-Identifier: Apache-2.0
#include "sheaf/io/digest.h"

#include <openssl/evp.h>

#include "sheaf/base/error.h"

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

}  // namespace sheaf::io
