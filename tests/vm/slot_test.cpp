// SPDX-License-Identifier: MIT
// A stepped probe's count, whatever slot its copied instruction lies in.
//
// The trap behind the copy is looked up in the list of kprobes that its address falls into, one of 64. Probes
// that other cells left for the optimizer to free hold slots meanwhile, so a cell's slot depends on what ran
// before. Here kprobes of others hold one slot more each time. All of them are in the list of the measured
// probe, behind it: the first look-up never sees them, and the second one pays for each if it is in that
// list.
#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <random>
#include <set>

#include "base/text.h"
#include "base/unique_fd.h"
#include "kernel/kallsyms.h"
#include "run/cell_session.h"
#include "run/machine.h"
#include "stats/robust.h"

namespace probebench {
namespace {

constexpr const char* kEvents = "/sys/kernel/tracing/kprobe_events";
constexpr int kLists = 64;

// hash_ptr() of the kernel.
std::uint64_t list_of(std::uint64_t address) {
  return address * 0x61c8864680b583eb / (UINT64_MAX / kLists + 1);
}

bool write_event(const std::string& line) {
  const UniqueFd events(::open(kEvents, O_WRONLY | O_APPEND | O_CLOEXEC));
  return ::write(events.get(), line.data(), line.size()) == static_cast<ssize_t>(line.size());
}

// What follows the patched bytes of functions' entries, as far as it is in one list; in random order.
std::vector<std::uint64_t> places_in_list(std::uint64_t list) {
  constexpr std::array kPastTheEntry{5, 9};  // the second where endbr64 comes first
  constexpr std::size_t kEnough = 1000;      // most of them begin no instruction
  auto listing = *kernel::first_listing();
  std::vector<std::uint64_t> places;
  while (places.size() < kEnough && !listing.empty()) {
    const kernel::KernelSymbol symbol(take_line(listing));
    if (!symbol.is_text()) continue;
    const auto address = symbol.address();
    for (const auto past : kPastTheEntry) {
      if (list_of(address + past) == list) places.push_back(address + past);
    }
  }
  std::ranges::shuffle(places, std::mt19937_64(list));
  return places;
}

// Kprobes that others have registered and not armed: each holds a slot.
class SlotHolders {
 public:
  explicit SlotHolders(std::uint64_t list) : places_(places_in_list(list)) {}
  ~SlotHolders() {
    for (int i = 0; i < held_; ++i) write_event("-:pb_hold/slot" + std::to_string(i) + "\n");
  }
  SlotHolders(const SlotHolders&) = delete;
  SlotHolders& operator=(const SlotHolders&) = delete;

  // False when there is no place left: the kernel refuses what is not the beginning of an instruction.
  bool hold_another() {
    while (!places_.empty()) {
      const auto place = places_.back();
      places_.pop_back();
      if (!write_event(fmt::format("p:pb_hold/slot{} {:#x}\n", held_, place))) continue;
      ++held_;
      return true;
    }
    return false;
  }

 private:
  std::vector<std::uint64_t> places_;
  int held_ = 0;
};

struct Measured {
  std::optional<double> count;
  Evidence evidence;
  std::string reason;
};

struct Case {
  Cell cell;
  int slots;  // how many to try
};

class SteppedSlots : public testing::TestWithParam<Case> {
 protected:
  static Measured measure(const run::Machine& machine, const Cell& cell) {
    const auto rig = run::make_rig(cell, machine);
    run::CellSession session(rig.get(), machine.offer, cell, ClockKind::instructions, 1);
    if (session.start() && session.round() != nullptr) session.finish();
    const auto& result = session.result();
    if (result.status != CellStatus::measured) return {{}, result.evidence, result.reason};
    return {stats::overhead(result.rounds.front(), stats::Counter::ticks), result.evidence, {}};
  }
};

Cell cell_on(ProbeType type, SiteId site) {
  const auto cells = cells_of(type, Handler::nop);
  return *std::ranges::find(cells, site, &Cell::site);
}

TEST_P(SteppedSlots, AllCostTheSame) {
  const auto machine = run::open_machine();
  ASSERT_TRUE(machine);
  const auto [cell, tried] = GetParam();
  const auto first = measure(*machine, cell);
  if (first.evidence.state == ProbeState::boosted) return;  // looked up once
  ASSERT_TRUE(first.count) << first.reason;
  SlotHolders holders(list_of(first.evidence.site_address));
  std::set<std::uint64_t> slots{first.evidence.slot_address};
  for (int i = 1; i < tried; ++i) {
    ASSERT_TRUE(holders.hold_another()) << i;
    const auto next = measure(*machine, cell);
    EXPECT_EQ(next.count, first.count) << i << " slots are held; " << next.reason;
    slots.insert(next.evidence.slot_address);
  }
  EXPECT_GE(slots.size(), static_cast<std::size_t>(tried - 4));
}

// The module chooses a slot for its kprobes and kretprobes by the same code.
INSTANTIATE_TEST_SUITE_P(All, SteppedSlots,
                         testing::Values(Case{cell_on(ProbeType::kprobe_stepped, SiteId::mid_step), kLists},
                                         Case{cell_on(ProbeType::kretprobe_int3, SiteId::notrace), 16},
                                         Case{cell_on(ProbeType::perf_kprobe, SiteId::mid_step), kLists}));

}  // namespace
}  // namespace probebench
