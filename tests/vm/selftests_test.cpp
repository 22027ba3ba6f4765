// SPDX-License-Identifier: MIT
// The loops of the kernel selftests' bench and our cells, both in this guest, where both count instructions:
// what a hit adds to a call. The bench's programs all count, which ours with the handler `nop` do not; so the
// two differ by the same few instructions in each row. For the table of ci/against-selftests.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>

#include "kernel/arch.h"
#include "on_machine.h"
#include "run/cell_session.h"
#include "run/machine.h"
#include "selftests_trigger.h"
#include "stats/summarise.h"

namespace probebench {
namespace {

using selftests::Kind;
using selftests::Trigger;

constexpr int kBatches = 6;

// The shortest of some: an interrupt makes one longer.
std::uint64_t ticks_of_a_batch(const Trigger& trigger) {
  std::uint64_t least = ~std::uint64_t{0};
  for (int i = 0; i < kBatches; ++i) {
    const auto begin = kernel::begin_clock();
    trigger.batch();
    least = std::min(least, kernel::end_clock() - begin);
  }
  return least;
}

class AgainstSelftests : public OnMachine, public testing::WithParamInterface<Kind> {
 protected:
  static Cell cell() {
    const auto wanted = std::string(GetParam().cell) + "/nop/threads:1";
    for (const auto& type : kProbeTypes) {
      for (const auto& cell : cells_of(type.id, Handler::nop)) {
        if (cell.name() == wanted) return cell;
      }
    }
    ADD_FAILURE() << "there is no cell " << wanted;
    return {};
  }

  // A hit of the bench's loop; its probe is gone when ours is set. Nothing: this kernel refuses it.
  static std::optional<double> theirs(std::string& why_not) {
    Trigger trigger(GetParam());
    const auto alone = trigger.problem().empty() ? ticks_of_a_batch(trigger) : 0;
    trigger.attach();
    why_not = trigger.problem();
    if (!why_not.empty()) return std::nullopt;
    ticks_of_a_batch(trigger);
    const auto before = trigger.hits();
    const auto armed = ticks_of_a_batch(trigger);
    EXPECT_EQ(trigger.hits() - before, std::uint64_t{kBatches} * Trigger::kBatch);
    return static_cast<double>(armed - alone) / Trigger::kBatch;
  }

  static Summary ours(std::string& reason) {
    const auto rig = run::make_rig(cell(), machine());
    run::CellSession session(rig.get(), machine().offer, cell(), ClockKind::instructions, 1);
    if (session.start()) {
      for (int i = 0; i < 3 && session.round() != nullptr; ++i) continue;
      session.finish();
    }
    reason = session.result().reason;
    return stats::summarise(session.result(), ClockKind::instructions, machine().tsc_khz);
  }
};

TEST_P(AgainstSelftests, CountAlike) {
  std::string why_not;
  const auto bench = theirs(why_not);
  if (!bench) GTEST_SKIP() << why_not;
  const auto own = ours(why_not).instructions_per_hit;
  if (lacking(cell())) GTEST_SKIP() << why_not;
  ASSERT_TRUE(own) << "our cell was not measured: " << why_not;
  RecordProperty("theirs", fmt::format("{:.3f}", *bench));
  RecordProperty("ours", fmt::format("{:.3f}", own->value));
}

INSTANTIATE_TEST_SUITE_P(Kinds, AgainstSelftests,
                         testing::ValuesIn(selftests::kinds().begin(), selftests::kinds().end()),
                         [](const auto& tested) {
                           auto name = std::string(tested.param.name);
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace probebench
