// SPDX-License-Identifier: MIT
// What the kernel counted, given to the threads that made the calls.
// What can be known of attachments without a kernel.
#include "attach/attachment.h"

#include <gtest/gtest.h>

#include "attach/bpf_attachment.h"
#include "attach/bpf_form.h"
#include "attach/perf_attachment.h"
#include "attach/tracefs_attachment.h"

namespace probebench::attach {
namespace {

Window on_cpu(std::uint32_t cpu) {
  Window window;
  window.cpu = cpu;
  return window;
}

Window on_cpus(std::vector<ThreadHits> threads) {
  Window window = on_cpu(threads.front().cpu);
  window.by_thread = std::move(threads);
  return window;
}

TEST(HitCounts, GrowthIsByCpu) {
  const auto grown = growth({{5, 7}, 1}, {{15, 7}, 3});
  EXPECT_EQ(grown.runs, (std::vector<std::uint64_t>{10, 0}));
  EXPECT_EQ(grown.missed, 2u);
}

TEST(HitCounts, OneThreadAndOtherCpus) {
  auto window = on_cpu(1);
  EXPECT_EQ(assign_hits(window, {{3, 104, 0}, 0}, {.per_hit = 1, .warmup_calls = 4}), 104u);
  EXPECT_EQ(window.hits, 100u);
  EXPECT_EQ(window.hits_elsewhere, 3u);
  EXPECT_EQ(window.missed, 0u);
}

TEST(HitCounts, OneSumForAllCpus) {
  auto window = on_cpu(1);
  assign_hits(window, {{100}, 2}, {});
  EXPECT_EQ(window.hits, 100u);
  EXPECT_EQ(window.hits_elsewhere, 0u);
  EXPECT_EQ(window.missed, 2u);
}

TEST(HitCounts, SeveralThreadsEachWithItsOwn) {
  auto window = on_cpus({{2, {}}, {0, {}}});
  assign_hits(window, {{53, 9, 54}, 0}, {.per_hit = 1, .warmup_calls = 4});
  EXPECT_EQ(window.hits, 99u);
  EXPECT_EQ(window.by_thread[0].hits, 50u);
  EXPECT_EQ(window.by_thread[1].hits, 49u);
  EXPECT_EQ(window.hits_elsewhere, 9u);
}

// The module's own counts must not stand for those of a program that is counted in one sum.
TEST(HitCounts, SeveralThreadsWithOneSum) {
  auto window = on_cpus({{0, 0}, {1, 0}});
  assign_hits(window, {{108}, 0}, {.per_hit = 1, .warmup_calls = 4});
  EXPECT_EQ(window.hits, 100u);
  EXPECT_FALSE(window.by_thread[0].hits);
}

TEST(HitCounts, HalfASessionIsAMiss) {
  auto window = on_cpu(0);
  assign_hits(window, {{201}, 0}, {.per_hit = 2, .warmup_calls = 0});
  EXPECT_EQ(window.hits, 100u);
  EXPECT_EQ(window.missed, 1u);
}

Cell cell_of(ProbeType type, Handler handler) {
  return cells_of(type, handler).front();
}

template <typename Kind>
bool makes(ProbeType type) {
  const auto attachment = make_attachment(cell_of(type, Handler::nop), {}, nullptr);
  return dynamic_cast<const Kind*>(attachment.get()) != nullptr;
}

TEST(MakeAttachment, AUprobeIsAPlaceAndNotAnInterface) {
  EXPECT_TRUE(makes<BpfAttachment>(ProbeType::fentry));
  EXPECT_TRUE(makes<BpfAttachment>(ProbeType::usdt));
  EXPECT_TRUE(makes<PerfAttachment>(ProbeType::perf_breakpoint));
  EXPECT_TRUE(makes<PerfAttachment>(ProbeType::perf_uretprobe));
  EXPECT_TRUE(makes<TraceAttachment>(ProbeType::tracefs_tracepoint));
  EXPECT_TRUE(makes<TraceAttachment>(ProbeType::tracefs_uprobe));
}

TEST(CheckAttachable, RefusesHandlersThatAnInterfaceDoesNotRun) {
  const auto allowed = [](ProbeType type, Handler handler) {
    return check_attachable(cell_of(type, handler)).ok();
  };
  EXPECT_TRUE(allowed(ProbeType::tracefs_kprobe, Handler::record));
  EXPECT_FALSE(allowed(ProbeType::tracefs_kprobe, Handler::count));
  EXPECT_TRUE(allowed(ProbeType::perf_kprobe, Handler::record));
  EXPECT_FALSE(allowed(ProbeType::perf_uprobe, Handler::record));
  EXPECT_FALSE(allowed(ProbeType::perf_kprobe, Handler::map));
  EXPECT_TRUE(allowed(ProbeType::uprobe, Handler::map));
}

TEST(CheckAttachable, APerfEventCountsOneThread) {
  auto cell = cell_of(ProbeType::perf_kprobe, Handler::nop);
  cell.threads = 2;
  const auto status = check_attachable(cell);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().fault, Fault::unsupported);
}

TEST(MostCalls, RecordsStayOnAPage) {
  const auto most = [](ProbeType type, Handler handler, ClockKind clock = ClockKind::tsc) {
    return most_calls(cell_of(type, handler), clock);
  };
  EXPECT_EQ(most(ProbeType::tracefs_kprobe, Handler::nop), UINT32_MAX);
  EXPECT_EQ(most(ProbeType::tracefs_kprobe, Handler::record), 100u);
  EXPECT_EQ(most(ProbeType::tracefs_function_graph, Handler::record), 40u);
  EXPECT_EQ(most(ProbeType::kprobe_optimized, Handler::record), 100u);
  EXPECT_EQ(most(ProbeType::fentry, Handler::record), UINT32_MAX);
  EXPECT_EQ(most(ProbeType::tracefs_uprobe, Handler::record), UINT32_MAX);
  EXPECT_EQ(most(ProbeType::tracefs_uprobe, Handler::nop, ClockKind::instructions), 100u);
}

TEST(AttachPoint, ATracepointIsAnEventAndAFunctionAnAddress) {
  const auto event = attach_point_of(cell_of(ProbeType::raw_tp, Handler::nop), {});
  EXPECT_EQ(event.name(), "probebench:pb_site_call");
  const auto function = attach_point_of(cell_of(ProbeType::fentry, Handler::nop), {.address = 0x1000});
  EXPECT_EQ(function.name(), "pb_site_entry");
  EXPECT_EQ(function.location.address, 0x1000u);
  const auto user = attach_point_of(cell_of(ProbeType::uprobe, Handler::nop),
                                    {.address = 0x2000, .binary = "/init", .offset = 0x10});
  EXPECT_EQ(user.name(), "/init+0x10");
}

TEST(AttachPoint, AMarkerHasTheNamesOfItsNote) {
  const auto cells = cells_of(ProbeType::usdt, Handler::nop);
  ASSERT_EQ(cells.size(), 2u);
  EXPECT_EQ(attach_point_of(cells[0], {}).name(), "probebench:marker");
  EXPECT_EQ(attach_point_of(cells[1], {.binary = "/init"}).name(), "probebench:nop10");
}

}  // namespace

}  // namespace probebench::attach
