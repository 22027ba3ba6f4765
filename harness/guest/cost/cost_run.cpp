// SPDX-License-Identifier: MIT
#include "cost/cost_run.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <thread>

#include "cost/armer.h"
#include "cost/bpf_listing.h"
#include "cost/keeper.h"
#include "cost/kernel_listings.h"
#include "cost/kernel_text.h"
#include "cost/look.h"
#include "cost/source_lines.h"
#include "cost/tracefs_setup.h"
#include "cost/windows.h"
#include "kernel/kallsyms.h"
#include "workload/marked_program.h"

namespace probebench::cost {
namespace {

// More would be a tracer of everything. Those that are not told are in the listings, and are restored and
// looked at all the same.
constexpr std::size_t kMostSites = 64;
// Of a recorded path: enough for the last of them to be alike.
constexpr std::uint32_t kMarkedOperations = 12;
// Of the shorter window of a pair
constexpr std::uint32_t kFewestBase = 8;
constexpr std::uint32_t kFewestArmed = 8;
constexpr int kTriesOfCount = 20;
// A page that a window had to fetch makes more.
constexpr double kLessOfHalf = 0.0002;

// Of a place that no longer is what it was.
std::string words_of(const ArmedText& text) {
  const auto place = text.place.empty() ? fmt::format("{:#x}", text.address) : text.place;
  return fmt::format("{}: {:02x}, and not {:02x}", place, fmt::join(text.armed, " "),
                     fmt::join(text.before, " "));
}

class CostRun {
 public:
  CostRun(const CostPlan& plan, ClockKind clock, const std::function<void(const char*)>& step)
      : plan_(plan), timed_(!counts_instructions(clock)), step_(step) {
    told_.workload = plan.workload;
    told_.source = plan.source;
  }

  ProbeCost run() {
    const auto status = measure();
    if (!status) {
      const bool lacking = status.error().fault == Fault::unsupported;
      told_.status = lacking ? CellStatus::skipped : CellStatus::errored;
      told_.reason = status.error().message();
      told_.wrong_input = status.error().fault == Fault::usage;
    }
    return std::move(told_);
  }

 private:
  bool whole() const { return told_.operation == CostOperation::run; }

  Status measure() {
    TRY(make());
    TRY(measure_once());
    while (told_.armings < kMostArmings && is_changed_for_good()) {
      TRY(begin_again());
      TRY(measure_once());
    }
    return verdict();
  }

  // The first arming since the boot can leave something behind that no listing has and each operation pays
  // for: nothing else is wrong with the result. The second one finds it there.
  bool is_changed_for_good() const {
    const auto why = base_difference();
    return !timed_ && !whole() && !why.empty() && reason() == why;
  }

  Status begin_again() {
    armer_.reset();
    armer_ = TRY(make_armer(plan_));
    told_.hits.clear();
    told_.armings += 1;
    return Done{};
  }

  Status measure_once() {
    step_("with nothing armed");
    TRY(measure_base());
    step_("arming");
    TRY(arm());
    step_("armed");
    TRY(measure_armed());
    step_("disarmed");
    return disarm();
  }

  Status make() {
    if (timed_) TRY(check_machine());
    if (timed_) keeper_.emplace(TRY(Keeper::start()));
    armer_ = TRY(make_armer(plan_, keeper_ ? &*keeper_ : nullptr));
    work_ = TRY(make_work());
    // The first operation finds nothing in any cache of the kernel's.
    TRY(work_->run(2));
    windows_.emplace(*work_,
                     whole()  ? OperationKind::whole
                     : timed_ ? OperationKind::timed
                              : OperationKind::brief,
                     plan_.rounds);
    return Done{};
  }

  // A user's events and what he has recorded are not disturbed.
  Status check_machine() const {
    if (plan_.source != ProbeSource::tracefs && plan_.setup.empty()) return Done{};
    const auto used = use_of_tracefs();
    if (used.empty()) return Done{};
    return Error{Fault::cell, "write to tracefs: it is in use: " + used, EBUSY,
                 "switch that off, and empty its trace"};
  }

  // A program that marks nothing is timed whole, and so is an operation that no window without a tick has.
  workload::MadeWork make_work() {
    if (plan_.workload != WorkloadId::command) {
      if (info_of(plan_.workload).lengthy) told_.operation = CostOperation::run;
      return workload::make_work(plan_.workload, {});
    }
    if (auto marked = TRY(workload::make_marked_program(plan_.program))) {
      told_.operation = CostOperation::marked;
      return workload::MadeWork(std::move(marked));
    }
    told_.operation = CostOperation::run;
    return workload::make_program(plan_.program);
  }

