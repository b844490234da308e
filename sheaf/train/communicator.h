// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>

namespace sheaf::train {

// Processes that train one model together, each on its share of every minibatch.
class Communicator {
 public:
  virtual ~Communicator() = default;
  [[nodiscard]] virtual std::uint32_t rank() const = 0;
  [[nodiscard]] virtual std::uint32_t size() const = 0;

  // Sends `mine` to rank `partner`, which does the same with its own at the same time, and fills
  // `theirs`, which is as long as the partner says. Throws IoError when that fails.
  virtual void exchange(std::uint32_t partner, std::span<const std::byte> mine,
                        std::span<std::byte> theirs) = 0;
};

// The processes that `mpirun` has started; null where this one was started by itself, or where the
// build has no MPI. MPI is initialised by the call, of which there is one in a process, and
// finalised with the object, but not when that dies of an exception: then `mpirun` sees a process
// end that has not said so, and ends the others. Throws UnsupportedError where `mpirun` has started
// a build without MPI.
[[nodiscard]] std::unique_ptr<Communicator> mpi_communicator();

// Whether `mpirun` has started this process, by the variables that it sets: then a build without
// MPI would train the same model several times.
[[nodiscard]] bool started_by_mpirun();

// Which of how many, by the same variables; 0 of 1 where there are none.
struct MpirunPlace {
  std::uint32_t rank = 0;
  std::uint32_t size = 1;
};
[[nodiscard]] MpirunPlace place_in_mpirun();

}  // namespace sheaf::train
