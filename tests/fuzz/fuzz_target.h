// SPDX-License-Identifier: MIT
// libFuzzer's entry for many parsers: PROBEBENCH_FUZZ names the one that this process tries.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string_view>

namespace probebench::fuzz {

struct Target {
  std::string_view name;
  void (*take)(std::string_view input);
};

// In the program's own file.
std::span<const Target> targets();

inline const Target& chosen_target() {
  static const Target& kChosen = []() -> const Target& {
    const char* name = std::getenv("PROBEBENCH_FUZZ");
    for (const auto& target : targets()) {
      if (name != nullptr && target.name == name) return target;
    }
    std::fputs("PROBEBENCH_FUZZ names none of this program's targets:", stderr);
    for (const auto& target : targets()) std::fprintf(stderr, " %s", target.name.data());
    std::fputs("\n", stderr);
    std::exit(2);
  }();
  return kChosen;
}

}  // namespace probebench::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  probebench::fuzz::chosen_target().take({reinterpret_cast<const char*>(data), size});
  return 0;
}
