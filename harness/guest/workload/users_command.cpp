// SPDX-License-Identifier: MIT
#include "workload/users_command.h"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>
#include <iterator>
#include <sstream>

#include "base/file.h"
#include "base/process.h"
#include "base/text.h"
#include "workload/work.h"

namespace probebench::workload {
namespace {

constexpr std::size_t kLongestWords = 160;
constexpr std::size_t kKept = 4096;  // bytes of the end of what it printed
constexpr int kLookMs = 50;

struct Heard {
  int exit_code = 0;
  std::string end_of_text;
};

// False: nobody writes any more, or nothing came in this time.
bool hear(int fd, int wait_ms, std::string& text) {
  pollfd readable{fd, POLLIN, 0};
  if (::poll(&readable, 1, wait_ms) <= 0) return false;
  std::array<char, 4096> buffer;
  const auto got = ::read(fd, buffer.data(), buffer.size());
  if (got <= 0) return false;
  text.append(buffer.data(), static_cast<std::size_t>(got));
  if (text.size() > kKept) text.erase(0, text.size() - kKept);
  return true;
}

// What it leaves behind may have its standard error open for ever: its own end is what counts.
Result<Heard> run_and_hear(const std::vector<std::string>& command, std::chrono::seconds timeout) {
  auto pipe = TRY(make_pipe());
  auto child = TRY(Child::start({.argv = command}, -1, pipe.write_end.get()));
  pipe.write_end.reset();
  Heard heard;
  const auto end = std::chrono::steady_clock::now() + timeout;
  bool over = false;
  while (!over) {
    const bool came = hear(pipe.read_end.get(), kLookMs, heard.end_of_text);
    over = child.poll_exit(heard.exit_code);
    if (!over && std::chrono::steady_clock::now() > end) {
      return Error{Fault::cell, "hear " + command.front(), ETIMEDOUT, {}};
    }
    if (!over && !came) ::poll(nullptr, 0, 1);
  }
  while (hear(pipe.read_end.get(), 0, heard.end_of_text)) {
  }
  return heard;
}

std::set<pid_t> children_but(const std::set<pid_t>& ours) {
  std::set<pid_t> others;
  std::ranges::set_difference(children(), ours, std::inserter(others, others.end()));
  return others;
}

class Command : public Work {
 public:
  explicit Command(WorkOptions options) : options_(std::move(options)) {}

  Status run(std::uint32_t operations) override {
    for (std::uint32_t i = 0; i < operations; ++i) {
      TRY(run_command(options_.command, options_.timeout));
    }
    return Done{};
  }

 private:
  WorkOptions options_;
};

}  // namespace

std::string last_words(std::string_view printed) {
  std::string_view last;
  for (const auto line : split(printed, '\n')) {
    if (!trimmed(line).empty()) last = trimmed(line);
  }
  std::string words(last.substr(0, kLongestWords));
  std::ranges::replace_if(
      words, [](char c) { return c < ' ' || c > '~'; }, '?');
  return words;
}

Error failure_of(const std::vector<std::string>& command, const Ended& ended, std::chrono::seconds timeout) {
  auto text = ended.signal != 0 ? fmt::format("'{}' was ended by signal {} ({})", command.front(),
                                              ended.signal, ::strsignal(ended.signal))
                                : fmt::format("'{}' failed: exit code {}", command.front(), ended.exit_code);
  const auto heard = run_and_hear(command, timeout);
  if (!heard || heard->exit_code != ended.exit_code) return {Fault::cell, std::move(text), 0, {}};
  const auto words = last_words(heard->end_of_text);
  if (!words.empty()) text += fmt::format("; its last words: {}", words);
  return {Fault::cell, std::move(text), 0, {}};
}

Status run_command(const std::vector<std::string>& command, std::chrono::seconds timeout,
                   const Prepare& prepare) {
  const auto ended = TRY(run_program(command, timeout, prepare));
  if (ended.exit_code == 0) return Done{};
  return failure_of(command, ended, timeout);
}

void adopt_orphans() {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
}

// Of all our threads: the kernel gives orphans to any.
std::set<pid_t> children() {
  std::set<pid_t> pids;
  std::error_code unreadable;
  for (const auto& thread : fs::directory_iterator("/proc/self/task", unreadable)) {
    std::ifstream listed(thread.path() / "children");
    for (pid_t pid = 0; listed >> pid;) pids.insert(pid);
  }
  return pids;
}

std::uint32_t end_orphans(const std::set<pid_t>& ours) {
  std::uint32_t running = 0;
  for (auto pids = children_but(ours); !pids.empty(); pids = children_but(ours)) {
    for (const auto pid : pids) {
      if (::waitpid(pid, nullptr, WNOHANG) == pid) continue;  // it had ended already
      ++running;
      ::kill(pid, SIGKILL);
      ::waitpid(pid, nullptr, 0);
    }
  }
  return running;
}

MadeWork make_command(const WorkOptions& options) {
  if (options.command.empty()) return Error{Fault::cell, "run no command", 0, {}};
  return MadeWork(std::make_unique<Command>(options));
}

}  // namespace probebench::workload
