// SPDX-License-Identifier: MIT
#include "cli/run_report.h"

#include <fmt/format.h>

#include <chrono>

#include "base/process.h"

namespace probebench::cli {
namespace {

// A page takes a second or two; this is for a host that swaps.
constexpr std::chrono::seconds kDeadline{60};

// The interpreter that sees the distribution's packages.
constexpr const char* kPython = "/usr/bin/python3";

std::string without_last_newline(std::string text) {
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

}  // namespace

bool ends_with_report(const std::string& probe_types, bool quiet) {
  return probe_types == "all" && !quiet;
}

std::string write_run_report(const std::filesystem::path& project_root,
                             const std::filesystem::path& run_directory) {
  const Command command{.argv = {kPython, "-P", "-m", "reports", "report", run_directory.string()},
                        .environment = {"PYTHONPATH=" + project_root.string()}};
  const auto finished = run_command(command, kDeadline);
  if (!finished) return "no report: " + finished.error().message();
  const auto said = without_last_newline(finished->output);
  return finished->exit_code == 0 ? said : "no report: " + said;
}

}  // namespace probebench::cli
