// SPDX-License-Identifier: MIT
// What may never be probed, whoever names it: a suite of one's own and `predict` ask this list.
#include "experiment/armed_suite.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "plan/suite_file.h"

namespace probebench::experiment {
namespace {

TEST(ProbePath, WhatAHitPassesMayNotBeProbed) {
  for (const auto* function : {"asm_exc_int3",
                               "exc_int3",
                               "exc_debug",
                               "exc_nmi",
                               "do_int3",
                               "error_entry",
                               "kprobe_int3_handler",
                               "kprobe_ftrace_handler",
                               "__kprobe_event_gen_cmd_start",
                               "aggr_pre_handler",
                               "opt_pre_handler",
                               "optimized_callback",
                               "setup_singlestep",
                               "text_poke_bp_batch",
                               "__text_poke",
                               "poke_int3_handler",
                               "smp_text_poke_batch_add",
                               "ftrace_ops_list_func",
                               "arch_ftrace_update_trampoline",
                               "bpf_trampoline_update",
                               "__bpf_prog_enter_recur",
                               "rethook_trampoline_handler",
                               "notify_die",
                               "atomic_notifier_call_chain",
                               "irqentry_nmi_enter",
                               "search_exception_tables",
                               "kernel_text_address",
                               "__kernel_text_address",
                               "rcu_is_watching",
                               "rcu_nmi_enter"}) {
    EXPECT_EQ(probe_path_refusal(function), "on the path of a hit itself") << function;
  }
}

TEST(ProbePath, WhatIsMeasuredMayBe) {
  for (const auto* function : {"vfs_read", "ksys_write", "__x64_sys_getppid", "tcp_sendmsg", "do_exit",
                               "schedule", "ktime_get_real_ts64", ""}) {
    EXPECT_EQ(probe_path_refusal(function), "") << function;
  }
}

// In a table that has it, so that nothing but the list keeps it out.
TEST(ProbePath, ItIsNoSiteOfASuite) {
  const kernel::KernelFunction somewhere{.address = 0xffffffff81000000, .size = 64};
  const auto found = find_sites({"text_poke_bp_batch", "nowhere_here"},
                                {{"text_poke_bp_batch", somewhere}, {"exc_int3", somewhere}});
  EXPECT_TRUE(found.sites.empty());
  EXPECT_EQ(found.refusals.at("text_poke_bp_batch"), "on the path of a hit itself");
  EXPECT_EQ(found.refusals.at("nowhere_here"), "not in this kernel");
}

// What nobody can probe is no function of a suite that comes with the project.
TEST(ProbePath, NoSuiteOfTheProjectNamesOne) {
  const auto folder = std::filesystem::path(PROBEBENCH_SOURCE_DIR) / "suites";
  const auto suites = plan::suites_asked_for(folder, "", "");
  ASSERT_TRUE(suites) << suites.error().message();
  std::size_t functions = 0;
  for (const auto& suite : *suites) {
    for (const auto& group : suite.groups) {
      for (const auto& function : group.functions) {
        EXPECT_EQ(probe_path_refusal(function), "") << suite.name << ": " << function;
        ++functions;
      }
    }
  }
  EXPECT_GT(functions, 100U);
}

}  // namespace
}  // namespace probebench::experiment
