// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include "base/escape.h"
#include "gate/export.h"

namespace probebench::gate {
namespace {

std::string annotation(Verdict verdict, const std::string& story) {
  const auto code = info_of(verdict).exit_code;
  if (code == ExitCode::fine) return {};
  return fmt::format("::{} title=probebench {}::{}\n", code == ExitCode::regression ? "error" : "warning",
                     info_of(verdict).name, escaped_for_github(story));
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
