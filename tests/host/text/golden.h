// SPDX-License-Identifier: MIT
// What a person sees of a run.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>

#include "base/file.h"
#include "base/text.h"
#include "text/text.h"

namespace probebench::text {

// After a deliberate change, look at the new text before replacing a golden file.
inline std::string golden(const std::string& name) {
  const auto text = read_file(fs::path(PROBEBENCH_SOURCE_DIR "/tests/host/text/golden") / name);
  return text ? *text : text.error().message();
}

inline void expect_fits(const std::string& text) {
  for (const auto line : split(text, '\n')) {
    const auto continues = [](char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; };
    const auto width = std::ranges::distance(line) - std::ranges::count_if(line, continues);
    EXPECT_LE(width, static_cast<std::ptrdiff_t>(kTerminalWidth)) << line;
  }
}

}  // namespace probebench::text
