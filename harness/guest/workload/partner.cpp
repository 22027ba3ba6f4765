// SPDX-License-Identifier: MIT
#include "workload/partner.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/futex.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <new>
#include <string>
#include <utility>

#include "base/stop.h"
#include "base/unique_fd.h"

namespace probebench::workload {
namespace {

// What a child and this process share, so that neither has to read a pipe for it: that would be a hit of what
// is probed.
struct Shared {
  int failure = 0;                // why the child could not become its program
  std::atomic<std::uint32_t> go;  // 0: it waits
};

Shared* shared_with_child() {
  static Shared* const kShared = [] {
    void* page = ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return page == MAP_FAILED ? nullptr : new (page) Shared;
  }();
  return kShared;
}

void futex(std::atomic<std::uint32_t>& word, int operation, std::uint32_t value) {
  ::syscall(SYS_futex, &word, operation, value, nullptr, nullptr, 0);
}

// A user's command, which shares something with us, is in a group of its own: it may kill its group.
[[noreturn]] void become(const std::vector<char*>& argv, int null, Shared* shared) {
  if (shared != nullptr) ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  lead_streams_to(null);
  while (shared != nullptr && shared->go == 0) futex(shared->go, FUTEX_WAIT, 0);
  ::execvp(argv[0], argv.data());
  if (shared != nullptr) shared->failure = errno;
  ::_exit(kCannotStart);
}

Result<pid_t> start(const std::vector<std::string>& argv, Shared* shared) {
  static const UniqueFd kNull(::open("/dev/null", O_RDWR | O_CLOEXEC));
  const auto pointers = pointers_to(argv);
  const pid_t pid = ::fork();
  if (pid < 0) return errno_error(Fault::cell, "fork");
  if (pid == 0) become(pointers, kNull.get(), shared);
  return pid;
}

Ended ended(int status) {
  if (WIFSIGNALED(status)) return {128 + WTERMSIG(status), WTERMSIG(status)};
  return {WEXITSTATUS(status)};
}

Result<Ended> wait_for(pid_t pid, const std::vector<std::string>& argv) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0) {
    if (errno != EINTR) return errno_error(Fault::cell, "wait for '" + argv.front() + "'");
  }
  return ended(status);
}

void kill_and_reap(pid_t pid) {
  ::kill(pid, SIGKILL);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
}

// Whether it ended in time; a request to stop ends the wait as well.
bool ends_within(pid_t pid, std::chrono::milliseconds timeout) {
  const UniqueFd process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  std::vector<pollfd> watched{{process.get(), POLLIN, 0}};
  if (stop_fd() >= 0) watched.push_back({stop_fd(), POLLIN, 0});
  const auto end = std::chrono::steady_clock::now() + timeout;
  for (;;) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    if (left.count() <= 0 || stop_requested()) return false;
    if (::poll(watched.data(), watched.size(), static_cast<int>(left.count())) > 0) {
      return (watched.front().revents & POLLIN) != 0;
    }
  }
}

}  // namespace

std::vector<char*> pointers_to(const std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (const auto& one : words) pointers.push_back(const_cast<char*>(one.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

void lead_streams_to(int fd) {
  for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::dup2(fd, standard);
}

Result<Scratch> Scratch::make() {
  std::error_code unknown;
  const auto temporary = std::filesystem::temp_directory_path(unknown);
  std::string path = (temporary / "probebench-work.XXXXXX").string();
  if (::mkdtemp(path.data()) == nullptr) return errno_error(Fault::cell, "make a directory " + path);
  return Scratch(path);
}

Scratch::Scratch(Scratch&& other) noexcept : path_(std::exchange(other.path_, {})) {}

Scratch& Scratch::operator=(Scratch&& other) noexcept {
  std::swap(path_, other.path_);
  return *this;
}

Scratch::~Scratch() {
  std::error_code ignored;  // nobody is left to be told
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

Result<Partner> Partner::run(const std::function<void()>& body) {
  const pid_t pid = ::fork();
  if (pid < 0) return errno_error(Fault::cell, "fork");
  if (pid > 0) return Partner(pid);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  body();
  ::_exit(0);
}

Partner::~Partner() {
  if (pid_ > 0) kill_and_reap(pid_);
}

bool Partner::has_ended() const {
  siginfo_t how{};
  return ::waitid(P_PID, static_cast<id_t>(pid_), &how, WEXITED | WNOHANG | WNOWAIT) == 0 &&
         how.si_pid == pid_;
}

Result<Ended> run_program(const std::vector<std::string>& argv, std::chrono::seconds timeout,
                          const Prepare& prepare) {
  Shared* const shared = shared_with_child();
  if (shared == nullptr) return errno_error(Fault::cell, "share memory with a child");
  shared->failure = 0;
  shared->go = prepare ? 0 : 1;
  const auto pid = TRY(start(argv, shared));
  const auto prepared = prepare ? prepare(pid) : Status(Done{});
  if (!prepared) {
    kill_and_reap(pid);
    return prepared.error();
  }
  if (shared->go.exchange(1) == 0) futex(shared->go, FUTEX_WAKE, 1);
  if (ends_within(pid, timeout)) {
    const auto ended = TRY(wait_for(pid, argv));
    if (shared->failure == 0) return ended;
    return Error{Fault::cell, fmt::format("start '{}'", argv.front()), shared->failure, {}};
  }
  ::kill(-pid, SIGKILL);
  kill_and_reap(pid);
  if (stop_requested()) return Error{Fault::interrupted, "interrupted during " + argv.front(), 0, {}};
  return Error{Fault::cell, fmt::format("'{}' did not end within {} s", argv.front(), timeout.count()),
               ETIMEDOUT, "a longer --timeout"};
}

Result<Ended> run_program(const std::vector<std::string>& argv) {
  const auto pid = TRY(start(argv, nullptr));
  const auto ended = TRY(wait_for(pid, argv));
  if (ended.exit_code != kCannotStart) return ended;
  return Error{Fault::cell, fmt::format("start '{}': not found, or not executable", argv.front()), 0, {}};
}

}  // namespace probebench::workload
