// SPDX-License-Identifier: MIT
#include "agent/module_keeper.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>

#include "base/process.h"
#include "base/stop.h"
#include "kernel/control.h"
#include "kernel/keeper_process.h"
#include "kernel/module_refusal.h"

namespace probebench::agent {
namespace {

constexpr const char* kModule = "probebench";
// Detaching waits for grace periods of RCU, and an emulated machine takes its time for them.
constexpr std::chrono::seconds kUnloadDeadline{30};
constexpr std::chrono::milliseconds kBetweenTries{20};

// 0, or the errno of the refusal.
int load(const char* path) {
  const UniqueFd file(::open(path, O_RDONLY | O_CLOEXEC));
  if (!file || ::syscall(SYS_finit_module, file.get(), "", 0) != 0) return errno;
  return 0;
}

[[noreturn]] void keep(const char* path, int life, int report) {
  kernel::become_keeper(life, report);
  const int refusal = load(path);
  if (::write(STDOUT_FILENO, &refusal, sizeof refusal) != sizeof refusal && refusal != 0) ::_exit(1);
  ::close(STDOUT_FILENO);
  if (refusal != 0) ::_exit(0);
  char none = 0;
  while (::read(STDIN_FILENO, &none, 1) < 0 && errno == EINTR) continue;
  const auto status = unload_module();
  if (!status) std::fprintf(stderr, "probebench-agent: %s\n", status.error().message().c_str());
  ::_exit(status ? 0 : 1);
}

}  // namespace

Result<ModuleKeeper> ModuleKeeper::load(const std::filesystem::path& module) {
  auto life = TRY(make_pipe());
  auto report = TRY(make_pipe());
  const auto pid = ::fork();
  if (pid < 0) return errno_error(Fault::infra, "start the process that keeps the module");
  if (pid == 0) {
    life.write_end.reset();
    keep(module.c_str(), life.read_end.get(), report.write_end.get());
  }
  report.write_end.reset();
  int refusal = 0;
  if (::read(report.read_end.get(), &refusal, sizeof refusal) != sizeof refusal) {
    return Error{Fault::unsupported, "load the helper module: the process that does it ended", 0, {}};
  }
  if (refusal != 0) return kernel::module_refusal(refusal, ::geteuid(), kernel::is_signed(module));
  return ModuleKeeper(std::move(life.write_end));
}

Status unload_module() {
  int refusal = 0;
  const auto gone = poll_until(kUnloadDeadline, kBetweenTries, [&refusal]() -> Result<bool> {
    refusal = ::syscall(SYS_delete_module, kModule, O_NONBLOCK) == 0 ? 0 : errno;
    return refusal != EAGAIN && refusal != EBUSY;
  });
  if (refusal == 0 || refusal == ENOENT) return Done{};
  const auto holder = kernel::holder_of(kernel::kControlDevice);
  return Error{Fault::infra, "unload the helper module", refusal,
               holder.empty() ? "rmmod probebench, as root" : "it is used by " + holder};
}

}  // namespace probebench::agent