  Status measure_base() {
    told_.operations = TRY(windows_->operations());
    TRY(measure_base_windows());
    if (plan_.paths) loops_.twin = TRY(windows_->mark(kMarkedOperations));
    text_ = TRY(KernelText::copy());
    listed_before_ = look();
    return Done{};
  }

  // What an operation gives back late, a file of Linux 6.1 for example, is memory that a long window lacks
  // and a short one does not: a window is as long as one can be that is always the same, and no dearer than
  // one of half its length.
  Status measure_base_windows() {
    bool steady = take_base(told_.operations, TRY(windows_->pairs(told_.operations, {})));
    while (!whole() && !timed_ && told_.operations >= 2 * kFewestBase) {
      const auto half = told_.operations / 2;
      auto windows = TRY(windows_->pairs(half, {}));
      const auto figures = per_op(windows, half);
      if (steady && (!is_steady(figures) || figures.front() >= (1 - kLessOfHalf) * told_.base_per_op.front()))
        break;
      steady = take_base(half, std::move(windows));
    }
    return Done{};
  }

  // Whether all rounds are alike.
  bool take_base(std::uint32_t operations, std::vector<PairTicks> windows) {
    told_.operations = operations;
    told_.base_per_op = per_op(windows, operations);
    told_.base_windows = std::move(windows);
    return is_steady(told_.base_per_op);
  }

  static bool is_steady(const std::vector<double>& figures) {
    return std::ranges::adjacent_find(figures, std::not_equal_to{}) == figures.end();
  }

  Status arm() {
    TRY(armer_->arm(look));
    told_.armed = armer_->description();
    told_.versions = armer_->versions();
    told_.listed = new_in(settled_look(), listed_before_);
    told_.sites = TRY(text_->changes());
    if (told_.sites.size() > kMostSites) told_.sites.resize(kMostSites);
    explain(told_.sites, told_.listed);
    return Done{};
  }

  Status measure_armed() {
    const auto drain = [this] { return armer_->drain(); };
    const auto drained = [&]() -> Status {
      TRY(drain());
      return Done{};
    };
    windows_->take_operations();
    told_.armed_operations = std::min(told_.operations, TRY(armed_operations()));
    TRY(measure_armed_windows(drained));
    told_.interrupts_per_op = windows_->interrupts_per_op();
    told_.armed_per_op = per_op(told_.armed_windows, told_.armed_operations);
    if (plan_.paths) TRY(record_path(drained));
    TRY(count_armed(drain));
    told_.reader = {windows_->take_operations(), armer_->reader_ns()};
    return Done{};
  }

  // A probe that wakes its reader at each hit leaves no window without an interrupt.
  Result<std::uint32_t> armed_operations() {
    auto operations = windows_->operations();
    if (operations || whole() || timed_ || operations.error().err != EBUSY) return operations;
    windows_->allow_interrupts(true);
    return windows_->operations();
  }

  // A reader whose buffer is too small for the longest window gets shorter ones: whatever was lost made the
  // probe look cheaper. A tool with a timer of its own gets shorter ones, too: it may come as long behind the
  // tick each time.
  Status measure_armed_windows(const std::function<Status()>& drained) {
    for (;; told_.armed_operations /= 2) {
      TRY(drained());
      armer_->lost_records();  // of windows that only tell how long one can be
      auto windows = windows_->pairs(told_.armed_operations, drained);
      if (!windows && windows.error().err == EBUSY && told_.armed_operations >= 2 * kFewestArmed) continue;
      told_.armed_windows = TRY(std::move(windows));
      TRY(drained());
      if (!armer_->lost_records()) return Done{};
      if (told_.armed_operations < 2 * kFewestArmed) break;
    }
    losses_of_reader_ = fmt::format("the reader lost records of {} operations", 2 * told_.armed_operations);
    return Done{};
  }

  // While the counter lives, the kernel keeps statistics, which cost each hit some instructions.
  Status count_armed(const std::function<Result<std::uint64_t>()>& drain) {
    {
      const auto counter = TRY(armer_->counter(told_.listed));
      TRY(count_by(*counter, drain));
    }
    if (!told_.hits.empty()) return Done{};
    const auto other = TRY(armer_->other_counter(told_.listed));
    return other == nullptr ? Status(Done{}) : count_by(*other, drain);
  }

