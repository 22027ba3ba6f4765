// SPDX-License-Identifier: MIT
// A mark on each line of a stream that follows from it and from all lines before it: one that is lost,
// repeated, moved or changed on its way does not fit. It keeps out accidents; who means to deceive can make a
// seal too.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace probebench::wire {

// Of a JSON object's last member.
enum class SealFound { absent, right, wrong };

// One for each end of a stream.
class Seal {
 public:
  // The line, which is a JSON object, with its seal as the last member.
  std::string put(std::string_view line);
  SealFound check(std::string_view line);

 private:
  void add(std::string_view line);

  std::uint64_t sum_ = 0xcbf29ce484222325;  // FNV-1a, 64 bits, over all lines
};

}  // namespace probebench::wire
