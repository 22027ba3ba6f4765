// SPDX-License-Identifier: MIT
// A tool of the user's that arms its probes and reads what they record.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <optional>
#include <thread>

#include "base/text.h"
#include "cost/armer.h"
#include "cost/bpf_listing.h"
#include "cost/tool.h"
#include "cost/tracefs_setup.h"

namespace probebench::cost {
namespace {

// An idle guest's time is free, so looks are counted, not seconds.
constexpr std::chrono::milliseconds kLook{50};
constexpr int kLooksUntilArmed = 600;
constexpr int kEqualLooks = 5;
// One that is busy meanwhile takes real time: a guest says that it lives, and does not wait for ever.
constexpr int kLooksBetweenSigns = 20;
constexpr std::uint64_t kMostCpuNs = 20'000'000'000;
// For a reader to come to its end of what there is.
constexpr std::chrono::milliseconds kReading{300};

std::string saying(std::string_view text) {
  return text.empty() ? std::string() : fmt::format(": {}", text);
}

class CommandProbe : public Armer {
 public:
  CommandProbe(std::vector<std::string> command, std::unique_ptr<Armer> setup, const Keeper* keeper)
      : command_(std::move(command)), setup_(std::move(setup)), keeper_(keeper) {}

  Status arm(const Look& look) override {
    if (setup_) TRY(setup_->arm(look));
    const auto before = look();
    found_ = TracefsSnapshot::take();
    tool_.emplace(TRY(Tool::start(command_, keeper_)));
    TRY(wait_until_armed(before, look));
    tool_->stop();
    cpu_before_ = tool_->cpu_ns();
    return Done{};
  }

  Result<std::uint64_t> drain() override {
    const auto before = tool_->cpu_ns();
    tool_->go_on();
    std::this_thread::sleep_for(kReading);
    tool_->stop();
    give_sign(tool_->cpu_ns() - before);
    if (const auto end = tool_->ended()) return gone(*end, "while it was measured");
    return std::uint64_t{0};
  }

  MadeHitCounter counter(const std::vector<ListedProbe>& listed) override {
    const bool bpf = std::ranges::count(listed, kProgramListing, &ListedProbe::listing) > 0;
    return bpf ? make_bpf_hits(listed) : make_event_hits(listed);
  }

  std::vector<std::string> description() const override {
    auto lines = setup_ ? setup_->description() : std::vector<std::string>();
    std::string line;
    for (const auto& one : command_) line += (line.empty() ? "" : " ") + one;
    lines.push_back(std::move(line));
    return lines;
  }

  std::uint64_t reader_ns() const override { return tool_ ? tool_->cpu_ns() - cpu_before_ : 0; }

  bool lost_records() override {
    const auto lost = tool_ && !line_on_losses(news()).empty();
    heard_ = tool_ ? tool_->output().size() : 0;
    return lost;
  }

  Status disarm() override {
    if (tool_) {
      const bool willing = tool_->end();
      if (!willing) objection_ = fmt::format("'{}' ignored SIGINT and was killed", command_.front());
      if (const auto lost = line_on_losses(news()); objection_.empty()) objection_ = lost;
      tool_.reset();
      TRY(found_->restore());
    }
    return setup_ ? setup_->disarm() : Status(Done{});
  }

  std::string objection() const override { return objection_; }

 private:
  // Its pauses are skipped where instructions are counted. A reader without one takes a guest the whole time.
  void give_sign(std::uint64_t read_ns) {
    const auto all_ns = static_cast<std::uint64_t>(std::chrono::nanoseconds(kReading).count());
    if (read_ns < all_ns / 2 || ++busy_ % kLooksBetweenSigns != 0) return;
    std::fprintf(stderr, "%s never has read all\n", command_.front().c_str());
  }

  Error gone(const std::string& end, const char* when) const {
    return {
        Fault::cell,
        fmt::format("'{}' ended {} ({}){}", command_.front(), when, end, saying(last_line(tool_->output()))),
        0,
        {}};
  }

  // What the tool said since lost_records() was asked.
  std::string news() const {
    const auto said = tool_->output();
    return said.substr(std::min(heard_, said.size()));
  }

  // What is listed differs from before, and stays so.
  Status wait_until_armed(const std::vector<ListedProbe>& before, const Look& look) {
    auto seen = before;
    int equal = 0, i = 1;
    for (; i <= kLooksUntilArmed && tool_->cpu_ns() < kMostCpuNs; ++i) {
      std::this_thread::sleep_for(kLook);
      if (i % kLooksBetweenSigns == 0)
        std::fprintf(stderr, "%s arms nothing yet\n", command_.front().c_str());
      if (const auto end = tool_->ended()) return gone(*end, "before anything was armed");
      auto now = look();
      equal = now == seen && now != before ? equal + 1 : 0;
      seen = std::move(now);
      if (equal == kEqualLooks) return Done{};
    }
    return Error{
        Fault::cell,
        fmt::format("'{}' armed nothing that the kernel lists in {} looks and {:.1f} s of CPU time{}",
                    command_.front(), i - 1, static_cast<double>(tool_->cpu_ns()) / 1e9,
                    saying(last_line(tool_->output()))),
        ETIMEDOUT,
        {}};
  }

  std::vector<std::string> command_;
  std::unique_ptr<Armer> setup_;  // lines that come before; null: none
  const Keeper* keeper_;          // null: there is none
  std::optional<TracefsSnapshot> found_;
  std::optional<Tool> tool_;
  std::uint64_t cpu_before_ = 0;
  std::size_t heard_ = 0;  // bytes of its output
  int busy_ = 0;           // times that it read without a pause
  std::string objection_;
};

}  // namespace

std::unique_ptr<Armer> make_command_probe(const CostPlan& plan, const Keeper* keeper) {
  return std::make_unique<CommandProbe>(plan.command, plan.setup.empty() ? nullptr : make_tracefs_setup(plan),
                                        keeper);
}

}  // namespace probebench::cost
