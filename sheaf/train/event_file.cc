// SPDX-License-Identifier: Apache-2.0
#include "sheaf/train/event_file.h"

#include <bit>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "sheaf/base/error.h"
#include "sheaf/io/file.h"
#include "sheaf/train/crc32c.h"

namespace sheaf::train {
namespace {

constexpr std::size_t kLengthBytes = 8;
constexpr std::size_t kChecksumBytes = 4;
constexpr std::size_t kFrameBytes = kLengthBytes + 2 * kChecksumBytes;
constexpr std::uint64_t kNone = ~std::uint64_t{0};

enum class Wire : std::uint8_t { varint = 0, fixed64 = 1, bytes = 2, fixed32 = 5 };

template <class Integer>
void put_little_endian(std::string& out, Integer value) {
  for (std::size_t i = 0; i < sizeof(Integer); ++i) {
    out += static_cast<char>(static_cast<unsigned char>(value >> (8 * i)));
  }
}

template <class Integer>
Integer get_little_endian(std::string_view bytes) {
  Integer value = 0;
  for (std::size_t i = 0; i < sizeof(Integer); ++i) {
    value |= static_cast<Integer>(static_cast<unsigned char>(bytes[i])) << (8 * i);
  }
  return value;
}

void put_varint(std::string& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7U) out += static_cast<char>((value & 0x7FU) | 0x80U);
  out += static_cast<char>(value);
}

void put_tag(std::string& out, unsigned field, Wire wire) {
  put_varint(out, (field << 3U) | static_cast<unsigned>(wire));
}

void put_bytes(std::string& out, unsigned field, std::string_view bytes) {
  put_tag(out, field, Wire::bytes);
  put_varint(out, bytes.size());
  out += bytes;
}

// An event's wall_time and step, the fields that all of them have.
std::string begin_event(double wall_time, std::uint64_t step) {
  std::string event;
  put_tag(event, 1, Wire::fixed64);
  put_little_endian(event, std::bit_cast<std::uint64_t>(wall_time));
  put_tag(event, 2, Wire::varint);
  put_varint(event, step);
  return event;
}

std::string framed(std::string_view event) {
  std::string record;
  put_little_endian(record, std::uint64_t{event.size()});
  put_little_endian(record, masked_crc32c(record));
  record += event;
  put_little_endian(record, masked_crc32c(event));
  return record;
}

// The step of an event that begin_event() began; kNone for any other.
std::uint64_t step_of(std::string_view event) {
  constexpr std::size_t kStepField = 1 + sizeof(double);
  if (event.size() <= kStepField || event[0] != 0x09 || event[kStepField] != 0x10) return kNone;
  std::uint64_t step = 0;
  unsigned shift = 0;
  for (const char c : event.substr(kStepField + 1)) {
    const auto byte = static_cast<unsigned char>(c);
    if (shift >= 64) return kNone;
    step |= std::uint64_t{byte & 0x7FU} << shift;
    if (byte < 0x80) return step;
    shift += 7;
  }
  return kNone;
}

std::string path_in(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) {
    throw base::IoError({.place = folder, .what = "cannot make", .got = error.message()});
  }
  return folder + "/events.out.tfevents.sheaf";
}

}  // namespace

std::size_t whole_records(std::string_view bytes, std::uint64_t last_step) {
  std::size_t at = 0;
  while (bytes.size() - at >= kFrameBytes) {
    const std::string_view length_bytes = bytes.substr(at, kLengthBytes);
    const auto length = get_little_endian<std::uint64_t>(length_bytes);
    const std::string_view rest = bytes.substr(at + kLengthBytes);
    if (get_little_endian<std::uint32_t>(rest) != masked_crc32c(length_bytes)) break;
    if (length > bytes.size() - at - kFrameBytes) break;
    const std::string_view event = rest.substr(kChecksumBytes, length);
    const auto checksum =
        get_little_endian<std::uint32_t>(rest.substr(kChecksumBytes + event.size()));
    if (checksum != masked_crc32c(event)) break;
    const std::uint64_t step = step_of(event);
    if (step == kNone || step > last_step) break;
    at += kFrameBytes + event.size();
  }
  return at;
}

EventFile::EventFile(const std::string& folder, double wall_time) : path_(path_in(folder)) {
  open(std::ios::trunc);
  begin(wall_time);
}

EventFile::EventFile(const std::string& folder, double wall_time, std::uint64_t resume_step)
    : path_(path_in(folder)) {
  std::error_code error;
  if (!std::filesystem::exists(path_, error)) {
    open(std::ios::trunc);
    begin(wall_time);
    return;
  }
  const std::string bytes = io::read_file(path_);
  const std::size_t whole = whole_records(bytes, resume_step);
  if (whole == 0 && bytes.size() >= kFrameBytes) {
    throw base::DataError({.place = path_,
                           .what = "event file",
                           .got = "no whole record at its beginning",
                           .expected = "those of a training"});
  }
  std::filesystem::resize_file(path_, whole, error);
  if (error) {
    throw base::IoError({.place = path_, .what = "cannot write", .got = error.message()});
  }
  open(std::ios::app);
  if (whole == 0) begin(wall_time);
}

void EventFile::open(std::ios::openmode mode) {
  errno = 0;
  out_.open(path_, std::ios::binary | mode);
  if (out_) return;
  throw base::IoError({.place = path_, .what = "cannot write", .got = std::strerror(errno)});
}

void EventFile::begin(double wall_time) {
  std::string event = begin_event(wall_time, 0);
  put_bytes(event, 3, "brain.Event:2");
  append(framed(event));
}

void EventFile::add(std::uint64_t step, double wall_time, std::span<const Scalar> scalars) {
  std::string summary;
  for (const Scalar& scalar : scalars) {
    std::string value;
    put_bytes(value, 1, scalar.tag);
    put_tag(value, 2, Wire::fixed32);
    put_little_endian(value, std::bit_cast<std::uint32_t>(static_cast<float>(scalar.value)));
    put_bytes(summary, 1, value);
  }
  std::string event = begin_event(wall_time, step);
  put_bytes(event, 5, summary);
  append(framed(event));
}

void EventFile::append(std::string_view record) {
  errno = 0;
  out_.write(record.data(), static_cast<std::streamsize>(record.size()));
  out_.flush();
  if (out_) return;
  throw base::IoError({.place = path_, .what = "cannot write", .got = std::strerror(errno)});
}

}  // namespace sheaf::train
