// SPDX-License-Identifier: MIT
// Hits of trace events: dynamic ones have counts of their own, for others their records are counted.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <utility>

#include "attach/tracefs_instance.h"
#include "base/file.h"
#include "base/text.h"
#include "cost/hits.h"
#include "cost/tracefs_setup.h"
#include "cost/tracepoint_listing.h"

namespace probebench::cost {
namespace {

// "group/mine" -> "mine", as the profiles have it.
std::string event_name(const std::string& event) {
  return event.substr(event.find('/') + 1);
}

class ProfileHits : public HitCounter {
 public:
  explicit ProfileHits(std::vector<ListedProbe> events) : events_(std::move(events)) {}

  Result<std::vector<ProbeHits>> read() override {
    const auto kprobes = read_file(std::string(kTracefs) + "kprobe_profile");
    const auto uprobes = read_file(std::string(kTracefs) + "uprobe_profile");
    std::vector<ProbeHits> hits;
    for (const auto& one : events_) {
      const auto event = event_of_definition(one.line);
      const bool of_kernel = one.listing == "kprobe_events";
      const auto& profile = of_kernel ? kprobes : uprobes;
      if (!profile) return profile.error();
      hits.push_back(of_kernel ? of_kprobe(event, *profile) : of_uprobe(event, *profile));
    }
    return hits;
  }

 private:
  static ProbeHits of_kprobe(const std::string& event, std::string_view profile) {
    const auto counts = attach::parse_kprobe_profile(profile, event_name(event));
    return {event, "kprobe_profile", {0, counts.hits, counts.misses}};
  }

  // "  /bin/ls  mine  12"
  static ProbeHits of_uprobe(const std::string& event, std::string_view profile) {
    ProbeHits hits{event, "uprobe_profile", {}};
    for (const auto line : split(profile, '\n')) {
      std::istringstream words{std::string(line)};
      std::string file;
      std::string name;
      std::uint64_t count = 0;
      if (words >> file >> name >> count && name == event_name(event)) hits.hits.counted = count;
    }
    return hits;
  }

  std::vector<ListedProbe> events_;
};

// One event alone, or one tracer: its records are the buffer's.
class RecordHits : public HitCounter {
 public:
  explicit RecordHits(std::string name) : name_(std::move(name)) {}

  Result<std::vector<ProbeHits>> read() override {
    ProbeHits hits{name_, "records in the trace buffer", {}};
    for (const auto& cpu : TRY(attach::TraceInstance().counts())) {
      hits.hits.counted += cpu.records;
      hits.hits.missed += cpu.dropped;
    }
    return std::vector{hits};
  }

 private:
  std::string name_;
};

// The same events once more, each in a buffer of its own. What perf keeps of its own is in its process.
class EventHits : public HitCounter {
 public:
  static MadeHitCounter make(const std::vector<std::string>& events) {
    auto counter = std::make_unique<EventHits>();
    for (const auto& event : events) {
      auto buffer =
          TRY(attach::TraceInstance::create(fmt::format("probebench-hits-{}", counter->buffers_.size())));
      TRY(buffer.write(("events/" + event + "/enable").c_str(), "1"));
      counter->buffers_.emplace_back(event, std::move(buffer));
    }
    return MadeHitCounter(std::move(counter));
  }

  Result<std::vector<ProbeHits>> read() override {
    std::vector<ProbeHits> hits;
    for (const auto& [event, buffer] : buffers_) {
      hits.push_back({event, "records of the same event", {}});
      for (const auto& cpu : TRY(buffer.counts())) {
        hits.back().hits.counted += cpu.records;
        hits.back().hits.missed += cpu.dropped;
      }
    }
    return hits;
  }

 private:
  std::vector<std::pair<std::string, attach::TraceInstance>> buffers_;
};

std::string group_of_event(const std::string& event) {
  std::error_code failure;
  for (const auto& group : fs::directory_iterator(std::string(kTracefs) + "events", failure)) {
    if (fs::exists(group.path() / event / "enable", failure)) return group.path().filename().string();
  }
  return {};
}

std::vector<std::string> events_of_perf(const std::vector<ListedProbe>& listed) {
  std::vector<std::string> events;
  for (const auto& one : listed) {
    auto event = one.listing == kTracepointListing ? event_of_perf(one.line, group_of_event) : std::nullopt;
    if (event) events.push_back(*std::move(event));
  }
  return events;
}

std::vector<ListedProbe> of_listings(const std::vector<ListedProbe>& listed,
                                     std::initializer_list<std::string_view> listings) {
  std::vector<ListedProbe> found;
  std::ranges::copy_if(listed, std::back_inserter(found), [&](const auto& one) {
    return std::ranges::find(listings, one.listing) != listings.end();
  });
  return found;
}

}  // namespace

MadeHitCounter make_event_hits(const std::vector<ListedProbe>& listed) {
  auto defined = of_listings(listed, {"kprobe_events", "uprobe_events"});
  if (!defined.empty()) return std::unique_ptr<HitCounter>(std::make_unique<ProfileHits>(std::move(defined)));
  const auto events = of_listings(listed, {"set_event", "current_tracer"});
  if (events.size() == 1) {
    return std::unique_ptr<HitCounter>(std::make_unique<RecordHits>(events.front().line));
  }
  const auto perfs = events.empty() ? events_of_perf(listed) : std::vector<std::string>();
  if (!perfs.empty()) return EventHits::make(perfs);
  return Error{Fault::cell,
               events.empty() ? "count hits: the kernel lists no event and no tracer that is new"
                              : "count hits: several events write into one buffer",
               0,
               events.empty() ? "enable the event: --setup events/GROUP/EVENT/enable=1" : "enable one event"};
}

}  // namespace probebench::cost
