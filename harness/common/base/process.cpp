// SPDX-License-Identifier: MIT
#include "base/process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <string_view>

#include "base/file.h"
#include "base/stop.h"
#include "base/text.h"
#include "base/unique_fd.h"

namespace probebench::inline base {
namespace {

constexpr std::size_t kState = 0;  // counted from behind the name
constexpr std::size_t kStartTime = 19;

std::uint64_t number_in(std::string_view text) {
  return std::strtoull(std::string(text).c_str(), nullptr, 10);
}

using Clock = std::chrono::steady_clock;

// How long a child may take to obey SIGTERM before SIGKILL.
constexpr std::chrono::milliseconds kTermGrace{1500};
constexpr std::chrono::seconds kBetweenLooks{1};

bool is_executable(const fs::path& path) {
  std::error_code unknown;
  return ::access(path.c_str(), X_OK) == 0 && !fs::is_directory(path, unknown);
}

// The path of the first such program on PATH; a name with a slash is one. Empty: there is none.
std::string find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) return name;
  const char* path = std::getenv("PATH");
  for (const auto directory : split(path == nullptr ? "" : path, ':')) {
    const fs::path candidate = fs::path(directory) / name;
    if (is_executable(candidate)) return candidate.string();
  }
  return {};
}

void append(std::vector<char*>& pointers, const std::vector<std::string>& texts) {
  for (const auto& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
}

bool sets(const std::string& setting, std::string_view variable) {
  return variable.starts_with(std::string_view(setting).substr(0, setting.find('=') + 1));
}

// Ours, but for the variables that the command sets itself.
std::vector<char*> environment_for(const Command& command) {
  std::vector<char*> pointers;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const auto replaces = [&](const std::string& setting) { return sets(setting, *variable); };
    if (std::ranges::none_of(command.environment, replaces)) pointers.push_back(*variable);
  }
  append(pointers, command.environment);
  return pointers;
}

// What execve() takes. It is made before the fork: between fork and exec nothing may allocate, since another
// thread may have held the allocator's lock.
struct Image {
  explicit Image(const Command& command)
      : program(find_program(command.argv.front())),
        environment(environment_for(command)),
        passed(command.passed) {
    append(argv, command.argv);
  }

  std::string program;
  std::vector<char*> argv;
  std::vector<char*> environment;
  std::vector<PassedFd> passed;
};

constexpr int kAside = 100;  // above all numbers that a command passes

// By way of numbers that nobody asks for, since one descriptor's new number may be another's old one.
bool pass(std::vector<PassedFd>& passed) {
  for (auto& one : passed) one.ours = ::fcntl(one.ours, F_DUPFD_CLOEXEC, kAside);
  return std::ranges::all_of(passed,
                             [](const PassedFd& one) { return ::dup2(one.ours, one.theirs) == one.theirs; });
}

bool prepare(const Command& command, Image& image, pid_t parent) {
  if (!pass(image.passed)) return false;
  if (!command.confinement) return true;
  if (const int failure = confine(*command.confinement); failure != 0) {
    errno = failure;
    return false;
  }
  // Another user is another parent's child to the kernel, which forgets this then (prctl(2)).
  return ::prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && ::getppid() == parent;
}

// Runs in the child between fork and exec: only async-signal-safe calls.
[[noreturn]] void exec_child(const Command& command, Image& image, int out, int err, int report_fd,
                             pid_t parent) {
  report_fd = ::fcntl(report_fd, F_DUPFD_CLOEXEC, kAside);
  ::setpgid(0, 0);
  // No child outlives us, not even when we are killed and no destructor runs.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);
  const int null = ::open("/dev/null", O_RDWR);
  ::dup2(command.input >= 0 ? command.input : null, STDIN_FILENO);
  ::dup2(out >= 0 ? out : null, STDOUT_FILENO);
  ::dup2(err >= 0 ? err : null, STDERR_FILENO);
  const bool in_place = command.directory.empty() || ::chdir(command.directory.c_str()) == 0;
  ::signal(SIGPIPE, SIG_DFL);
  if (in_place && prepare(command, image, parent))
    ::execve(image.program.c_str(), image.argv.data(), image.environment.data());
  const int failure = errno;
  [[maybe_unused]] const ssize_t put = ::write(report_fd, &failure, sizeof failure);
  ::_exit(127);
}

int decode_status(int status) {
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int remaining_ms(Clock::time_point end) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now());
  return static_cast<int>(std::max<std::int64_t>(0, left.count()));
}

