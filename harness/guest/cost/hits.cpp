// SPDX-License-Identifier: MIT
#include "cost/hits.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "base/text.h"
#include "cost/bpf_listing.h"
#include "cost/kernel_listings.h"
#include "stats/robust.h"

namespace probebench::cost {
namespace {

class BpfHits : public HitCounter {
 public:
  explicit BpfHits(BpfRunCounter counter) : counter_(std::move(counter)) {}

  Result<std::vector<ProbeHits>> read() override {
    std::vector<ProbeHits> hits;
    for (const auto& one : TRY(counter_.read())) {
      hits.push_back({one.program, "run_cnt", {0, one.runs, one.missed}, one.ns});
    }
    return hits;
  }

 private:
  BpfRunCounter counter_;
};

// What `later` has more than `earlier`.
std::vector<ProbeHits> difference(std::vector<ProbeHits> later, const std::vector<ProbeHits>& earlier) {
  for (std::size_t i = 0; i < later.size() && i < earlier.size(); ++i) {
    later[i].hits.counted -= earlier[i].hits.counted;
    later[i].hits.missed -= earlier[i].hits.missed;
    later[i].run_ns -= earlier[i].run_ns;
  }
  return later;
}

struct Counted {
  std::vector<ProbeHits> hits;
  std::uint64_t records = 0;
};

Result<Counted> count_window(HitCounter& counter, const std::function<Status()>& window,
                             const std::function<Result<std::uint64_t>()>& drain) {
  TRY(drain());
  const auto before = TRY(counter.read());
  TRY(window());
  auto after = TRY(counter.read());
  return Counted{difference(std::move(after), before), TRY(drain())};
}

}  // namespace

MadeHitCounter make_bpf_hits(const std::vector<ListedProbe>& listed) {
  std::vector<ListedProbe> programs;
  std::ranges::copy_if(listed, std::back_inserter(programs),
                       [](const auto& one) { return one.listing == kProgramListing; });
  auto counter = TRY(BpfRunCounter::make(programs));
  return std::unique_ptr<HitCounter>(std::make_unique<BpfHits>(std::move(counter)));
}

Result<CountedHits> count_hits(HitCounter& counter, std::uint32_t operations,
                               const std::function<Status(std::uint32_t)>& run,
                               const std::function<Result<std::uint64_t>()>& drain) {
  const auto once = TRY(count_window(
      counter, [&] { return run(operations); }, drain));
  const auto twice = TRY(count_window(
      counter, [&] { return run(2 * operations); }, drain));
  CountedHits counted{difference(twice.hits, once.hits),
                      judge_records(once.records, twice.records, operations)};
  for (auto& one : counted.hits) one.hits.expected = operations;
  std::erase_if(counted.hits,
                [](const ProbeHits& one) { return one.hits.counted == 0 && one.hits.missed == 0; });
  return counted;
}

std::string judge_records(std::uint64_t once, std::uint64_t twice, std::uint32_t operations) {
  const auto more = twice - std::min(once, twice);
  // A reader may have hit the probe itself, a few times and as often in both windows.
  constexpr std::uint64_t kOwn = 8;
  const bool full = more == 0 && once > kOwn;
  if (!full && more % operations == 0) return {};
  return fmt::format("records were lost: {} of {} operations, {} of {}", once, operations, twice,
                     2 * operations);
}

void leave_out_helpers(std::vector<ProbeHits>& hits) {
  const auto is_exact = [](const ProbeHits& one) { return one.hits.equal(); };
  if (std::ranges::none_of(hits, is_exact)) return;
  std::erase_if(hits, [](const ProbeHits& one) {
    const auto& [expected, counted, missed] = one.hits;
    return missed == 0 && expected != 0 && counted > expected && counted % expected == 0;
  });
}

std::string judge_hits(const std::vector<ProbeHits>& hits) {
  if (hits.empty()) return "no operation of the workload hit the probe";
  for (const auto& [probe, counted_by, count, run_ns] : hits) {
    if (count.equal()) continue;
    const auto missed = count.missed == 0 ? "" : fmt::format(", {} missed", count.missed);
    return fmt::format("{}: {} hits of {} operations{}", probe, count.counted, count.expected, missed);
  }
  return {};
}

void expect_what_was_counted(std::vector<ProbeHits>& hits) {
  for (auto& one : hits) one.hits.expected = one.hits.counted + one.hits.missed;
}

std::string judge_base(const std::vector<double>& before, const std::vector<double>& after, double share) {
  const auto was = stats::median(before);
  const auto is = stats::median(after);
  if (std::abs(is - was) <= std::max(1.0, share * was)) return {};
  return fmt::format("with nothing armed an operation takes {} before and {} after", number_text(was),
                     number_text(is));
}

std::string judge_rounds(const ProbeCost& cost) {
  if (cost.base_per_op.empty() || cost.armed_per_op.empty()) return {};
  const auto range = [](const std::vector<double>& figures) {
    const auto [low, high] = std::ranges::minmax(figures);
    return high - low;
  };
  const auto spread = range(cost.base_per_op) + range(cost.armed_per_op);
  const auto more = stats::median(cost.armed_per_op) - stats::median(cost.base_per_op);
  if (more > spread) return {};
  const bool own = cost.workload != WorkloadId::command;
  return fmt::format("{} takes {} more, and rounds differ by {}: {}", own ? "an operation" : "a run",
                     number_text(more), number_text(spread),
                     own ? "take a shorter one, or a probe that it hits more often"
                         : "mark its operations, or hit the probe more often in a run");
}

std::string judge_listing(const std::vector<ListedProbe>& listed) {
  std::map<std::string, int> places;
  for (const auto& one : listed) {
    auto place = one.listing == kKprobeListing ? one.line
                 : one.listing == kLinkListing ? place_of_link(one.line)
                                               : std::string();
    if (!place.empty() && ++places[std::move(place)] == 2) {
      return "one place is armed twice: " + one.line;
    }
  }
  return {};
}

}  // namespace probebench::cost
