// SPDX-License-Identifier: MIT
#include "run/cell_session.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <functional>
#include <utility>

#include "base/stop.h"
#include "kernel/arch.h"
#include "kernel/evidence.h"
#include "kernel/module_refusal.h"
#include "run/tries.h"
#include "verify/classify.h"
#include "verify/judge.h"

namespace probebench::run {
namespace {

using std::chrono::milliseconds;

// Optimizing takes a few jiffies and an RCU-tasks grace period: some tens of milliseconds when idle, more on
// a machine whose tasks rarely sleep.
constexpr milliseconds kStateDeadline{5000};
constexpr milliseconds kStatePoll{10};

constexpr int kSlotTries = 4;

constexpr int kCalibrationWindows = 3;

// Few enough for every rig, and an odd number that a loop of the kernel's own hardly has.
constexpr std::uint32_t kMarkedCalls = 7;
constexpr std::size_t kRoundsOfCode = 2;

// Each cell has a random order of its own, whatever other cells the plan holds.
std::uint64_t seed_for(std::uint64_t seed, const Cell& cell) {
  return seed * 0x9e3779b97f4a7c15u + std::hash<std::string>{}(cell.name());
}

// The trap is there, and nothing is known of what is behind it: the helper module finds the kernel's table of
// kprobes by its name.
bool hides_kprobe(const Evidence& evidence) {
  const bool looked = evidence.emulated || evidence.prepared || !evidence.slot.empty();
  return !looked && kernel::begins_with_trap(evidence.armed);
}

bool is_refusal(int err) {
  return err == EPERM || err == EACCES;
}

}  // namespace

bool needs_rights(int err, unsigned user) {
  return user != 0 && is_refusal(err);
}

CellSession::CellSession(Rig* rig, const offer::Offer& offer, const Cell& cell, ClockKind clock,
                         std::uint64_t seed)
    : rig_(rig), offer_(offer), clock_(clock), random_(seed_for(seed, cell)) {
  result_.cell = cell;
  settings_.cell = cell;
  settings_.rearm = cell.placement().arming == Arming::each_window;
  settings_.is_time = clock == ClockKind::tsc;
}

CellSession::~CellSession() {
  if (attached_) [[maybe_unused]]
    const auto status = rig_->detach();
}

// The hint of a rig that says no is what would provide it. What another user may is not for the kernel to
// provide.
void CellSession::fail(const char* step, Error error) {
  if (needs_rights(error.err, ::geteuid()) || (is_refusal(error.err) && !kernel::lockdown().empty())) {
    error.fault = Fault::unsupported;
    error.hint.clear();  // it speaks of the kernel, which is not to blame
    result_.provided_by = kernel::permission_needed(::geteuid());
  }
  result_.status = error.fault == Fault::unsupported ? CellStatus::skipped : CellStatus::errored;
  if (result_.status == CellStatus::skipped && result_.provided_by.empty()) {
    result_.provided_by = std::exchange(error.hint, {});
  }
  result_.reason = error.message();
  result_.step = step;
  result_.err = error.err;
}

bool CellSession::start() {
  struct Step {
    const char* name;
    std::function<Status()> act;
  };
  const std::array steps{
      Step{"capabilities", [this] { return check_capabilities(); }},
      Step{"prepare", [this] { return prepare(); }},
      Step{"rest", [this] { return measure_rest(result_.rest_before); }},
      Step{"attach", [this] { return attach(); }},
      Step{"verify", [this] { return wait_for_state(); }},
      Step{"slot", [this] { return leave_own_list(); }},
      Step{"cold hit", [this] { return measure_cold(); }},
      Step{"calibrate", [this] { return calibrate(); }},
  };
  for (const auto& step : steps) {
    const auto status = step.act();
    if (status) continue;
    fail(step.name, status.error());
    return false;
  }
  return true;
}

// The driver first: a kernel that takes no module tells nothing of what the module would offer.
Status CellSession::check_capabilities() {
  std::vector<Capability> needed{info_of(result_.cell.probe_type).needs};
  if (const auto driver = info_of(result_.cell.driver).needs) needed.insert(needed.begin(), *driver);
  const auto& placement = result_.cell.placement();
  if (placement.needs) needed.push_back(*placement.needs);
  if (placement.optimization_on(kOwnArch) == Optimization::on) needed.push_back(Capability::optprobes);
  if (result_.cell.threads > 1) needed.push_back(Capability::parallel_cpus);
  for (const auto need : needed) {
    if (offer_.has(need)) continue;
    result_.capability = info_of(need).name;
    result_.provided_by = offer_.needs(need);
    return offer_.why_not(need);
  }
  if (const auto lack = site_lack(kOwnArch, result_.cell.site); !lack.empty()) {
    result_.provided_by = fmt::format("--arch {}", info_of(ArchId::x86_64).name);
    return Error{Fault::unsupported, std::string(lack), 0, {}};
  }
  return Done{};
}

// The setting, and the text before anything is attached.
Status CellSession::prepare() {
  optimization_ = TRY(kernel::set_optimization(result_.cell.placement().optimization_on(kOwnArch)));
  TRY(rig_->select(result_.cell));
  auto look = TRY(rig_->look_now());
  result_.evidence.before = look.armed;
  return Done{};
}

// The site itself, with nothing attached: what the twin has to agree with.
Status CellSession::measure_rest(std::optional<WindowPair>& rest) {
  const RoundSettings settings{result_.cell, rig_->limits().probation_calls / 2, false};
  rest = TRY(run_pair(*rig_, settings, kernel::Subject::site, result_.cell.handler));
  return Done{};
}

Status CellSession::attach() {
  TRY(rig_->attach());
  attached_ = true;
  return Done{};
}

// Looks until the state is the expected one. A state that can still change is waited for; whatever it is when
// the time is over goes to the judge.
Status CellSession::wait_for_state() {
  const auto& placement = result_.cell.placement();
  if (placement.arming == Arming::each_window) return Done{};  // looked at in the window itself
  const auto seen = poll_until(kStateDeadline, kStatePoll, [this] { return look_for_state(); });
  if (!seen) return seen.error();
  if (!*seen && hides_kprobe(result_.evidence)) {
    return Error{Fault::unsupported,
                 "this kernel shows no other's kprobe (CONFIG_KALLSYMS_ALL=n): how it goes on is not proved",
                 0, "a kernel with CONFIG_KALLSYMS_ALL=y"};
  }
  if (auto line = kernel::kernel_flags(result_.cell); !line.empty())
    result_.evidence.kernel_flags = std::move(line);
  return Done{};
}

Result<bool> CellSession::look_for_state() {
  const auto& placement = result_.cell.placement();
  auto look = TRY(rig_->look_now());
  look.before = result_.evidence.before;
  result_.evidence = std::move(look);
  result_.evidence.state = verify::classify(result_.evidence);
  if (placement.expected_on(kOwnArch).contains(result_.evidence.state)) return true;
  if (placement.optimization_on(kOwnArch) != Optimization::on || result_.evidence.prepared) return false;
  result_.capability = info_of(Capability::optprobes).name;
  result_.provided_by = offer_.of_running_kernel ? "a boot with mitigations=off"
                                                 : "another CPU model or --kernel-arg mitigations=off";
  return Error{Fault::unsupported, "this kernel does not prepare the site for optimization", 0,
               "active return thunks (mitigations) forbid it before Linux 6.2"};
}

// The helper module moves its own probe; somebody else's is attached again while the module holds the slot
// that it had. Where that does not help, the evidence says so.
Status CellSession::leave_own_list() {
  for (int tries = kSlotTries; result_.evidence.in_own_list && tries > 0; --tries) {
    attached_ = false;
    TRY(rig_->detach());
    TRY(rig_->select(result_.cell));
    TRY(attach());
    TRY(wait_for_state());
  }
  return Done{};
}

Status CellSession::measure_cold() {
  kernel::WindowRequest request{kernel::Subject::site, result_.cell.handler, 1, settings_.rearm, true};
  result_.cold_hit = TRY(rig_->window(request));
  request.subject = kernel::Subject::twin;
  request.rearm = false;
  result_.cold_baseline = TRY(rig_->window(request));
  return Done{};
}

// The cheapest of a few short windows: the others were disturbed, or found caches cold.
Result<std::uint64_t> CellSession::ticks_per_call(kernel::Subject subject, Handler handler) {
  std::uint64_t cheapest = UINT64_MAX;
  for (int i = 0; i < kCalibrationWindows; ++i) {
    const bool rearm = settings_.rearm && subject == kernel::Subject::site;
    auto window = TRY(rig_->window({subject, handler, rig_->limits().probation_calls, rearm, false}));
    cheapest = std::min(cheapest, window.ticks / window.calls + 1);
  }
  return cheapest;
}

// What a call costs in every kind of window that a round has, so that N can be chosen and the module, which
// bounds windows by the same figures, does not refuse them.
Status CellSession::calibrate() {
  std::uint64_t dearest = 1;
  const std::array kinds{std::pair(kernel::Subject::twin, Handler::nop),
                         std::pair(kernel::Subject::site, result_.cell.handler),
                         std::pair(kernel::Subject::site, Handler::count)};
  for (const auto& [subject, handler] : kinds) {
    const auto ticks = TRY(ticks_per_call(subject, handler));
    dearest = std::max(dearest, ticks);
  }
  settings_.calls = std::min(choose_calls(dearest, rig_->limits().tsc_khz, rig_->limits().max_window_ns),
                             rig_->limits().max_calls / 2);
  return Done{};
}

// So that an estimate averages over several places of the code, and each of them is met in several rounds.
Status CellSession::reload_code() {
  const auto made = result_.rounds.size();
  if (!settings_.is_time || made == 0 || made % kRoundsOfCode != 0) return Done{};
  return rig_->reload_code();
}

// A window too long for what a call costs now: a shorter one shows whether another mechanism is at work.
void CellSession::fail_round(const Error& refusal) {
  fail("round", refusal);
  if (refusal.err != E2BIG) return;
  const auto shorter =
      rig_->window({kernel::Subject::site, result_.cell.handler, rig_->limits().probation_calls});
  const auto reason = shorter ? verify::judge_window_bytes(result_, *shorter) : std::nullopt;
  if (!reason) return;
  result_.status = CellStatus::invalid;
  result_.reason = *reason;
}

const Round* CellSession::round() {
  if (const auto status = reload_code(); !status) {
    fail("reload code", status.error());
    return nullptr;
  }
  const bool baseline_first = (random_() & 1) == 0;
  auto round = run_round(*rig_, settings_, baseline_first);
  if (!round) {
    fail_round(round.error());
    return nullptr;
  }
  result_.rounds.push_back(*round);
  return &result_.rounds.back();
}

Status CellSession::mark_loop(kernel::Subject subject, std::uint32_t& marked) {
  kernel::WindowRequest request{subject, result_.cell.handler, kMarkedCalls,
                                settings_.rearm && subject == kernel::Subject::site};
  request.marked = true;
  const auto window = undisturbed_window(kWindowTries, [&] {
    auto tried = rig_->window(request);
    if (tried) ++marked;
    return tried;
  });
  if (!window) return window.error();
  return Done{};
}

bool CellSession::mark_loops(std::uint32_t& marked, const std::function<Result<std::string>()>& symbols,
                             MarkedLoops& loops) {
  auto status = mark_loop(kernel::Subject::twin, marked);
  loops.twin = marked;
  if (status) status = mark_loop(kernel::Subject::site, marked);
  loops.site = marked;
  loops.calls = kMarkedCalls;
  if (status) {
    auto text = symbols();
    if (text) {
      loops.symbols = std::move(*text);
    } else {
      status = text.error();
    }
  }
  if (!status) fail("mark loops", status.error());
  return status.ok();
}

Status CellSession::detach() {
  if (settings_.rearm) {
    auto look = TRY(rig_->look_at_last_window());
    look.before = result_.evidence.before;
    result_.evidence = std::move(look);
    result_.evidence.state = verify::classify(result_.evidence);
  }
  attached_ = false;
  TRY(rig_->detach());
  auto look = TRY(rig_->look_now());
  result_.evidence.after = look.armed;
  return measure_rest(result_.rest_after);
}

void CellSession::finish() {
  if (auto status = detach(); !status) return fail("detach", status.error());
  const auto reason = verify::judge(result_, clock_);
  result_.status = reason ? CellStatus::invalid : CellStatus::measured;
  result_.reason = reason.value_or("");
}

}  // namespace probebench::run
