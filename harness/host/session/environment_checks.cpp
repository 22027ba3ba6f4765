// SPDX-License-Identifier: MIT
#include "session/environment_checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "base/file.h"
#include "base/safe_path.h"
#include "base/text.h"

namespace probebench::session {
namespace {

// The files that a path with at most one * names.
std::vector<fs::path> expanded(const fs::path& root, std::string_view path) {
  const auto star = path.find('*');
  if (star == std::string_view::npos) return {root / path};
  std::vector<fs::path> files;
  std::error_code absent;
  for (const auto& entry : fs::directory_iterator(root / path.substr(0, star), absent)) {
    const auto file = entry.path() / path.substr(star + 2);
    if (fs::exists(file, absent)) files.push_back(file);
  }
  std::ranges::sort(files);
  return files;
}

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

// "always [madvise] never" -> "madvise"
std::string bracketed(const std::string& text) {
  const auto open = text.find('[');
  const auto close = text.find(']');
  if (open == std::string::npos || close == std::string::npos) return text;
  return text.substr(open + 1, close - open - 1);
}

// "0.31 0.20 ..." and "some avg10=1.20 avg60=...".
double first_number(const std::string& text) {
  const auto equals = text.find('=');
  return std::strtod(text.c_str() + (equals == std::string::npos ? 0 : equals + 1), nullptr);
}

bool as_wanted(const EnvironmentCheck& check, const std::string& found) {
  switch (check.wants) {
    case Wants::equal:
      return found == check.wanted;
    case Wants::chosen:
      return bracketed(found) == check.wanted;
    case Wants::below:
      return first_number(found) < first_number(std::string(check.wanted));
    case Wants::empty:
      return found.empty();
    case Wants::absent:
    case Wants::unset:
      return false;
  }
  return true;
}

std::string_view wish(const EnvironmentCheck& check) {
  if (check.wants == Wants::empty || check.wants == Wants::unset) return "nothing";
  return check.wants == Wants::absent ? std::string_view("no such file") : check.wanted;
}

// With any one name in the place of the *.
bool names(std::string_view pattern, std::string_view path) {
  const auto is_it = [](std::string_view wanted, std::string_view part) {
    return wanted == "*" ? file_name_of(part, "").ok() : wanted == part;
  };
  return std::ranges::equal(split(pattern, '/'), split(path, '/'), is_it);
}

}  // namespace

std::string Finding::text() const {
  const auto below = check->wants == Wants::below ? "below " : "";
  return fmt::format("{}: {}, wanted {}{}: {}", check->name, found, below, wish(*check), check->why);
}

std::vector<Finding> check_environment(const fs::path& root, const std::optional<BpfPrograms>& loaded) {
  const auto tracing = loaded ? tracing_programs(*loaded) : std::string();
  std::vector<Finding> findings;
  for (const auto& check : kEnvironmentChecks) {
    if (check.wants == Wants::unset && !tracing.empty()) findings.push_back({&check, {}, tracing});
    if (check.path.empty()) continue;
    for (const auto& path : expanded(root, check.path)) {
      const auto content = read_file(path);
      if (!content) continue;
      const auto found = first_line(*content);
      if (!as_wanted(check, found)) findings.push_back({&check, path, found});
    }
  }
  return findings;
}

bool is_tunable(const fs::path& path, const fs::path& root) {
  const auto below = path.lexically_relative(root).string();
  return std::ranges::any_of(kEnvironmentChecks, [&](const EnvironmentCheck& check) {
    return check.tunable && names(check.path, below);
  });
}

}  // namespace probebench::session
