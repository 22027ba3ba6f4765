// SPDX-License-Identifier: MIT
#include "session/tuning.h"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <span>
#include <utility>

#include "base/file.h"
#include "base/process.h"
#include "base/text.h"

namespace probebench::session {
namespace {

// With the process id it names a process for good. Empty: it does not run.
std::string start_time(pid_t pid) {
  const auto stat = read_file(fmt::format("/proc/{}/stat", pid));
  const auto process = stat ? running_process(*stat) : std::nullopt;
  return process ? std::to_string(process->started_ticks) : std::string();
}

std::string owner_line() {
  return fmt::format("{} {}", ::getpid(), start_time(::getpid()));
}

// The owner, then one setting a line: path, tab, original value.
std::string text_of(const std::vector<OriginalSetting>& originals) {
  std::string text = owner_line() + "\n";
  for (const auto& one : originals) text += fmt::format("{}\t{}\n", one.path.string(), one.value);
  return text;
}

bool runs_still(std::string_view owner) {
  const auto blank = owner.find(' ');
  const auto pid = static_cast<pid_t>(std::strtol(std::string(owner).c_str(), nullptr, 10));
  const auto started = start_time(pid);
  return blank != std::string_view::npos && !started.empty() && started == owner.substr(blank + 1);
}

std::vector<OriginalSetting> settings_in(const std::vector<std::string_view>& lines) {
  std::vector<OriginalSetting> settings;
  for (const auto line : std::span(lines).subspan(1)) {  // the first names the owner
    const auto tab = line.find('\t');
    if (tab == std::string_view::npos) continue;
    settings.push_back({fs::path(line.substr(0, tab)), std::string(line.substr(tab + 1))});
  }
  return settings;
}

// It is root who writes them.
Status check_known(const std::vector<OriginalSetting>& settings, const fs::path& state,
                   const fs::path& root) {
  for (const auto& one : settings) {
    if (is_tunable(one.path, root)) continue;
    return Error{
        Fault::infra,
        fmt::format("put back {}: {} is nothing that --tune changes", state.string(), one.path.string()), 0,
        "remove the file when it is not yours"};
  }
  return Done{};
}

}  // namespace

Result<Tuning> Tuning::apply(const std::vector<Finding>& findings, const fs::path& state) {
  Tuning tuning;
  for (const auto& finding : findings) {
    if (finding.check->tunable) tuning.originals_.push_back({finding.path, finding.found});
  }
  if (tuning.originals_.empty()) return tuning;
  if (auto status = write_file_atomic(state, text_of(tuning.originals_)); !status) {
    return Error{Fault::infra, "write the original settings to " + state.string(), status.error().err,
                 "without them --tune changes nothing"};
  }
  tuning.state_ = state;
  for (const auto& finding : findings) {
    if (!finding.check->tunable) continue;
    const auto change =
        fmt::format("{}: {} -> {}", finding.check->name, finding.found, finding.check->wanted);
    const auto status = write_setting(finding.path, finding.check->wanted);
    (status ? tuning.changed_ : tuning.refusals_).push_back(change);
  }
  return tuning;
}

Tuning::Tuning(Tuning&& other) noexcept
    : state_(std::exchange(other.state_, {})),
      originals_(std::exchange(other.originals_, {})),
      changed_(std::move(other.changed_)),
      refusals_(std::move(other.refusals_)) {}

Tuning& Tuning::operator=(Tuning&& other) noexcept {
  std::swap(state_, other.state_);
  std::swap(originals_, other.originals_);
  std::swap(changed_, other.changed_);
  std::swap(refusals_, other.refusals_);
  return *this;
}

Tuning::~Tuning() {
  if (state_.empty()) return;
  bool restored = true;
  for (auto one = originals_.rbegin(); one != originals_.rend(); ++one) {
    restored = write_setting(one->path, one->value).ok() && restored;
  }
  std::error_code kept;  // then the next run tries again
  if (restored) fs::remove(state_, kept);
}

Result<std::vector<std::string>> restore_leftovers(const fs::path& state, const fs::path& root) {
  const auto text = read_file(state);
  if (!text && text.error().err == ENOENT) return std::vector<std::string>();
  if (!text) return text.error();
  const auto lines = split(*text, '\n');
  if (runs_still(lines.front())) {
    return Error{Fault::infra, fmt::format("process {} has changed settings and still runs", lines.front()),
                 EBUSY, "wait for it, or end it"};
  }
  std::vector<std::string> restored;
  const auto settings = settings_in(lines);
  TRY(check_known(settings, state, root));
  for (auto one = settings.rbegin(); one != settings.rend(); ++one) {
    TRY(write_setting(one->path, one->value));
    restored.push_back(fmt::format("{} = {}", one->path.string(), one->value));
  }
  std::error_code failure;
  fs::remove(state, failure);
  if (failure) return Error{Fault::infra, "remove " + state.string(), failure.value(), {}};
  return restored;
}

}  // namespace probebench::session
