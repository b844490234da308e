// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace sheaf::io {

// SHA-256 (FIPS 180-4) of the bytes that it is given, by OpenSSL.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void update(std::span<const float> values);
  void update(std::string_view bytes);
  // 64 hexadecimal digits. Ends the digest.
  [[nodiscard]] std::string hex();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Of a file's bytes, read piece by piece; "-" is standard input. Throws as read_file() does.
[[nodiscard]] std::string digest_of_file(const std::string& path);

}  // namespace sheaf::io
