// SPDX-License-Identifier: MIT
#include "call/trap_sites.h"

#include <sys/ucontext.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>

// trap_sites_x86.S
extern "C" {
#if defined(__x86_64__)
void pb_trap_int3();
void pb_trap_int3_twin();
void pb_trap_flag();
void pb_trap_flag_twin();
void pb_trap_signal();
void pb_trap_signal_twin();
#endif

[[gnu::visibility("hidden")]] std::int32_t pb_trap_process;
[[gnu::visibility("hidden")]] std::int32_t pb_trap_thread;
}

namespace probebench::call {
namespace {

// In the order of TrapKind.
#if defined(__x86_64__)
constexpr std::array kTrapSites{UserSite{pb_trap_int3, pb_trap_int3_twin},
                                UserSite{pb_trap_flag, pb_trap_flag_twin},
                                UserSite{pb_trap_signal, pb_trap_signal_twin}};

constexpr greg_t kTrapFlag = 0x100;

// Without it a process would trap behind each instruction from then on.
void clear_trap_flag(ucontext_t& context) {
  context.uc_mcontext.gregs[REG_EFL] &= ~kTrapFlag;
}
#else
constexpr std::array<UserSite, kTrapKinds.size()> kTrapSites{};

// No process can set it by itself.
void clear_trap_flag(ucontext_t&) {}
#endif

// Where a handler can reach them; the last counts what is of no kind.
constinit std::array<std::atomic<std::uint64_t>, kTrapKinds.size() + 1> counted_signals{};

void on_trap(int, siginfo_t* info, void* context) {
  clear_trap_flag(*static_cast<ucontext_t*>(context));
  std::size_t kind = 0;
  while (kind < kTrapKinds.size() && kTrapKinds[kind].signal_code != info->si_code) ++kind;
  counted_signals[kind].fetch_add(1, std::memory_order_relaxed);
}

}  // namespace

UserSite trap_site(TrapKind kind) {
  return kTrapSites[static_cast<std::size_t>(kind)];
}

Result<std::unique_ptr<TrapHandler>> TrapHandler::install() {
  if (kTrapSites.front().site == nullptr)
    return Error{Fault::unsupported, "measure traps of a process: on x86-64 only", 0, "--arch x86-64"};
  pb_trap_process = ::getpid();
  pb_trap_thread = ::gettid();
  for (auto& counted : counted_signals) counted = 0;
  std::unique_ptr<TrapHandler> handler(new TrapHandler());
  struct sigaction action {};
  action.sa_sigaction = on_trap;
  action.sa_flags = SA_SIGINFO;
  if (::sigaction(SIGTRAP, &action, &handler->before_) == 0) return handler;
  return errno_error(Fault::cell, "handle SIGTRAP");
}

TrapHandler::~TrapHandler() {
  ::sigaction(SIGTRAP, &before_, nullptr);
}

std::uint64_t TrapHandler::taken(TrapKind kind) const {
  return counted_signals[static_cast<std::size_t>(kind)];
}

std::uint64_t TrapHandler::others(TrapKind kind) const {
  std::uint64_t sum = 0;
  for (const auto& counted : counted_signals) sum += counted;
  return sum - taken(kind);
}

}  // namespace probebench::call
