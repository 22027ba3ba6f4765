// SPDX-License-Identifier: MIT
#include "cost/tool.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <chrono>
#include <cstdlib>
#include <thread>
#include <utility>

#include "base/file.h"
#include "base/text.h"
#include "base/unique_fd.h"

namespace probebench::cost {
namespace {

constexpr int kCannotStart = 127;  // as shells have it
constexpr const char* kOutput = "/tmp/probebench-tool.txt";
// A tool that writes without end fills the guest's memory.
constexpr rlim_t kMostOutput = 16 << 20;
// An idle guest's time is free: what a tool waits for comes at once.
constexpr std::chrono::milliseconds kWaitForEnd{50};
constexpr int kLooksForEnd = 100;

// Without a time zone some tools open a file for each event.
constexpr std::array<const char*, 6> kEnvironment{
    "PATH=/usr/bin:/bin:/command", "HOME=/tmp", "TZ=UTC", "TERM=dumb", "LC_ALL=C", nullptr};

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
[[noreturn]] void become(const std::vector<char*>& argv) {
  const int null = ::open("/dev/null", O_RDONLY);
  const int output = ::open(kOutput, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
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

}  // namespace

std::set<pid_t> user_processes(const std::filesystem::path& root) {
  std::set<pid_t> found;
  std::error_code failure;
  for (const auto& entry : fs::directory_iterator(root / "proc", failure)) {
    const auto name = entry.path().filename().string();
    if (!is_number(name)) continue;
    const auto maps = read_file(entry.path() / "maps");
    // A thread of the kernel has no memory of its own; neither has what has ended.
    if (maps && !maps->empty()) found.insert(static_cast<pid_t>(std::strtol(name.c_str(), nullptr, 10)));
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

Result<Tool> Tool::start(const std::vector<std::string>& command) {
  auto others = user_processes();
  const auto argv = argv_of(command);
  const pid_t pid = ::fork();
  if (pid < 0) return errno_error(Fault::cell, "start " + command.front());
  if (pid == 0) become(argv);
  return Tool(pid, std::move(others));
}

Tool::Tool(Tool&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), others_(std::move(other.others_)), status_(other.status_) {}

Tool::~Tool() {
  if (pid_ > 0) end();
}

std::optional<std::string> Tool::ended() {
  if (pid_ > 0 && ::waitpid(pid_, &status_, WNOHANG) == pid_) pid_ = 0;
  if (pid_ > 0) return std::nullopt;
  return how_it_ended(status_);
}

std::set<pid_t> Tool::processes() const {
  std::set<pid_t> own;
  std::ranges::set_difference(user_processes(), others_, std::inserter(own, own.end()));
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
  const auto text = read_file(kOutput);
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
  return willing;
}

// What the tool had started is this process's to wait for, where it is the first one.
void Tool::reap() {
  for (const auto pid : processes()) ::waitpid(pid, nullptr, 0);
}

}  // namespace probebench::cost
