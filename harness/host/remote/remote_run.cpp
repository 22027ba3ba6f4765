// SPDX-License-Identifier: MIT
#include "remote/remote_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

#include "base/text.h"
#include "remote/lifeline.h"
#include "remote/ssh_client.h"
#include "vm/archive_writer.h"
#include "vm/initramfs.h"
#include "vm/vm_session.h"

namespace probebench::remote {
namespace {

constexpr std::chrono::seconds kBetweenSigns{5};
// Longer than a network that recovers is silent.
constexpr std::chrono::seconds kPatience{60};
// After the last record the module is taken out, which waits for RCU, and what was copied is removed.
constexpr std::chrono::seconds kGoodbye{40};
constexpr const char* kLoader = "lib/loader";

// Whatever shell the user has there, this is the same to it: no quote within quotes, one line. dd takes the
// script and no byte more from what follows.
std::string login_command(std::size_t script_bytes) {
  return fmt::format("exec sh -c 'eval \"$(dd bs=1 count={} 2>/dev/null)\"'", script_bytes);
}

// The C library's own loader, also where the machine has an older one: the path is taken from the directory
// that the agent is started from (execve(2)).
Result<std::string> agent_with_own_loader(const fs::path& agent, const std::string& interpreter) {
  auto program = TRY(read_file(agent));
  if (interpreter.empty()) return program;
  const auto at = program.find(interpreter + '\0');
  if (at == std::string::npos || interpreter.size() < std::string_view(kLoader).size()) {
    return Error{Fault::infra, fmt::format("find the loader's path in {}", agent.string()), 0, {}};
  }
  std::string path = kLoader;
  path.resize(interpreter.size());  // what is left is zero
  program.replace(at, path.size(), path);
  return program;
}

Status add_agent(const fs::path& agent, vm::ArchiveWriter& archive) {
  const auto shared = TRY(vm::shared_libraries(agent));
  const auto program = TRY(agent_with_own_loader(agent, shared.interpreter.string()));
  archive.file("probebench-agent", program, 0700);
  archive.directory("lib");
  if (!shared.interpreter.empty()) archive.file_from(kLoader, shared.loader, 0700);
  for (const auto& library : shared.libraries) {
    archive.file_from("lib/" + library.filename().string(), library, 0700);
  }
  return Done{};
}

Status add_sources(const fs::path& directory, vm::ArchiveWriter& archive) {
  archive.directory("kmod");
  std::error_code failure;
  std::vector<fs::path> sources;
  for (const auto& entry : fs::directory_iterator(directory, failure)) {
    const auto name = entry.path().filename().string();
    if (name == "Kbuild" || name.ends_with(".h") || (name.ends_with(".c") && !name.ends_with(".mod.c"))) {
      sources.push_back(entry.path());
    }
  }
  if (failure) return Error{Fault::infra, "read " + directory.string(), failure.value(), {}};
  std::ranges::sort(sources);
  for (const auto& source : sources) archive.file_from("kmod/" + source.filename().string(), source, 0600);
  return Done{};
}

const char* yes_or_no(bool one) {
  return one ? "yes" : "no";
}

Result<std::string> everything_sent(const RemoteRequest& request, const std::string& plan_json,
                                    std::size_t& script_bytes) {
  const auto archive = TRY(carried_archive(request, plan_json));
  const auto text = TRY(read_file(request.script));
  const auto script = fmt::format("set -- {} {} {} {} {}\n{}", archive.size(), yes_or_no(request.load_module),
                                  yes_or_no(request.tell_secrets), kPatience.count(), request.cpu_list, text);
  script_bytes = script.size();
  return script + archive;
}

// What comes before the records.
class Preamble {
 public:
  Preamble(const OnSecrets& on_secrets, kernels::Progress& progress)
      : on_secrets_(on_secrets), progress_(progress) {}

