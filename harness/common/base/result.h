// SPDX-License-Identifier: MIT
// Errors are values: what was attempted, the errno at the failing call, and what to do about it.
#pragma once

#include <string>
#include <utility>
#include <variant>

namespace probebench::inline base {

// The fault decides the fate: unsupported -> skipped row, cell -> errored row and the run goes on,
// usage -> exit 2, infra -> the run stops with exit 69.
enum class Fault { unsupported, cell, usage, infra, interrupted };

struct Error {
  Fault fault = Fault::infra;
  std::string what;  // what was attempted, naming the input: "read kernel image /x/vmlinuz"
  int err = 0;       // errno, copied at the failing call; 0 when no system call failed
  std::string hint;  // what the user can do: "pass --kernel stock"

  // One line for the console: "what: strerror; hint".
  std::string message() const;
};

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::move(value)) {}
  Result(Error error) : state_(std::move(error)) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& operator*() & { return std::get<0>(state_); }
  const T& operator*() const& { return std::get<0>(state_); }
  T&& operator*() && { return std::get<0>(std::move(state_)); }
  T* operator->() { return &std::get<0>(state_); }
  const T* operator->() const { return &std::get<0>(state_); }

  const Error& error() const { return std::get<1>(state_); }
  Error take_error() { return std::get<1>(std::move(state_)); }

 private:
  std::variant<T, Error> state_;
};

// The success value of a function that only acts.
struct Done {};
using Status = Result<Done>;

// The value of a result. An error ends the function, which returns it; a statement expression, as both
// compilers have it.
#define TRY(...)                           \
  ({                                       \
    auto tried = (__VA_ARGS__);            \
    if (!tried) return tried.take_error(); \
    *std::move(tried);                     \
  })

// An error whose errno is the current one; call it before anything else can change errno.
Error errno_error(Fault fault, std::string what, std::string hint = {});

}  // namespace probebench::inline base
