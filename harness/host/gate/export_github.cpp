// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include "gate/export.h"

namespace probebench::gate {
namespace {

// GitHub reads a command up to the end of the line.
std::string annotation_text(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    escaped += c == '%' ? "%25" : c == '\n' ? "%0A" : c == '\r' ? "%0D" : std::string(1, c);
  }
  return escaped;
}

std::string annotation(Verdict verdict, const std::string& story) {
  const auto code = info_of(verdict).exit_code;
  if (code == ExitCode::fine) return {};
  return fmt::format("::{} title=probebench {}::{}\n", code == ExitCode::regression ? "error" : "warning",
                     info_of(verdict).name, annotation_text(story));
}

}  // namespace

std::string github_annotations(const Report& report) {
  std::string text;
  for (const auto& target : report.targets) {
    if (target.verdict && !target.why.empty()) {
      text += annotation(*target.verdict, target.title + ": " + target.why);
    }
    for (const auto* row : lead_rows(target)) {
      if (row->verdict) text += annotation(*row->verdict, short_name(row->cell) + ": " + row_story(*row));
    }
  }
  return text;
}

}  // namespace probebench::gate
