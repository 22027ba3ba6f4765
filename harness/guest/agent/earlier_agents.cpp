// SPDX-License-Identifier: MIT
#include "agent/earlier_agents.h"

#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "base/file.h"
#include "base/process.h"
#include "base/stop.h"

namespace probebench::agent {
namespace {

namespace fs = std::filesystem;

std::optional<ProcessStat> process_in(const fs::path& directory) {
  const auto stat = read_file(directory / "stat");  // of what is no process there is none
  return stat ? running_process(*stat) : std::nullopt;
}

}  // namespace

// By name, not by /proc/PID/exe: a process that exits gives up its memory before its files.
std::vector<std::string> earlier_agents(const std::string& proc) {
  std::vector<std::string> found;
  const auto self = process_in(fs::path(proc) / "self");
  if (!self) return found;
  std::error_code unreadable;
  for (const auto& entry : fs::directory_iterator(proc, unreadable)) {
    const auto other = process_in(entry.path());
    if (other && other->name == self->name && other->began_before(*self)) {
      found.push_back(std::to_string(other->pid));
    }
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
