// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <exception>

#include "sheaf/base/error.h"
#include "sheaf/train/communicator.h"

#ifdef SHEAF_MPI
#include <mpi.h>

#include <algorithm>
#include <limits>
#endif

namespace sheaf::train {

namespace {

// Of Open MPI, and of those that speak PMI.
std::uint32_t number_in(const char* open_mpi, const char* pmi, std::uint32_t otherwise) {
  const char* text = std::getenv(open_mpi);
  if (text == nullptr) text = std::getenv(pmi);
  if (text == nullptr) return otherwise;
  std::uint32_t number = otherwise;
  std::from_chars(text, text + std::strlen(text), number);
  return number;
}

}  // namespace

MpirunPlace place_in_mpirun() {
  return {.rank = number_in("OMPI_COMM_WORLD_RANK", "PMI_RANK", 0),
          .size = number_in("OMPI_COMM_WORLD_SIZE", "PMI_SIZE", 1)};
}

bool started_by_mpirun() {
  // Of Open MPI, and of those that speak PMI.
  return std::getenv("OMPI_COMM_WORLD_SIZE") != nullptr || std::getenv("PMI_SIZE") != nullptr;
}

#ifdef SHEAF_MPI

namespace {

void require(int status, const char* what) {
  if (status == MPI_SUCCESS) return;
  char text[MPI_MAX_ERROR_STRING];
  int length = 0;
  MPI_Error_string(status, text, &length);
  throw base::IoError({.place = "MPI", .what = what, .got = std::string(text, text + length)});
}

// An int counts the bytes of a message.
constexpr std::size_t kMost = std::size_t{1} << 30U;

class Mpi final : public Communicator {
 public:
  Mpi() {
    int value = 0;
    require(MPI_Initialized(&value), "state");
    base::check(value == 0, "MPI", "it is initialised a second time");
    require(MPI_Init(nullptr, nullptr), "start");
    require(MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN), "error handler");
    require(MPI_Comm_rank(MPI_COMM_WORLD, &value), "rank");
    rank_ = static_cast<std::uint32_t>(value);
    require(MPI_Comm_size(MPI_COMM_WORLD, &value), "number of ranks");
    size_ = static_cast<std::uint32_t>(value);
  }
  // To finalise waits for the others, which may wait for this one.
  ~Mpi() override {
    if (std::uncaught_exceptions() == 0) MPI_Finalize();
  }
  Mpi(const Mpi&) = delete;
  Mpi& operator=(const Mpi&) = delete;

  [[nodiscard]] std::uint32_t rank() const override { return rank_; }
  [[nodiscard]] std::uint32_t size() const override { return size_; }

  void exchange(std::uint32_t partner, std::span<const std::byte> mine,
                std::span<std::byte> theirs) override {
    const std::size_t bytes = std::max(mine.size(), theirs.size());
    for (std::size_t at = 0; at < bytes || at == 0; at += kMost) {
      const auto count = [at](std::size_t size) {
        return static_cast<int>(std::min(kMost, size - std::min(size, at)));
      };
      require(
          MPI_Sendrecv(mine.data() + std::min(at, mine.size()), count(mine.size()), MPI_BYTE,
                       static_cast<int>(partner), 0, theirs.data() + std::min(at, theirs.size()),
                       count(theirs.size()), MPI_BYTE, static_cast<int>(partner), 0, MPI_COMM_WORLD,
                       MPI_STATUS_IGNORE),
          "exchange of gradients");
    }
  }

 private:
  std::uint32_t rank_ = 0;
  std::uint32_t size_ = 1;
};

}  // namespace

std::unique_ptr<Communicator> mpi_communicator() {
  if (!started_by_mpirun()) return nullptr;
  return std::make_unique<Mpi>();
}

#else

std::unique_ptr<Communicator> mpi_communicator() {
  if (!started_by_mpirun()) return nullptr;
  throw base::UnsupportedError({.place = "mpirun",
                                .what = "several processes",
                                .got = "a build without MPI",
                                .expected = "one that was configured with libopenmpi-dev there"});
}

#endif

}  // namespace sheaf::train
