// SPDX-License-Identifier: MIT
// Outputs for machines and for mails. All take the same report.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "gate/export_patch.h"
#include "gate/report.h"

namespace probebench::gate {

std::string report_json(const Report& report);
std::string report_csv(const Report& report);  // long: one line a cell and metric
std::string report_markdown(const Report& report);
std::string report_junit(const Report& report);
std::string report_bmf(const Report& report);       // Bencher Metric Format: the head's figures
std::string report_smaller(const Report& report);   // github-action-benchmark's customSmallerIsBetter
std::string report_selftest(const Report& report);  // as the kernel's selftests print, for patch mails

// ::error and ::warning lines, which GitHub shows beside a change.
std::string github_annotations(const Report& report);

struct ExportFormat {
  std::string_view name;  // --export NAME=FILE
  std::string (*write)(const Report& report);
};

inline constexpr std::array kExports{
    ExportFormat{"json", report_json},         ExportFormat{"csv", report_csv},
    ExportFormat{"markdown", report_markdown}, ExportFormat{"junit", report_junit},
    ExportFormat{"bmf", report_bmf},           ExportFormat{"smaller", report_smaller},
    ExportFormat{"selftest", report_selftest}, ExportFormat{"patch", report_patch},
    ExportFormat{"cover", report_cover},
};

}  // namespace probebench::gate
