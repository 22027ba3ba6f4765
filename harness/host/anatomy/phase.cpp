// SPDX-License-Identifier: MIT
#include "anatomy/phase.h"

#include <algorithm>
#include <optional>

#include "anatomy/symbols.h"

namespace probebench::anatomy {
namespace {

// around: the function belongs to `entry` until the dispatch it calls has run, and to `exit` afterwards.
enum class Role { call, entry, dispatch, lookup, handler, slot, exit, around };

struct RoleRow {
  std::string_view name;  // with a '*' at its end: every function whose name begins so
  Role role;
};

// Of Linux 5.10 to 7.3. The first row that fits decides.
constexpr std::array kRoles{
    // the helper module and the agent
    RoleRow{"pb_site_*", Role::call},
    RoleRow{"pb_twin_*", Role::call},
    RoleRow{"pb_window_*", Role::call},
    RoleRow{"pb_user_*", Role::call},
    RoleRow{"pb_*", Role::handler},
    // the test-run driver, what it calls, and its handlers
    RoleRow{"bpf_prog_call_*", Role::call},
    RoleRow{"bpf_get_numa_node_id", Role::call},
    RoleRow{"bpf_modify_return_test_tp", Role::call},
    RoleRow{"bpf_prog_*", Role::handler},
    // exceptions
    RoleRow{"asm_exc_*", Role::around},
    RoleRow{"error_entry", Role::entry},
    RoleRow{"paranoid_entry", Role::entry},
    RoleRow{"irqentry_nmi_enter", Role::entry},
    RoleRow{"irqentry_enter*", Role::entry},
    RoleRow{"irqentry_nmi_exit", Role::exit},
    RoleRow{"irqentry_exit*", Role::exit},
    RoleRow{"error_return", Role::exit},
    RoleRow{"paranoid_exit", Role::exit},
    RoleRow{"common_interrupt_return", Role::exit},
    RoleRow{"restore_regs_and_return_to_kernel", Role::exit},
    RoleRow{"native_irq_return_iret", Role::exit},
    RoleRow{"native_iret", Role::exit},
    RoleRow{"exc_*", Role::dispatch},
    RoleRow{"do_int3*", Role::dispatch},
    RoleRow{"poke_int3_handler", Role::dispatch},
    RoleRow{"smp_text_poke_int3_handler", Role::dispatch},
    RoleRow{"notify_die", Role::dispatch},
    // the same of arm64
    RoleRow{"vectors", Role::entry},
    RoleRow{"el1h_64_sync*", Role::around},
    RoleRow{"el0t_64_sync*", Role::around},
    RoleRow{"el1_brk64", Role::around},
    RoleRow{"el1_dbg", Role::around},
    RoleRow{"el0_brk64", Role::around},
    RoleRow{"el0_dbg", Role::around},
    RoleRow{"arm64_enter_*", Role::entry},
    RoleRow{"arm64_exit_*", Role::exit},
    RoleRow{"enter_from_*", Role::entry},
    RoleRow{"exit_to_*", Role::exit},
    RoleRow{"ct_nmi_enter", Role::entry},
    RoleRow{"ct_nmi_exit", Role::exit},
    RoleRow{"debug_exception_enter", Role::entry},
    RoleRow{"debug_exception_exit", Role::exit},
    RoleRow{"ret_to_kernel", Role::exit},
    RoleRow{"ret_to_user", Role::exit},
    RoleRow{"do_el1_brk64", Role::dispatch},
    RoleRow{"do_el0_brk64", Role::dispatch},
    RoleRow{"do_debug_exception", Role::dispatch},
    RoleRow{"brk_handler", Role::dispatch},
    RoleRow{"call_break_hook", Role::dispatch},
    RoleRow{"kprobe_brk_handler", Role::dispatch},
    RoleRow{"kprobe_breakpoint_handler", Role::dispatch},
    RoleRow{"kprobe_ss_brk_handler", Role::slot},
    RoleRow{"kprobe_breakpoint_ss_handler", Role::slot},
    RoleRow{"post_kprobe_handler", Role::slot},
    RoleRow{"arch_simulate_insn", Role::slot},
    RoleRow{"simulate_*", Role::slot},
    RoleRow{"arch_prepare_kretprobe", Role::dispatch},
    RoleRow{"trampoline_probe_handler", Role::dispatch},
    RoleRow{"kretprobe_brk_handler", Role::dispatch},
    RoleRow{"kretprobe_breakpoint_handler", Role::dispatch},
    RoleRow{"uprobe_brk_handler", Role::dispatch},
    RoleRow{"uprobe_breakpoint_handler", Role::dispatch},
    RoleRow{"uprobe_single_step_handler", Role::slot},
    // kprobes
    RoleRow{"get_kprobe", Role::lookup},
    RoleRow{"kprobe_int3_handler", Role::dispatch},
    RoleRow{"kprobe_ftrace_handler", Role::dispatch},
    RoleRow{"optimized_callback", Role::dispatch},
    RoleRow{kSlotName, Role::slot},
    RoleRow{"setup_singlestep", Role::slot},
    RoleRow{"kprobe_emulate_*", Role::slot},
    RoleRow{"resume_singlestep", Role::slot},
    RoleRow{"resume_execution", Role::slot},
    RoleRow{"kprobe_post_process", Role::slot},
    RoleRow{"kprobe_debug_handler", Role::slot},
    RoleRow{kDetourName, Role::around},
    RoleRow{"kprobe_optinsn_page*", Role::around},
    // return probes
    RoleRow{"arch_rethook_trampoline", Role::around},
    RoleRow{"arch_rethook_trampoline_callback", Role::dispatch},
    RoleRow{"rethook_trampoline_handler", Role::dispatch},
    RoleRow{"kretprobe_rethook_handler", Role::dispatch},
    RoleRow{"pre_handler_kretprobe", Role::dispatch},
    RoleRow{"__kretprobe_trampoline_handler", Role::dispatch},
    RoleRow{"__kretprobe_trampoline", Role::around},
    RoleRow{"kretprobe_trampoline", Role::around},
    RoleRow{"trampoline_handler", Role::dispatch},
    RoleRow{"return_to_handler", Role::around},
    RoleRow{"ftrace_return_to_handler", Role::dispatch},
    // uprobes
    RoleRow{"uprobe_pre_sstep_notifier", Role::dispatch},
    RoleRow{"uprobe_notify_resume", Role::dispatch},
    RoleRow{"handle_swbp", Role::dispatch},
    RoleRow{"find_active_uprobe*", Role::lookup},
    RoleRow{"__find_uprobe", Role::lookup},
    RoleRow{"find_uprobe*", Role::lookup},
    RoleRow{"find_vma", Role::lookup},
    RoleRow{"mtree_load", Role::lookup},
    RoleRow{"arch_uprobe_pre_xol", Role::slot},
    RoleRow{"arch_uprobe_post_xol", Role::slot},
    RoleRow{"arch_uprobe_skip_sstep", Role::slot},
    RoleRow{"xol_*", Role::slot},
    RoleRow{"uprobe_dispatcher", Role::dispatch},
    RoleRow{"uretprobe_dispatcher", Role::dispatch},
    RoleRow{"uprobe_multi_link_*", Role::dispatch},
    RoleRow{"__do_sys_uretprobe", Role::dispatch},
    RoleRow{"__x64_sys_uretprobe", Role::dispatch},
    RoleRow{"uprobe_handle_trampoline", Role::dispatch},
    // ftrace and BPF
    RoleRow{"ftrace_trampoline*", Role::around},
    RoleRow{"ftrace_caller", Role::around},
    RoleRow{"ftrace_regs_caller", Role::around},
    RoleRow{kFarCall, Role::entry},
    RoleRow{"ftrace_caller_direct*", Role::entry},
    // parts of ftrace_caller that have names of their own
    RoleRow{"ftrace_common", Role::around},
    RoleRow{"ftrace_call", Role::around},
    RoleRow{"ftrace_ops_test", Role::lookup},
    RoleRow{"ftrace_*", Role::dispatch},
    RoleRow{"arch_ftrace_ops_list_func", Role::dispatch},
    RoleRow{"fprobe_*", Role::dispatch},
    RoleRow{"function_graph_enter*", Role::dispatch},
    RoleRow{"bpf_trampoline", Role::around},
    RoleRow{"__bpf_prog_enter*", Role::entry},
    RoleRow{"__bpf_prog_exit*", Role::exit},
    RoleRow{"kprobe_dispatcher", Role::dispatch},
    RoleRow{"kretprobe_dispatcher", Role::dispatch},
    RoleRow{"kprobe_multi_link_*", Role::dispatch},
    RoleRow{"bpf_trace_run*", Role::dispatch},
    RoleRow{"syscall_trace_enter*", Role::dispatch},
    RoleRow{"syscall_trace_exit*", Role::dispatch},
    RoleRow{"perf_syscall_enter", Role::dispatch},
    RoleRow{"__bpf_trace_*", Role::dispatch},
    RoleRow{"perf_trace_*", Role::dispatch},
    RoleRow{"trace_event_raw_event_*", Role::dispatch},
    RoleRow{"__traceiter_*", Role::entry},
};

// arm64's way into the kernel and out, which exceptions and system calls share. A system call is itself what
// is probed, or a part of that.
constexpr std::array<std::string_view, 3> kDoors{"vectors", "el0t_64_sync*", "ret_to_user"};

bool fits(std::string_view name, std::string_view pattern) {
  if (pattern.ends_with('*')) return name.starts_with(pattern.substr(0, pattern.size() - 1));
  return name == pattern;
}

// Without the owner, and without what the compiler adds to a copy that it specialised.
std::string_view plain(std::string_view name) {
  if (name == kSlotName || name == kDetourName) return name;
  return name.substr(0, name.find_first_of(" ."));
}

std::optional<Role> role_of(std::string_view name) {
  const auto wanted = plain(name);
  for (const auto& row : kRoles) {
    if (fits(wanted, row.name)) return row.role;
  }
  return std::nullopt;
}

bool is_door(std::string_view name) {
  return std::ranges::any_of(kDoors, [name](auto door) { return fits(plain(name), door); });
}

bool is_work(Phase phase) {
  return phase == Phase::dispatch || phase == Phase::lookup || phase == Phase::handler ||
         phase == Phase::slot;
}

class Assignment {
 public:
  Phase of(const Visit& visit, const std::string& name) {
    frames_.resize(visit.depth + 1);
    const auto phase = choose(visit, name);
    auto& frame = frames_.back();
    frame.last = phase;
    if (is_work(phase)) {
      for (std::size_t i = 0; i < visit.depth; ++i) frames_[i].worked = true;
    }
    previous_ = phase;
    return phase;
  }

