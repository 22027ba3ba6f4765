// SPDX-License-Identifier: MIT
#include "kernel/put_back.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <utility>

#include "base/file.h"
#include "base/text.h"
#include "base/unique_fd.h"

namespace probebench::kernel {
namespace {

constexpr const char* kTracing = "sys/kernel/tracing";

void add_events(std::vector<std::string>& found, const std::string& prefix, const fs::path& tracing) {
  const auto definitions = read_file(tracing / "dynamic_events");
  if (!definitions) return;
  for (const auto line : split(*definitions, '\n')) {
    if (line.find(":" + prefix) != std::string_view::npos) found.emplace_back(line);
  }
}

void add_instances(std::vector<std::string>& found, const std::string& prefix, const fs::path& tracing) {
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(tracing / "instances", none)) {
    const auto name = entry.path().filename().string();
    if (name.starts_with(prefix)) found.push_back("instances/" + name);
  }
}

constexpr std::string_view kOurs = "probebench_";

// The process in a text that has "probebench_<pid>" somewhere.
bool owner_is_gone(std::string_view text) {
  const auto at = text.find(kOurs);
  if (at == std::string_view::npos) return false;
  const auto pid = std::strtol(std::string(text.substr(at + kOurs.size())).c_str(), nullptr, 10);
  return pid > 0 && ::kill(static_cast<pid_t>(pid), 0) != 0 && errno == ESRCH;
}

// An event that is enabled in an instance keeps both from going.
bool remove_instance(const fs::path& instance) {
  for (const auto& [file, value] : {std::pair("current_tracer", "nop"), std::pair("events/enable", "0")}) {
    if (!write_setting(instance / file, value)) return false;
  }
  return ::rmdir(instance.c_str()) == 0;
}

// "p:group/event symbol" -> "-:group/event"
bool remove_event(const fs::path& tracing, std::string_view definition) {
  const auto colon = definition.find(':');
  const auto name = definition.substr(colon, definition.find(' ') - colon);
  const auto request = "-" + std::string(name) + "\n";
  // Appending: opening it for writing alone would remove everybody's events.
  const UniqueFd definitions(::open((tracing / "dynamic_events").c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
  return definitions && ::write(definitions.get(), request.data(), request.size()) > 0;
}

}  // namespace

Result<ScopedSetting> ScopedSetting::set(const std::filesystem::path& path, const std::string& value) {
  auto content = read_file(path);
  if (!content) return Error{Fault::cell, content.error().what, content.error().err, {}};
  ScopedSetting setting;
  std::string original(trimmed(*content));
  if (original == value) return setting;
  TRY(write_setting(path, value));
  setting.path_ = path;
  setting.original_ = std::move(original);
  return setting;
}

ScopedSetting::ScopedSetting(ScopedSetting&& other) noexcept
    : path_(std::move(other.path_)), original_(std::exchange(other.original_, {})) {}

ScopedSetting& ScopedSetting::operator=(ScopedSetting&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(original_, other.original_);
  return *this;
}

ScopedSetting::~ScopedSetting() {
  if (original_.empty()) return;
  // The value was the kernel's own; there is nobody left to tell if it is refused now.
  [[maybe_unused]] const auto status = write_setting(path_, original_);
}

Result<ScopedSetting> set_optimization(Optimization wanted, const std::filesystem::path& root) {
  const auto path = root / "proc/sys/debug/kprobes-optimization";
  const bool absent = !std::filesystem::exists(path);
  if (wanted == Optimization::any || (absent && wanted == Optimization::off)) return ScopedSetting();
  return ScopedSetting::set(path, wanted == Optimization::on ? "1" : "0");
}

std::vector<std::string> remove_trace_leftovers(const fs::path& root) {
  std::vector<std::string> removed;
  const auto tracing = root / kTracing;
  for (const auto& found : trace_leftovers(std::string(kOurs), root)) {
    if (!found.starts_with("instances/") || !owner_is_gone(found)) continue;
    if (remove_instance(tracing / found)) removed.push_back(found);
  }
  for (const auto& found : trace_leftovers(std::string(kOurs), root)) {
    if (found.starts_with("instances/") || !owner_is_gone(found)) continue;
    if (remove_event(tracing, found)) removed.push_back(found);
  }
  return removed;
}

std::vector<std::string> trace_leftovers(const std::string& prefix, const fs::path& root) {
  std::vector<std::string> found;
  add_events(found, prefix, root / kTracing);
  add_instances(found, prefix, root / kTracing);
  return found;
}

}  // namespace probebench::kernel
