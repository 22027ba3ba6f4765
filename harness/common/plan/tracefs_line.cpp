// SPDX-License-Identifier: MIT
#include "plan/tracefs_line.h"

#include <fmt/format.h>

namespace probebench::plan {

Result<TracefsLine> tracefs_line_from(const std::string& where, const std::string& text) {
  const auto equals = text.find('=');
  const auto refuse = [&](const char* problem) {
    return Error{Fault::usage, fmt::format("{} '{}': {}", where, text, problem), 0,
                 "FILE=LINE, for example 'kprobe_events=p:mine vfs_read'"};
  };
  if (equals == std::string::npos || equals == 0) return refuse("it names no file of tracefs");
  TracefsLine line{text.substr(0, equals), text.substr(equals + 1)};
  const bool leaves = line.file.front() == '/' || line.file.find("..") != std::string::npos;
  if (leaves) return refuse("the file is named from tracefs on");
  if (line.line.empty()) return refuse("the line is empty");
  return line;
}

}  // namespace probebench::plan