 private:
  struct Frame {
    Phase last = Phase::call;
    std::string around;  // the function that the frame's entry and exit are in
    bool worked = false;
    bool resumed = false;  // an exception's return led into its middle
    Arrival entered = Arrival::onward;
  };

  // Whether the innermost way into the kernel was a system call's.
  bool in_system_call() const {
    for (auto frame = frames_.rbegin(); frame != frames_.rend(); ++frame) {
      if (frame->entered == Arrival::exception) return false;
      if (frame->entered == Arrival::system_call) return true;
    }
    return false;
  }

  Phase choose(const Visit& visit, const std::string& name) {
    const auto role = role_of(name);
    auto& frame = frames_.back();
    const bool enters = visit.arrival == Arrival::call || visit.arrival == Arrival::exception ||
                        visit.arrival == Arrival::system_call;
    if (enters) frame = {.around = {}, .entered = visit.arrival};
    if (role && is_door(name) && in_system_call()) return Phase::call;
    if (!role) {
      const bool back = visit.arrival == Arrival::ret || visit.arrival == Arrival::exception_return;
      return back ? frame.last : previous_;
    }
    // A module's far call leads into a probe or, where the module's own code hands it on, further.
    if (plain(name) == kFarCall && is_work(previous_)) return previous_;
    if (*role != Role::around) return static_cast<Phase>(*role);
    // After an int3 the kernel enters the detour buffer near its end, behind the call that the buffer is
    // `around`.
    if (visit.arrival == Arrival::exception_return) frame.resumed = true;
    if (frame.around != name) {
      frame.around = name;
      frame.worked = false;
    }
    if (frame.resumed) return Phase::slot;
    return frame.worked ? Phase::exit : Phase::entry;
  }

  std::vector<Frame> frames_;  // by depth
  Phase previous_ = Phase::call;
};

}  // namespace

std::vector<Phase> phases_of(std::span<const Visit> visits, std::span<const std::string> names) {
  Assignment assignment;
  std::vector<Phase> phases;
  phases.reserve(visits.size());
  for (std::size_t i = 0; i < visits.size(); ++i) phases.push_back(assignment.of(visits[i], names[i]));
  return phases;
}

}  // namespace probebench::anatomy