  Status count_by(HitCounter& counter, const std::function<Result<std::uint64_t>()>& drain) {
    auto operations = told_.armed_operations;
    // Others on a running machine may hit the probe, too, but not in every window.
    for (int tries = timed_ ? kTriesOfCount : 1; tries > 0; --tries) {
      auto counted = TRY(count_hits(
          counter, operations, [this](auto more) { return windows_->run(more); }, drain));
      // Statistics make hits longer, and a reader that just kept up no more does.
      if (operations >= 2 * kFewestArmed && armer_->lost_records()) {
        operations /= 2;
        ++tries;
        continue;
      }
      told_.hits = std::move(counted.hits);
      losses_ = std::move(counted.losses);
      if (whole()) expect_what_was_counted(told_.hits);
      if (plan_.source == ProbeSource::module) leave_out_helpers(told_.hits);
      if (judge_hits(told_.hits).empty()) break;
    }
    return Done{};
  }

  Status record_path(const std::function<Status()>& drained) {
    TRY(drained());
    loops_.site = TRY(windows_->mark(kMarkedOperations));
    loops_.calls = kMarkedOperations;
    loops_.symbols = TRY(kernel::read_text_symbols(kernel::SymbolSet::owned));
    told_.loops = std::move(loops_);
    told_.source_lines = source_lines(told_.listed);
    return Done{};
  }

  Status disarm() {
    TRY(armer_->disarm());
    windows_->allow_interrupts(false);
    for (int i = 0; i < kSettleTries; ++i) {
      std::this_thread::sleep_for(kSettle);
      left_ = new_in(look(), listed_before_);
      if (!left_.empty() && i + 1 < kSettleTries) continue;  // all of the text takes longer to look at
      changed_ = TRY(text_->changes());
      if (changed_.empty()) break;
    }
    for (auto& site : told_.sites) {
      const auto still = std::ranges::find(changed_, site.address, &ArmedText::address);
      site.after = still == changed_.end() ? site.before : still->armed;
    }
    told_.base_after = per_op(TRY(windows_->pairs(told_.operations, {})), told_.operations);
    return Done{};
  }

  Status verdict() {
    told_.reason = reason();
    told_.status = told_.reason.empty() ? CellStatus::measured : CellStatus::invalid;
    return Done{};
  }

  std::string base_difference() const {
    const auto share = timed_ ? kBaseShareOfTime : whole() ? kBaseShareOfRun : kBaseShare;
    return judge_base(told_.base_per_op, told_.base_after, share);
  }

  std::string reason() const {
    if (told_.listed.empty() && told_.sites.empty()) return "the kernel has nothing armed";
    if (auto why = judge_hits(told_.hits); !why.empty()) return why;
    if (auto why = judge_listing(told_.listed); !why.empty()) return why;
    if (!losses_.empty()) return losses_;
    if (!losses_of_reader_.empty()) return losses_of_reader_;
    if (auto why = armer_->objection(); !why.empty()) return why;
    if (auto why = base_difference(); !why.empty()) return why;
    if (auto why = judge_rounds(told_); whole() && !why.empty()) return why;
    if (!left_.empty()) return "after disarming the kernel still lists: " + left_.front().line;
    if (!changed_.empty())
      return "after disarming the kernel's text differs at " + words_of(changed_.front());
    return {};
  }

  const CostPlan& plan_;
  bool timed_;
  const std::function<void(const char*)>& step_;
  ProbeCost told_;
  std::unique_ptr<workload::Work> work_;
  std::optional<Windows> windows_;
  std::optional<KernelText> text_;
  std::vector<ListedProbe> listed_before_;
  std::vector<ListedProbe> left_;   // listed after disarming
  std::vector<ArmedText> changed_;  // after disarming
  std::string losses_;              // of a window whose hits were counted
  std::string losses_of_reader_;    // as the tool itself said
  MarkedLoops loops_;
  std::optional<Keeper> keeper_;
  std::unique_ptr<Armer> armer_;  // the first to go: it disarms
};

}  // namespace

ProbeCost run_cost(const CostPlan& plan, ClockKind clock, const std::function<void(const char*)>& step) {
  return CostRun(plan, clock, step).run();
}

}  // namespace probebench::cost
