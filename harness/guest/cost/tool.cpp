// SPDX-License-Identifier: MIT
#include "cost/tool.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <chrono>
#include <cstdlib>
#include <map>
#include <thread>
#include <utility>

#include "base/file.h"
#include "base/text.h"
#include "base/unique_fd.h"

namespace probebench::cost {
namespace {

constexpr int kCannotStart = 127;  // as shells have it
// A tool that writes without end fills the guest's memory.
constexpr rlim_t kMostOutput = 16 << 20;
// An idle guest's time is free: what a tool waits for comes at once.
constexpr std::chrono::milliseconds kWaitForEnd{50};
constexpr int kLooksForEnd = 100;

// Without a time zone some tools open a file for each event.
constexpr std::array<const char*, 6> kEnvironment{
    "PATH=/usr/sbin:/usr/bin:/sbin:/bin:/command", "HOME=/tmp", "TZ=UTC", "TERM=dumb", "LC_ALL=C", nullptr};

bool is_number(const std::string& name) {
  return !name.empty() && std::ranges::all_of(name, [](unsigned char c) { return std::isdigit(c) != 0; });
}

std::vector<char*> argv_of(const std::vector<std::string>& command) {
  std::vector<char*> argv;
  for (const auto& one : command) argv.push_back(const_cast<char*>(one.c_str()));
  argv.push_back(nullptr);
  return argv;
}

// Runs in the child between fork and exec: only async-signal-safe calls.
[[noreturn]] void become(const std::vector<char*>& argv, int output) {
  const int null = ::open("/dev/null", O_RDONLY);
  ::dup2(null, STDIN_FILENO);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(output, STDERR_FILENO);
  const rlimit most{kMostOutput, kMostOutput};
  ::setrlimit(RLIMIT_FSIZE, &most);
  ::setpgid(0, 0);
  ::execvpe(argv.front(), argv.data(), const_cast<char* const*>(kEnvironment.data()));
  ::_exit(kCannotStart);
}

std::string how_it_ended(int status) {
  if (WIFSIGNALED(status)) {
    const auto flooded = WTERMSIG(status) == SIGXFSZ ? ": it wrote more than 16 MiB" : "";
    return fmt::format("signal {}{}", WTERMSIG(status), flooded);
  }
  if (WEXITSTATUS(status) == kCannotStart) return "exit code 127: not found, or a library is missing";
  return fmt::format("exit code {}", WEXITSTATUS(status));
}

// "12 (a name) S 1 ...": the number behind the state. 0: it is gone.
pid_t parent_of(const fs::path& process) {
  const auto stat = read_file(process / "stat");
  const auto name_end = stat ? stat->rfind(") ") : std::string::npos;
  constexpr std::size_t kToParent = 4;
  if (name_end == std::string::npos || stat->size() < name_end + kToParent) return 0;
  return static_cast<pid_t>(std::strtol(stat->c_str() + name_end + kToParent, nullptr, 10));
}

// A thread of the kernel runs none; neither does what has ended. Asked for without a file to open: there are
// a hundred of these threads, and an open file may be what the tool has its probe on.
bool runs_a_program(const fs::path& process) {
  std::error_code none;
  return !fs::read_symlink(process / "exe", none).empty();
}

std::map<pid_t, pid_t> parents(const fs::path& proc) {
  std::map<pid_t, pid_t> found;
  std::error_code failure;
  for (const auto& entry : fs::directory_iterator(proc, failure)) {
    const auto name = entry.path().filename().string();
    if (!is_number(name) || !runs_a_program(entry.path())) continue;
    if (const auto parent = parent_of(entry.path()); parent != 0) {
      found.emplace(static_cast<pid_t>(std::strtol(name.c_str(), nullptr, 10)), parent);
    }
  }
  return found;
}

// Nobody reads what it holds but who has it open.
Result<UniqueFd> output_file() {
  auto file = TRY(memory_file("probebench-tool-output", ""));
  if (::fcntl(file.get(), F_SETFL, O_APPEND) != 0)
    return errno_error(Fault::cell, "append to a tool's output");
  return file;
}

}  // namespace

std::set<pid_t> processes_below(pid_t ancestor, const std::filesystem::path& root) {
  const auto parent_of_each = parents(root / "proc");
  const auto is_below = [&](pid_t pid) {
    for (auto at = parent_of_each.find(pid); at != parent_of_each.end();
         at = parent_of_each.find(at->second)) {
      if (at->second == ancestor) return true;
    }
    return false;
  };
  std::set<pid_t> found;
  for (const auto& [pid, parent] : parent_of_each) {
    if (is_below(pid)) found.insert(pid);
  }
  return found;
}

std::uint64_t cpu_ns_of(const std::string& schedstat) {
  return std::strtoull(schedstat.c_str(), nullptr, 10);
}

std::string line_on_losses(const std::string& output) {
  for (const auto line : split(output, '\n')) {
    std::string lower(line);
    std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
    const auto at = lower.find("lost ");
    if (at == std::string::npos || lower.find("event") == std::string::npos) continue;
    const auto number = lower.substr(at + sizeof "lost " - 1);
    if (std::strtoull(number.c_str(), nullptr, 10) != 0) return std::string(trimmed(line));
  }
  return {};
}

// What a tool leaves behind when it ends becomes our child.
Result<Tool> Tool::start(const std::vector<std::string>& command, const Keeper* keeper) {
  if (::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0) {
    return errno_error(Fault::cell, "become the parent of what a tool leaves behind");
  }
  auto output = TRY(output_file());
  auto others = processes_below(::getpid());
  const auto argv = argv_of(command);
  const pid_t pid = ::fork();
  if (pid < 0) return errno_error(Fault::cell, "start " + command.front());
  if (pid == 0) become(argv, output.get());
  ::setpgid(pid, pid);  // whichever of the two comes first
  Tool tool(pid, std::move(others), std::move(output), keeper);
  if (keeper != nullptr) TRY(keeper->take_group(pid));
  return tool;
}

Tool::Tool(Tool&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      group_(other.group_),
      others_(std::move(other.others_)),
      output_(std::move(other.output_)),
      keeper_(other.keeper_),
      status_(other.status_) {}

Tool::~Tool() {
  if (pid_ >= 0) end();
}

std::optional<std::string> Tool::ended() {
  if (pid_ > 0 && ::waitpid(pid_, &status_, WNOHANG) == pid_) pid_ = 0;
  if (pid_ > 0) return std::nullopt;
  return how_it_ended(status_);
}

std::set<pid_t> Tool::processes() const {
  std::set<pid_t> own;
  std::ranges::set_difference(processes_below(::getpid()), others_, std::inserter(own, own.end()));
  return own;
}

void Tool::signal_all(int number) const {
  for (const auto pid : processes()) ::kill(pid, number);
}

void Tool::stop() const {
  signal_all(SIGSTOP);
}

void Tool::go_on() const {
  signal_all(SIGCONT);
}

std::uint64_t Tool::cpu_ns() const {
  std::uint64_t sum = 0;
  for (const auto pid : processes()) {
    const auto task = fs::path("/proc") / std::to_string(pid) / "task";
    std::error_code gone;
    for (const auto& thread : fs::directory_iterator(task, gone)) {
      if (const auto stat = read_file(thread.path() / "schedstat")) sum += cpu_ns_of(*stat);
    }
  }
  return sum;
}

std::string Tool::output() const {
  const auto text = read_file(fmt::format("/proc/self/fd/{}", output_.get()));
  return text ? *text : std::string();
}

bool Tool::end() {
  go_on();
  if (pid_ > 0) ::kill(pid_, SIGINT);
  for (int i = 0; i < kLooksForEnd && !ended(); ++i) std::this_thread::sleep_for(kWaitForEnd);
  const bool willing = ended().has_value();
  signal_all(SIGKILL);
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    while (::waitpid(pid_, &status_, 0) < 0 && errno == EINTR) {
    }
  }
  reap();
  pid_ = -1;
  if (keeper_ != nullptr) {
    [[maybe_unused]] const auto told = keeper_->forget_group(group_);
  }
  return willing;
}

// What the tool had started is this process's to wait for, where it is the first one.
void Tool::reap() {
  for (const auto pid : processes()) ::waitpid(pid, nullptr, 0);
}

}  // namespace probebench::cost
