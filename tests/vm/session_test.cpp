// SPDX-License-Identifier: MIT
// Cells on a real kernel, and real faults: each must end as the status that is true.
#include <bpf/bpf.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>

#include "base/file.h"
#include "on_machine.h"
#include "run/cell_session.h"
#include "run/machine.h"
#include "verify/classify.h"

namespace probebench {
namespace {

using testing::HasSubstr;

constexpr const char* kOptimization = "/proc/sys/debug/kprobes-optimization";

std::vector<std::uint32_t> bpf_program_ids() {
  std::vector<std::uint32_t> ids;
  for (std::uint32_t id = 0; bpf_prog_get_next_id(id, &id) == 0;) ids.push_back(id);
  return ids;
}

class Session : public OnMachine {
 protected:
  CellResult run(const Cell& cell, const std::function<void(int)>& between = {}) {
    const auto rig = run::make_rig(cell, machine());
    run::CellSession session(rig.get(), machine().offer, cell, ClockKind::instructions, 1);
    if (!session.start()) return session.result();
    for (int i = 0; i < 3; ++i) {
      if (between) between(i);
      if (session.round() == nullptr) return session.result();
    }
    session.finish();
    return session.result();
  }
};

class EveryType : public Session, public testing::WithParamInterface<ProbeType> {};

TEST_P(EveryType, IsMeasuredOrSkippedAndLeavesNothingAttached) {
  // A trace event records or does not.
  const auto other = info_of(GetParam()).name.starts_with("tracefs-") ? Handler::record : Handler::count;
  for (const auto handler : {Handler::nop, other}) {
    for (const auto& cell : cells_of(GetParam(), handler)) {
      const auto result = run(cell);
      if (const auto need = lacking(cell)) {
        EXPECT_EQ(result.status, CellStatus::skipped) << cell.name();
        EXPECT_EQ(result.reason, machine().offer.why_not(*need).message());
        continue;
      }
      // Only attaching tells whether the kernel's uprobes take a long nop; kernels_test.py says which do.
      if (cell.site == SiteId::user_nop10 && result.status == CellStatus::skipped) {
        EXPECT_EQ(result.err, EOPNOTSUPP) << cell.name() << ": " << result.reason;
        continue;
      }
      EXPECT_EQ(result.status, CellStatus::measured) << cell.name() << ": " << result.reason;
      EXPECT_TRUE(cell.placement().expected.contains(result.evidence.state))
          << name_of(result.evidence.state);
      EXPECT_TRUE(verify::is_restored(result.evidence)) << cell.name();
      EXPECT_NE(result.evidence.armed, result.evidence.before) << cell.name();
    }
  }
  EXPECT_EQ(*read_file("/sys/kernel/debug/kprobes/list"), "");
  EXPECT_EQ(*read_file("/sys/kernel/tracing/enabled_functions"), "");
}

INSTANTIATE_TEST_SUITE_P(All, EveryType, testing::ValuesIn([] {
                           std::vector<ProbeType> types;
                           for (const auto& row : kProbeTypes) {
                             // Trace events and perf events run no handlers of ours.
                             if (row.backend == Backend::tracefs || row.backend == Backend::perf) continue;
                             // Attaching to all functions takes minutes: a nightly test does it once.
                             if (row.among_all) continue;
                             types.push_back(row.id);
                           }
                           return types;
                         }()));

class EveryHandler : public Session, public testing::WithParamInterface<Handler> {};

// In int3, ftrace and tracepoint context.
TEST_P(EveryHandler, WorksInEveryContext) {
  const HandlerChoice handler{GetParam(), GetParam() == Handler::delay ? 300u : 0u};
  for (const auto type : {ProbeType::kprobe_stepped, ProbeType::kprobe_optimized, ProbeType::kretprobe_ftrace,
                          ProbeType::ftrace, ProbeType::tracepoint}) {
    const auto result = run(cells_of(type, handler).front());
    EXPECT_EQ(result.status, CellStatus::measured) << info_of(type).name << ": " << result.reason;
  }
}

INSTANTIATE_TEST_SUITE_P(All, EveryHandler, testing::ValuesIn([] {
                           std::vector<Handler> handlers;
                           for (const auto& row : kHandlers) handlers.push_back(row.id);
                           return handlers;
                         }()));

TEST_F(Session, KernelListsAnOptimizedProbe) {
  const auto result = run(cells_of(ProbeType::kprobe_optimized, Handler::nop).front());
  EXPECT_THAT(result.evidence.kernel_flags, HasSubstr("[OPTIMIZED]"));
}

TEST_F(Session, KernelListsAnFtraceProbe) {
  const auto result = run(cells_of(ProbeType::kprobe_ftrace, Handler::nop).front());
  EXPECT_THAT(result.evidence.kernel_flags, HasSubstr("[FTRACE]"));
}

// Somebody switches optimization off half-way: the jump becomes an int3 under our hands.
TEST_F(Session, ChangedMechanismIsInvalid) {
  const auto result = run(cells_of(ProbeType::kprobe_optimized, Handler::count).front(), [](int round) {
    if (round == 1) {
      ASSERT_TRUE(write_setting(kOptimization, "0"));
    }
  });
  ASSERT_TRUE(write_setting(kOptimization, "1"));
  EXPECT_EQ(result.status, CellStatus::invalid);
  EXPECT_THAT(result.reason, HasSubstr("the site held cc"));
}

// All kprobes are disarmed half-way: calls go on, hits stop.
TEST_F(Session, LostHitsAreInvalid) {
  constexpr const char* kEnabled = "/sys/kernel/debug/kprobes/enabled";
  const auto result = run(cells_of(ProbeType::kprobe_ftrace, Handler::count).front(), [&](int round) {
    if (round == 2) {
      ASSERT_TRUE(write_setting(kEnabled, "0"));
    }
  });
  ASSERT_TRUE(write_setting(kEnabled, "1"));
  EXPECT_EQ(result.status, CellStatus::invalid) << result.reason;
}

// The same with a BPF program that does not count: its runs are missed where the kernel counts them.
TEST_F(Session, LostRunsOfAnotherHandlerAreInvalid) {
  constexpr const char* kEnabled = "/sys/kernel/debug/kprobes/enabled";
  const auto result = run(cells_of(ProbeType::bpf_kprobe, Handler::map).front(), [&](int round) {
    if (round == 2) {
      ASSERT_TRUE(write_setting(kEnabled, "0"));
    }
  });
  ASSERT_TRUE(write_setting(kEnabled, "1"));
  EXPECT_EQ(result.status, CellStatus::invalid) << result.reason;
}

TEST_F(Session, KernelDescribesTheLinkAndItsProgram) {
  const auto result = run(cells_of(ProbeType::raw_tp, Handler::nop).front());
  EXPECT_THAT(result.evidence.link, HasSubstr("raw_tracepoint"));
  EXPECT_THAT(result.evidence.link, HasSubstr("nop_raw_tp"));
}

TEST_F(Session, NoBpfProgramIsLeftLoaded) {
  const auto programs_of_others = bpf_program_ids();
  for (const auto type : {ProbeType::bpf_kprobe, ProbeType::fentry, ProbeType::raw_tp}) {
    for (const auto& cell : cells_of(type, Handler::record)) run(cell);
  }
  // A trampoline's programs go when an RCU grace period is over; so do those of the test before.
  const auto ours = [&] {
    auto ids = bpf_program_ids();
    std::erase_if(ids, [&](auto id) { return std::ranges::count(programs_of_others, id) != 0; });
    return ids;
  };
  for (int i = 0; i < 100 && !ours().empty(); ++i) ::usleep(10'000);
  EXPECT_THAT(ours(), testing::IsEmpty());
}

// Everything but what the module itself knows.
TEST_F(Session, WithoutTheModuleTheKernelOffersTheSame) {
  const auto alone = run::open_running_kernel();
  EXPECT_FALSE(alone.offer.has(Capability::helper_module));
  EXPECT_FALSE(alone.offer.has(Capability::kprobes));
  EXPECT_THAT(alone.offer.why_not(Capability::helper_module).message(), HasSubstr("load the helper module"));
  for (auto capability = Capability::bpf_tracepoint; capability <= Capability::uprobe_events;
       capability = static_cast<Capability>(static_cast<int>(capability) + 1)) {
    EXPECT_EQ(alone.offer.has(capability), has(capability)) << info_of(capability).name;
  }
}

TEST_F(Session, SettingIsRestored) {
  const auto before = *read_file(kOptimization);
  run(cells_of(ProbeType::kprobe_stepped, Handler::nop).front());
  EXPECT_EQ(*read_file(kOptimization), before);
}

TEST_F(Session, AbandonedSessionDetaches) {
  {
    const auto cell = cells_of(ProbeType::kprobe_optimized, Handler::nop).front();
    const auto rig = run::make_rig(cell, machine());
    run::CellSession session(rig.get(), machine().offer, cell, ClockKind::instructions, 1);
    ASSERT_TRUE(session.start());
  }
  EXPECT_EQ(*read_file("/sys/kernel/debug/kprobes/list"), "");
}

}  // namespace
}  // namespace probebench