// Collects output until the writers are gone, a stop is asked for or the time is over.
Status collect(int fd, Clock::time_point end, const std::string& name, const Watch& watch,
               std::string& output) {
  std::array<char, 1 << 14> buffer;
  auto next_look = Clock::now() + kBetweenLooks;
  for (;;) {
    std::array<pollfd, 2> watched{{{fd, POLLIN, 0}, {stop_fd(), POLLIN, 0}}};
    const int ready =
        ::poll(watched.data(), watched.size(), remaining_ms(watch ? std::min(end, next_look) : end));
    if (stop_requested()) return Error{Fault::interrupted, "interrupted during " + name, 0, {}};
    if (Clock::now() >= end) return Error{Fault::infra, name + " did not finish in time", ETIMEDOUT, {}};
    if (watch && Clock::now() >= next_look) {
      if (auto good = watch(); !good) return good;
      next_look = Clock::now() + kBetweenLooks;
    }
    if (ready <= 0) continue;  // time for a look, or EINTR
    const ssize_t got = ::read(fd, buffer.data(), buffer.size());
    if (got == 0) return Done{};
    if (got > 0) output.append(buffer.data(), static_cast<size_t>(got));
  }
}

}  // namespace

// A name may have blanks and brackets in it.
std::optional<ProcessStat> running_process(std::string_view stat) {
  const auto open = stat.find('(');
  const auto close = stat.rfind(')');
  if (open == std::string_view::npos || close == std::string_view::npos || close + 2 > stat.size()) {
    return std::nullopt;
  }
  const auto fields = split(stat.substr(close + 2), ' ');
  if (fields.size() <= kStartTime || fields[kState] == "Z" || fields[kState] == "X") return std::nullopt;
  return ProcessStat{number_in(fields[kStartTime]), number_in(stat),
                     std::string(stat.substr(open + 1, close - open - 1))};
}

// "ns on a CPU, ns of waiting for one, time slices"
std::chrono::nanoseconds waited_for_a_cpu(pid_t pid, const fs::path& proc) {
  std::uint64_t longest = 0;
  std::error_code gone;
  for (const auto& thread : fs::directory_iterator(proc / std::to_string(pid) / "task", gone)) {
    const auto told = read_file(thread.path() / "schedstat");
    const auto fields = told ? split(*told, ' ') : std::vector<std::string_view>();
    if (fields.size() > 1) longest = std::max(longest, number_in(fields[1]));
  }
  return std::chrono::nanoseconds(longest);
}

Result<Child> Child::start(const Command& command, int stdout_fd, int stderr_fd) {
  const std::string what = "start " + command.argv.front();
  Image image(command);
  if (image.program.empty()) return Error{Fault::infra, what, ENOENT, {}};
  auto report = TRY(make_pipe());
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) return errno_error(Fault::infra, what);
  if (pid == 0) exec_child(command, image, stdout_fd, stderr_fd, report.write_end.get(), parent);
  Child child(pid);
  report.write_end.reset();
  int failure = 0;
  if (::read(report.read_end.get(), &failure, sizeof failure) == sizeof failure) {
    return Error{Fault::infra, what, failure, {}};
  }
  return child;
}

Child::Child(Child&& other) noexcept : pid_(std::exchange(other.pid_, -1)) {}

Child& Child::operator=(Child&& other) noexcept {
  std::swap(pid_, other.pid_);
  return *this;
}

Child::~Child() {
  end();
}

bool Child::poll_exit(int& exit_code) {
  if (pid_ < 0) return true;
  int status = 0;
  if (::waitpid(pid_, &status, WNOHANG) != pid_) return false;
  exit_code = decode_status(status);
  pid_ = -1;
  return true;
}

void Child::end() {
  int exit_code = 0;
  if (pid_ < 0 || poll_exit(exit_code)) return;
  ::kill(-pid_, SIGTERM);
  ::kill(pid_, SIGTERM);  // in case the child has not reached setpgid yet
  const auto ended = poll_until(kTermGrace, std::chrono::milliseconds(10),
                                [&]() -> Result<bool> { return poll_exit(exit_code); });
  if (*ended) return;
  ::kill(-pid_, SIGKILL);
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

Result<Finished> run_command(const Command& command, std::chrono::seconds deadline, const Watch& watch) {
  auto pipe = TRY(make_pipe());
  auto child = TRY(Child::start(command, pipe.write_end.get(), pipe.write_end.get()));
  pipe.write_end.reset();
  Finished finished;
  const auto end = Clock::now() + deadline;
  TRY(collect(pipe.read_end.get(), end, command.argv.front(), watch, finished.output));
  const auto exited = poll_until(std::chrono::milliseconds(remaining_ms(end)), std::chrono::milliseconds(1),
                                 [&]() -> Result<bool> { return child.poll_exit(finished.exit_code); });
  if (*exited) return finished;
  return Error{Fault::infra, command.argv.front() + " did not exit", ETIMEDOUT, {}};
}

bool program_exists(const std::string& name) {
  const auto program = find_program(name);
  return !program.empty() && is_executable(program);
}

}  // namespace probebench::inline base