  // False: that is none of it.
  bool take(std::string_view line) {
    if (over_) return false;
    if (!line.starts_with('#')) {
      over_ = true;
      on_secrets_(std::move(secrets_));
      return false;
    }
    const auto blank = line.find(' ');
    const auto key = line.substr(1, blank == line.npos ? blank : blank - 1);
    const auto rest = blank == line.npos ? std::string_view() : line.substr(blank + 1);
    if (key == "host") secrets_.host_name = rest;
    if (key == "cmdline") secrets_.command_line = rest;
    if (key == "symbol") secrets_.kallsyms.append(rest).push_back('\n');
    if (key == "note") progress_.note(rest);
    if (key == "step") progress_.step(rest);
    return true;
  }

 private:
  const OnSecrets& on_secrets_;
  kernels::Progress& progress_;
  RemoteSecrets secrets_;
  bool over_ = false;
};

vm::VmSession session_of(const RemoteRequest& request, std::size_t script_bytes) {
  vm::VmSession session;
  session.name = "ssh";
  session.target = "the agent on " + request.destination;
  session.command.argv = ssh_arguments(request.destination, login_command(script_bytes));
  session.guest_log = request.agent_log;
  session.first_line_deadline = session.silence_deadline = request.silence_deadline;
  session.record_deadline = std::max(session.record_deadline, 2 * request.silence_deadline);
  session.run_deadline = request.run_deadline;
  session.exit_grace = kGoodbye;
  return session;
}

Error not_started(Error error) {
  if (error.err != ENOENT) return error;
  return {Fault::infra, "measure over ssh: the program ssh is not installed", 0,
          "apt-get install openssh-client"};
}

Result<vm::VmOutcome> judged(const RemoteRequest& request, vm::VmOutcome outcome, bool begun) {
  if (outcome.end != vm::VmOutcome::End::died) return outcome;
  const bool by_ssh = outcome.qemu_exit == kSshFailed || outcome.qemu_exit > 128;
  if (begun && by_ssh) {
    outcome.end = vm::VmOutcome::End::disconnected;
    const std::string why(last_line(outcome.messages));
    outcome.detail = request.destination + (why.empty() ? "" : ": " + why);
  }
  if (begun) return outcome;
  if (by_ssh) return ssh_refusal(request.destination, outcome.messages);
  return Error{Fault::infra, fmt::format("measure on {}: {}", request.destination, outcome.detail), 0, {}};
}

}  // namespace

Result<std::string> carried_archive(const RemoteRequest& request, const std::string& plan_json) {
  vm::ArchiveWriter archive(vm::ArchiveFormat::tar);
  TRY(add_agent(request.agent, archive));
  TRY(add_sources(request.kmod_dir, archive));
  archive.file("plan.json", plan_json, 0600);
  return archive.finish();
}

Result<vm::VmOutcome> run_over_ssh(const RemoteRequest& request, const vm::VmEvents& events,
                                   const OnSecrets& on_secrets, kernels::Progress& progress) {
  vm::VmAttempt attempt;
  attempt.native = true;
  attempt.clock = ClockKind::tsc;
  attempt.facts["target.reached"] = "ssh";
  std::size_t script_bytes = 0;
  auto sent = TRY(everything_sent(request, events.plan_json(attempt.clock), script_bytes));
  auto made = TRY(Lifeline::make(std::move(sent), kBetweenSigns));
  auto session = session_of(request, script_bytes);
  session.command.input = made.theirs.get();
  Preamble preamble(on_secrets, progress);
  bool begun = false;
  session.on_line = [&](std::string_view line) {
    if (preamble.take(line)) return false;
    if (!begun) events.on_start(attempt);
    begun = true;
    return events.on_line(line);
  };
  auto outcome = vm::run_session(session);
  if (!outcome) return not_started(outcome.take_error());
  auto ended = judged(request, std::move(*outcome), begun);
  if (ended) ended->attempt = std::move(attempt);
  return ended;
}

}  // namespace probebench::remote
