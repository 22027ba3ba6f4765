// SPDX-License-Identifier: MIT
#include "probe_cost/probe_identity.h"

#include <algorithm>
#include <cctype>
#include <string_view>

#include "base/digest.h"

namespace probebench::cost {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLongestName = 60;
constexpr std::size_t kShortDigest = 12;

bool fits(char c) {
  constexpr std::string_view kOthers = "._+=,-";
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || kOthers.find(c) != std::string_view::npos;
}

// Part of a cell's name: no '/' that would end it, and nothing that a shell or a pattern takes amiss.
std::string label_of(std::string text) {
  std::ranges::replace_if(
      text, [](char c) { return !fits(c); }, '_');
  return text.substr(0, kLongestName);
}

std::string setup_text(const CostPlan& plan) {
  std::string text;
  for (const auto& [file, line] : plan.setup) text += file + '=' + line + '\n';
  return text;
}

// The words as they were given, the program by what is in it.
std::string command_text(const CostPlan& plan, const fs::path& program, const std::string& digest) {
  auto text = setup_text(plan) + program.filename().string() + ' ' + digest;
  for (std::size_t i = 1; i < plan.command.size(); ++i) text += '\0' + plan.command[i];
  return text;
}

}  // namespace

Result<std::string> short_digest(const fs::path& file) {
  return TRY(sha256_file(file)).substr(0, kShortDigest);
}

Status identify(CostPlan& plan, const fs::path& file) {
  if (plan.source == ProbeSource::tracefs) {
    plan.name = label_of(plan.setup.front().file + '=' + plan.setup.front().line);
    plan.armed.sha256 = sha256_text(setup_text(plan));
    return Done{};
  }
  plan.name = label_of(file.filename().string());
  plan.armed.sha256 = TRY(sha256_file(file));
  if (!plan.parameters.empty()) plan.armed.sha256 = sha256_text(plan.armed.sha256 + ' ' + plan.parameters);
  if (plan.source != ProbeSource::command) return Done{};
  plan.armed.versions.emplace(plan.name, plan.armed.sha256.substr(0, kShortDigest));
  plan.armed.sha256 = sha256_text(command_text(plan, file, plan.armed.sha256));
  return Done{};
}

}  // namespace probebench::cost
