// SPDX-License-Identifier: Apache-2.0
//
// Event files are read back by a decoder that shares nothing with the writer: CRC-32C bit by bit,
// messages field by field in any order.
#include "sheaf/train/event_file.h"

#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "sheaf/base/error.h"
#include "tests/io/temp_folder.h"
#include "tests/message_of.h"

namespace sheaf::train {
namespace {

std::uint32_t slow_crc(std::string_view bytes) {
  std::uint32_t crc = 0xffffffff;
  for (const char c : bytes) {
    crc ^= static_cast<unsigned char>(c);
    for (int i = 0; i < 8; ++i) crc = crc % 2 == 1 ? (crc / 2) ^ 0x82f63b78U : crc / 2;
  }
  crc ^= 0xffffffff;
  return ((crc >> 15) | (crc << 17)) + 0xa282ead8U;
}

template <class T>
T load(std::string_view bytes, std::size_t at) {
  if (at + sizeof(T) > bytes.size()) throw std::runtime_error("bytes end too early");
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

// The fields of a message, by number: raw bits of numbers, bytes of strings and messages.
using Fields = std::multimap<unsigned, std::string>;

std::uint64_t read_varint(std::string_view bytes, std::size_t& at) {
  std::uint64_t value = 0;
  for (int shift = 0;; shift += 7) {
    const auto byte = load<unsigned char>(bytes, at++);
    value += static_cast<std::uint64_t>(byte & 127) << shift;
    if (byte < 128) return value;
  }
}

Fields decode(std::string_view bytes) {
  Fields fields;
  std::size_t at = 0;
  while (at < bytes.size()) {
    const std::uint64_t tag = read_varint(bytes, at);
    std::string value;
    std::size_t size = 0;
    if (tag % 8 == 0) {
      const std::uint64_t number = read_varint(bytes, at);
      value.assign(reinterpret_cast<const char*>(&number), sizeof number);
    } else {
      if (tag % 8 == 1) size = 8;
      if (tag % 8 == 5) size = 4;
      if (tag % 8 == 2) size = read_varint(bytes, at);
      if (at + size > bytes.size()) throw std::runtime_error("field ends too late");
      value = bytes.substr(at, size);
    }
    at += size;
    fields.emplace(static_cast<unsigned>(tag / 8), value);
  }
  return fields;
}

std::string field(const Fields& fields, unsigned number) {
  if (fields.count(number) != 1) throw std::runtime_error("no such field");
  return fields.find(number)->second;
}

struct Event {
  double wall_time = 0;
  std::uint64_t step = 0;
  std::string version;
  std::vector<std::pair<std::string, float>> scalars;
};

std::vector<Event> read_events(const std::string& path) {
  const std::string bytes = test::bytes_of(path);
  std::vector<Event> events;
  for (std::size_t at = 0; at < bytes.size();) {
    const auto length = load<std::uint64_t>(bytes, at);
    if (load<std::uint32_t>(bytes, at + 8) != slow_crc(bytes.substr(at, 8))) {
      throw std::runtime_error("checksum of a length");
    }
    const std::string data = bytes.substr(at + 12, length);
    if (load<std::uint32_t>(bytes, at + 12 + length) != slow_crc(data)) {
      throw std::runtime_error("checksum of a record");
    }
    at += length + 16;
    const Fields fields = decode(data);
    Event event{.wall_time = load<double>(field(fields, 1), 0),
                .step = load<std::uint64_t>(field(fields, 2), 0)};
    if (fields.count(3) > 0) event.version = field(fields, 3);
    if (fields.count(5) > 0) {
      for (const auto& [number, value] : decode(field(fields, 5))) {
        EXPECT_EQ(number, 1U);
        const Fields scalar = decode(value);
        event.scalars.emplace_back(field(scalar, 1), load<float>(field(scalar, 2), 0));
      }
    }
    events.push_back(event);
  }
  return events;
}

void add(EventFile& file, std::uint64_t step, double value) {
  const Scalar scalar{"train/loss", value};
  file.add(step, 100.0 + static_cast<double>(step), {&scalar, 1});
}

std::vector<std::uint64_t> steps_of(const std::string& path) {
  std::vector<std::uint64_t> steps;
  for (const Event& event : read_events(path)) steps.push_back(event.step);
  return steps;
}

using Steps = std::vector<std::uint64_t>;

TEST(EventFile, HoldsVersionAndScalarsForAnIndependentReader) {
  const test::TempFolder folder;
  std::string path;
  {
    EventFile file(folder.path("logs/run"), 1.5e9);
    path = file.path();
    const std::vector<Scalar> scalars = {{"train/loss", 0.75}, {"dev/root accuracy", -1e-3}};
    file.add(300, 1.5e9 + 0.25, scalars);
    file.add(std::uint64_t{1} << 40, 1.5e9 + 1, {});
  }
  const std::vector<Event> events = read_events(path);
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(events[0].version, "brain.Event:2");
  EXPECT_EQ(events[0].wall_time, 1.5e9);
  EXPECT_EQ(events[1].step, 300U);
  EXPECT_EQ(events[1].wall_time, 1.5e9 + 0.25);
  ASSERT_EQ(events[1].scalars.size(), 2U);
  EXPECT_EQ(events[1].scalars[0], (std::pair<std::string, float>("train/loss", 0.75F)));
  EXPECT_EQ(events[1].scalars[1], (std::pair<std::string, float>("dev/root accuracy", -1e-3F)));
  EXPECT_EQ(events[2].step, std::uint64_t{1} << 40);
  EXPECT_TRUE(events[2].scalars.empty());
}

TEST(EventFile, ItsFirstRecordIsPinned) {
  // Byte by byte from the definitions: what tensorboard writes for wall time 0, without a step.
  const test::TempFolder folder;
  const EventFile file(folder.path(), 0);
  const std::string bytes = test::bytes_of(file.path());
  ASSERT_EQ(bytes.size(), 16U + 26U);
  EXPECT_EQ(bytes.substr(0, 8), std::string("\x1a\0\0\0\0\0\0\0", 8));
  EXPECT_EQ(bytes.substr(12, 26), std::string("\x09\0\0\0\0\0\0\0\0\x10\0\x1a\x0d"
                                              "brain.Event:2",
                                              26));
}

TEST(EventFile, EveryEventIsInTheFileWhenItHasBeenAdded) {
  const test::TempFolder folder;
  EventFile file(folder.path(), 0);
  for (std::uint64_t step = 1; step < 4; ++step) {
    add(file, step, 1);
    EXPECT_EQ(steps_of(file.path()).size(), step + 1);
  }
}

TEST(EventFile, ResumingKeepsWhatWasUpToTheStepAndAppends) {
  const test::TempFolder folder;
  {
    EventFile file(folder.path(), 0);
    for (std::uint64_t step = 1; step < 6; ++step) add(file, step, 1);
  }
  EventFile file(folder.path(), 0, 3);
  add(file, 4, 2);
  EXPECT_EQ(steps_of(file.path()), (Steps{0, 1, 2, 3, 4}));
  EXPECT_EQ(read_events(file.path()).back().scalars[0].second, 2);
}

TEST(EventFile, ResumingCutsWhatAKillHasTornWhereverThatWas) {
  const test::TempFolder folder;
  std::string whole;
  std::size_t second = 0;
  std::string path;
  {
    EventFile file(folder.path(), 0);
    path = file.path();
    add(file, 1, 1);
    second = test::bytes_of(path).size();
    add(file, 2, 1);
    whole = test::bytes_of(path);
  }
  for (std::size_t size = second; size < whole.size(); ++size) {
    folder.write("events.out.tfevents.sheaf", whole.substr(0, size));
    EventFile file(folder.path(), 0, 9);
    add(file, 3, 1);
    EXPECT_EQ(steps_of(path), (Steps{0, 1, 3}));
  }
  folder.write("events.out.tfevents.sheaf", whole.substr(0, 5));  // the first record was torn
  EventFile file(folder.path(), 0, 9);
  add(file, 3, 1);
  EXPECT_EQ(steps_of(path), (Steps{0, 3}));
}

TEST(EventFile, ResumingWithoutAFileBeginsOneAndNotResumingReplacesIt) {
  const test::TempFolder folder;
  {
    EventFile file(folder.path(), 0, 7);
    add(file, 8, 1);
    EXPECT_EQ(steps_of(file.path()), (Steps{0, 8}));
  }
  const EventFile file(folder.path(), 0);
  EXPECT_EQ(steps_of(file.path()), Steps{0});
}

TEST(EventFile, WholeRecordsEndBeforeTheFirstDamage) {
  const test::TempFolder folder;
  EventFile file(folder.path(), 0);
  const std::size_t first = test::bytes_of(file.path()).size();
  add(file, 1, 1);
  const std::string bytes = test::bytes_of(file.path());
  EXPECT_EQ(whole_records(bytes, 1), bytes.size());
  EXPECT_EQ(whole_records(bytes, 0), first);
  for (std::size_t i = first; i < bytes.size(); ++i) {
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 4);
    EXPECT_EQ(whole_records(damaged, 1), first) << i;
  }
}

TEST(EventFile, MessagesNameTheFile) {
  const test::TempFolder folder;
  const std::string path =
      folder.write("events.out.tfevents.sheaf", "a text that somebody else wrote");
  EXPECT_EQ(test::message_of<base::DataError>([&] { EventFile(folder.path(), 0, 1); }),
            "[" + path +
                "] event file: got no whole record at its beginning, expected those of a training");
  EXPECT_EQ(test::bytes_of(path), "a text that somebody else wrote");
  EXPECT_EQ(test::message_of<base::IoError>([&] { EventFile(path + "/x", 0); }),
            "[" + path + "/x] cannot make: got Not a directory");
}

TEST(EventFile, MessageWhenTheDiskIsFull) {
  const test::TempFolder folder;
  const std::string path = folder.path("events.out.tfevents.sheaf");
  std::filesystem::create_symlink("/dev/full", path);
  EXPECT_EQ(test::message_of<base::IoError>([&] { EventFile(folder.path(), 0); }),
            "[" + path + "] cannot write: got No space left on device");
}

}  // namespace
}  // namespace sheaf::train
