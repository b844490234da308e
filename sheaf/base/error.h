// SPDX-License-Identifier: Apache-2.0
//
// The library's exceptions. Every message has the form
//
//   [place] what: got X, expected Y; hint
//
// where the parts that are empty are left out. `place` is a file:line, a key or an option.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace sheaf::base {

// What went wrong, in the parts from which the message is made.
struct Fault {
  std::string place;
  std::string what;
  std::string got;
  std::string expected;
  std::string hint;
};

[[nodiscard]] std::string to_string(const Fault& fault);

// Base of all exceptions thrown by Sheaf. `exit_code` is what the command line returns.
class Error : public std::runtime_error {
 public:
  Error(const Fault& fault, std::string_view kind, int exit_code);

  // Name of the class, "DataError" for instance.
  [[nodiscard]] std::string_view kind() const noexcept { return kind_; }
  [[nodiscard]] int exit_code() const noexcept { return exit_code_; }
  [[nodiscard]] const Fault& fault() const noexcept { return fault_; }

 private:
  Fault fault_;
  std::string_view kind_;
  int exit_code_;
};

// The caller asked for something that makes no sense. Exit code 2.
class UsageError : public Error {
 public:
  explicit UsageError(const Fault& fault) : Error(fault, "UsageError", 2) {}
};

// A configuration file (YAML, policy JSON) is wrong. Exit code 2.
class ConfigError : public Error {
 public:
  explicit ConfigError(const Fault& fault) : Error(fault, "ConfigError", 2) {}
};

// A data or weight file is wrong. Exit code 2.
class DataError : public Error {
 public:
  explicit DataError(const Fault& fault) : Error(fault, "DataError", 2) {}
};

// A name, file or package does not exist. Exit code 2.
class NotFoundError : public Error {
 public:
  explicit NotFoundError(const Fault& fault) : Error(fault, "NotFoundError", 2) {}
};

// Nothing here can run this; the message has each backend's reason. Exit code 3.
class UnsupportedError : public Error {
 public:
  explicit UnsupportedError(const Fault& fault) : Error(fault, "UnsupportedError", 3) {}
};

// Out of memory or time. Exit code 4.
class ResourceError : public Error {
 public:
  explicit ResourceError(const Fault& fault) : Error(fault, "ResourceError", 4) {}
};

// The operating system refused to read or write. Exit code 74.
class IoError : public Error {
 public:
  explicit IoError(const Fault& fault) : Error(fault, "IoError", 74) {}
};

// A broken invariant: a bug in Sheaf. Exit code 70.
class InternalError : public Error {
 public:
  explicit InternalError(const Fault& fault) : Error(fault, "InternalError", 70) {}
};

// Throws InternalError when an invariant of `place` does not hold.
inline void check(bool holds, const char* place, const char* what) {
  if (!holds) throw InternalError({.place = place, .what = what});
}

}  // namespace sheaf::base
