// SPDX-License-Identifier: MIT
#include "agent/earlier_agents.h"

#include <unistd.h>

#include <cerrno>
#include <compare>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <optional>

#include "base/file.h"
#include "base/poll.h"
#include "base/split.h"

namespace probebench::agent {
namespace {

namespace fs = std::filesystem;

struct Process {
  std::uint64_t started_ticks = 0;
  std::uint64_t pid = 0;

  auto operator<=>(const Process&) const = default;
};

// The name, not /proc/PID/exe: a process that exits gives up its memory before its files.
std::string_view name_in(std::string_view stat) {
  const auto open = stat.find('(');
  const auto close = stat.rfind(')');
  return close == std::string_view::npos ? std::string_view() : stat.substr(open + 1, close - open - 1);
}

// From /proc/PID/stat (proc(5)). A zombie has closed its files.
std::optional<Process> running_process(std::string_view stat) {
  const auto fields = split(stat.substr(stat.rfind(')') + 2), ' ');
  if (fields.size() < 20 || fields[0] == "Z" || fields[0] == "X") return std::nullopt;
  const auto number = [](std::string_view text) {
    return std::strtoull(std::string(text).c_str(), nullptr, 10);
  };
  return Process{number(fields[19]), number(stat)};
}

}  // namespace

std::vector<std::string> earlier_agents(const std::string& proc) {
  std::vector<std::string> found;
  const auto own_text = read_file(fs::path(proc) / "self" / "stat");
  const auto self = own_text ? running_process(*own_text) : std::nullopt;
  if (!self) return found;
  std::error_code unreadable;
  for (const auto& entry : fs::directory_iterator(proc, unreadable)) {
    const auto stat = read_file(entry.path() / "stat");  // of what is no process there is none
    if (!stat || name_in(*stat).empty() || name_in(*stat) != name_in(*own_text)) continue;
    const auto process = running_process(*stat);
    if (process && *process < *self) found.push_back(std::to_string(process->pid));
  }
  return found;
}

Status wait_for_earlier_agents(std::chrono::milliseconds deadline) {
  std::vector<std::string> running;
  const auto over = poll_until(deadline, std::chrono::milliseconds(20), [&running]() -> Result<bool> {
    running = earlier_agents();
    return running.empty();
  });
  if (*over) return Done{};
  return Error{Fault::infra, "measure on the running kernel beside probebench-agent " + running.front(),
               EBUSY, "wait until the other run has ended"};
}

}  // namespace probebench::agent
