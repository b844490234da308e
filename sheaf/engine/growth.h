// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <coroutine>
#include <cstddef>
#include <exception>
#include <memory>
#include <span>
#include <type_traits>
#include <utility>

#include "sheaf/engine/frame_pool.h"
#include "sheaf/graph/graph.h"

namespace sheaf::engine {

class Growing;

// What `co_await growing.values(operand)` waits for.
class AwaitedValues {
 public:
  AwaitedValues(const Growing& growing, graph::Operand operand)
      : growing_(growing), operand_(operand) {}

  // A value that has been computed is not waited for.
  [[nodiscard]] bool await_ready() const noexcept;
  void await_suspend(std::coroutine_handle<> /*waiting*/) const noexcept {}
  std::span<const float> await_resume() const;

 private:
  const Growing& growing_;
  graph::Operand operand_;
};

// One instance that looks at its values while its graph grows: a coroutine that returns a Growth
// and has the Growing that runs it among its parameters, by reference, as in
//
//   Growth count_up(Growing& growing, const Words& words);
//
// Its frame lies in that driver's pool. It must not outlive what its other parameters refer to, nor
// the lambda that it is the body of, if it is one.
class Growth {
 public:
  class promise_type;

  Growth(Growth&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Growth& operator=(Growth&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Growth() {
    if (handle_) handle_.destroy();
  }

 private:
  friend class Growing;
  explicit Growth(std::coroutine_handle<promise_type> handle) : handle_(handle) {}

  // Runs it until it waits or ends; throws what it throws.
  void resume() const;
  [[nodiscard]] bool done() const { return handle_.done(); }

  std::coroutine_handle<promise_type> handle_;
};

// The names of its functions are those that C++20 asks for.
class Growth::promise_type {
 public:
  Growth get_return_object() {
    return Growth(std::coroutine_handle<promise_type>::from_promise(*this));
  }
  std::suspend_always initial_suspend() noexcept { return {}; }
  std::suspend_always final_suspend() noexcept { return {}; }
  void return_void() noexcept {}
  void unhandled_exception() noexcept { fault_ = std::current_exception(); }

  // Values of the graph are all that it can wait for.
  AwaitedValues await_transform(AwaitedValues values) noexcept { return values; }

  // Inlined, since GCC 12 otherwise takes the two for a pair that does not match.
  template <typename... Parameters>
  [[gnu::always_inline]] static void* operator new(std::size_t bytes, Parameters&&... parameters) {
    return take_frame(bytes, pool_among(parameters...));
  }
  static void operator delete(void* frame, std::size_t bytes) noexcept {
    give_frame_back(frame, bytes);
  }

 private:
  friend class Growth;

  template <typename First, typename... Rest>
  static FramePool& pool_among(First& first, Rest&... rest) {
    if constexpr (std::is_same_v<First, Growing>) {
      return pool_of(first);
    } else {
      static_assert(sizeof...(Rest) > 0, "a Growth needs a Growing& among its parameters");
      return pool_among(rest...);
    }
  }
  static FramePool& pool_of(Growing& growing) noexcept;
  // The frame, behind the address of its pool.
  static void* take_frame(std::size_t bytes, FramePool& pool);
  static void give_frame_back(void* frame, std::size_t bytes) noexcept;

  std::exception_ptr fault_;
};

inline void Growth::resume() const {
  handle_.resume();
  if (handle_.promise().fault_) std::rethrow_exception(handle_.promise().fault_);
}

}  // namespace sheaf::engine
