// SPDX-License-Identifier: Apache-2.0
//
// Scalars that TensorBoard draws. The file is a sequence of records, each (TFRecord,
// tensorflow/core/lib/io/record_writer.h; all little-endian)
//
//   uint64 length, uint32 masked CRC-32C of the length, `length` bytes, uint32 masked CRC-32C of
//   them
//
// and each record is a message of tensorflow/core/util/event.proto and framework/summary.proto, in
// the wire format of protocol buffers (protobuf.dev/programming-guides/encoding):
//
//   Event          1: double wall_time   2: int64 step   3: string file_version   5: Summary
//   summary Summary        1: Value value, repeated Summary.Value  1: string tag         2: float
//   simple_value
//
// The first record has file_version "brain.Event:2".
#pragma once

#include <cstdint>
#include <fstream>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace sheaf::train {

struct Scalar {
  std::string tag;   // "train/loss"; what stands before the slash groups
  double value = 0;  // stored as float32
};

class EventFile {
 public:
  // "events.out.tfevents.sheaf" in `folder`, which is made where it does not exist. Goes on with
  // the file that is there: records up to step `resume_step` stay, those of later steps, which the
  // training that is resumed repeats, and what a kill has torn are cut off. Without `resume_step`
  // a file that is there is replaced. Throws IoError, and DataError for a file of that name that
  // does not begin as an event file.
  EventFile(const std::string& folder, double wall_time);
  EventFile(const std::string& folder, double wall_time, std::uint64_t resume_step);

  // Appends one event and hands it to the operating system. `wall_time` in seconds since 1970.
  // Throws IoError.
  void add(std::uint64_t step, double wall_time, std::span<const Scalar> scalars);

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  void open(std::ios::openmode mode);
  void begin(double wall_time);
  void append(std::string_view record);

  std::string path_;
  std::ofstream out_;
};

// How many of the first bytes of an event file are whole records, with the right checksums, of
// steps up to `last_step`, all before the first that is not.
[[nodiscard]] std::size_t whole_records(std::string_view bytes, std::uint64_t last_step);

}  // namespace sheaf::train
