// SPDX-License-Identifier: MIT
// What goes to the other machine: bytes, then a sign of life now and then. When we end, however that happens,
// no more come.
#pragma once

#include <chrono>
#include <string>
#include <thread>

#include "base/result.h"
#include "base/unique_fd.h"

namespace probebench::remote {

class Lifeline {
 public:
  // The other end is for a child's standard input.
  struct Made;
  static Result<Made> make(std::string content, std::chrono::milliseconds between_signs);

  Lifeline(Lifeline&&) noexcept = default;
  Lifeline& operator=(Lifeline&&) = delete;
  Lifeline(const Lifeline&) = delete;
  Lifeline& operator=(const Lifeline&) = delete;
  ~Lifeline();

 private:
  Lifeline(UniqueFd ours, std::string content, std::chrono::milliseconds between_signs);

  UniqueFd ours_;
  std::jthread sender_;
};

struct Lifeline::Made {
  Lifeline lifeline;
  UniqueFd theirs;
};

}  // namespace probebench::remote
