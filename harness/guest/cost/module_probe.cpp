// SPDX-License-Identifier: MIT
// A kernel module of the user's that arms its probes when it is loaded.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <set>

#include "attach/tracefs_instance.h"
#include "base/file.h"
#include "base/text.h"
#include "cost/armer.h"
#include "cost/kernel_listings.h"
#include "cost/tracefs_setup.h"
#include "kernel/kallsyms.h"

namespace probebench::cost {
namespace {

constexpr const char* kGroup = "probebench_cost";

std::set<std::string> loaded_modules() {
  std::set<std::string> names;
  const auto text = read_file("/proc/modules");
  for (const auto line : split(text ? std::string_view(*text) : std::string_view(), '\n')) {
    if (!line.empty()) names.emplace(line.substr(0, line.find(' ')));
  }
  return names;
}

std::vector<std::string> functions_of(const std::string& module) {
  std::vector<std::string> names;
  const auto owner = "\t[" + module + "]";
  const auto symbols = kernel::read_text_symbols(kernel::SymbolSet::all);
  for (const auto line : split(symbols ? std::string_view(*symbols) : std::string_view(), '\n')) {
    if (!line.ends_with(owner)) continue;
    const auto name = line.substr(line.find(' ') + 1);
    names.emplace_back(name.substr(0, name.size() - owner.size()));
  }
  return names;
}

// How often a function of the module ran. The kernel refuses a kprobe whose turn comes inside another's
// handler, and counts that as a miss. Where no kprobe may be, the function tracer still can.
class FunctionCount {
 public:
  static Result<FunctionCount> start(const std::string& module, const std::string& function,
                                     const std::string& name) {
    FunctionCount count(function, name);
    auto event = attach::DynamicEvent::create('p', kGroup, name, module + ":" + function);
    if (event) {
      count.event_ = std::make_unique<attach::DynamicEvent>(std::move(*event));
      TRY(write_tracefs({count.event_->enable_file(), "1"}));
      return count;
    }
    count.tracer_.emplace(TRY(attach::TraceInstance::create("probebench-" + name)));
    TRY(count.tracer_->append("set_ftrace_filter", function + ":mod:" + module));
    // The kernel keeps a name that it does not know for a module to come, and traces everything meanwhile.
    const auto filter = TRY(count.tracer_->read("set_ftrace_filter"));
    if (trimmed(filter) != fmt::format("{} [{}]", function, module))
      return Error{Fault::unsupported, "trace " + function, ENOENT, {}};
    TRY(count.tracer_->write("current_tracer", "function"));
    return count;
  }

  FunctionCount(FunctionCount&&) = default;
  FunctionCount& operator=(FunctionCount&&) = delete;
  ~FunctionCount() {
    if (!event_) return;
    [[maybe_unused]] const auto off = write_tracefs({event_->enable_file(), "0"});
  }

  Result<ProbeHits> read(const std::string& module, std::string_view profile) const {
    ProbeHits hits{fmt::format("handler {}:{}", module, function_), "kprobe event on it", {}};
    if (event_) {
      const auto counts = attach::parse_kprobe_profile(profile, name_);
      hits.hits.counted = counts.hits + counts.misses;
      return hits;
    }
    hits.counted_by = "function tracer on it";
    for (const auto& cpu : TRY(tracer_->counts())) {
      hits.hits.counted += cpu.records;
      hits.hits.missed += cpu.dropped;
    }
    return hits;
  }

 private:
  FunctionCount(std::string function, std::string name)
      : function_(std::move(function)), name_(std::move(name)) {}

  std::string function_;
  std::string name_;
  std::unique_ptr<attach::DynamicEvent> event_;
  std::optional<attach::TraceInstance> tracer_;  // where there is no event
};

// And no kretprobe, whose handlers run where the function returns.
bool is_kprobe(const ListedProbe& probe) {
  return probe.listing == kKprobeListing && probe.line.find(" k ") != std::string::npos;
}

// Of kprobes whose handlers cannot be watched: events at the same places. The kernel then calls one after the
// other, and a miss is one of all of them.
class PlaceHits : public HitCounter {
 public:
  static MadeHitCounter make(const std::vector<ListedProbe>& listed) {
    auto counter = std::make_unique<PlaceHits>();
    for (const auto& one : listed) {
      if (!is_kprobe(one)) continue;
      auto name = fmt::format("place{}", counter->places_.size());
      auto event =
          TRY(attach::DynamicEvent::create('p', kGroup, name, fmt::format("{:#x}", address_of(one))));
      counter->places_.push_back({place_of(one), std::move(name), std::move(event)});
      TRY(write_tracefs({counter->places_.back().event.enable_file(), "1"}));
    }
    return MadeHitCounter(std::move(counter));
  }

  PlaceHits() = default;
  PlaceHits(const PlaceHits&) = delete;
  PlaceHits& operator=(const PlaceHits&) = delete;
  ~PlaceHits() override {
    for (const auto& one : places_) {
      [[maybe_unused]] const auto off = write_tracefs({one.event.enable_file(), "0"});
    }
  }

  Result<std::vector<ProbeHits>> read() override {
    const auto profile = TRY(read_file(std::string(kTracefs) + "kprobe_profile"));
    std::vector<ProbeHits> hits;
    for (const auto& one : places_) {
      const auto counts = attach::parse_kprobe_profile(profile, one.name);
      hits.push_back(
          {"kprobe at " + one.place, "kprobe event at its place", {0, counts.hits, counts.misses}});
    }
    return hits;
  }

 private:
  struct Place {
    std::string place;
    std::string name;
    attach::DynamicEvent event;
  };

  std::vector<Place> places_;
};

// Of each function of a module, whatever its handlers are.
class HandlerHits : public HitCounter {
 public:
  static MadeHitCounter make(const std::string& module) {
    auto counter = std::unique_ptr<HandlerHits>(new HandlerHits(module));
    for (const auto& function : functions_of(module)) counter->watch(function);
    return MadeHitCounter(std::move(counter));
  }

  Result<std::vector<ProbeHits>> read() override {
    const auto profile = TRY(read_file(std::string(kTracefs) + "kprobe_profile"));
    std::vector<ProbeHits> hits;
    for (const auto& one : watched_) hits.push_back(TRY(one.read(module_, profile)));
    return hits;
  }

 private:
  explicit HandlerHits(std::string module) : module_(std::move(module)) {}

  // One that cannot be watched is no handler that can be counted.
  void watch(const std::string& function) {
    auto count = FunctionCount::start(module_, function, fmt::format("handler{}", watched_.size()));
    if (count) watched_.push_back(std::move(*count));
  }

  std::string module_;
  std::vector<FunctionCount> watched_;
};

class ModuleProbe : public Armer {
 public:
  ModuleProbe(std::string file, std::string parameters)
      : file_(std::move(file)), parameters_(std::move(parameters)) {}
  ModuleProbe(const ModuleProbe&) = delete;
  ModuleProbe& operator=(const ModuleProbe&) = delete;
  ~ModuleProbe() override {
    // Who wants to know of a failure calls it.
    [[maybe_unused]] const auto status = disarm();
  }

  Status arm(const Look&) override {
    const auto before = loaded_modules();
    const UniqueFd module(::open(file_.c_str(), O_RDONLY | O_CLOEXEC));
    if (!module) return errno_error(Fault::cell, "open " + file_);
    if (::syscall(SYS_finit_module, module.get(), parameters_.c_str(), 0) != 0) {
      return errno_error(Fault::cell, "load " + file_, "the guest's log may say more");
    }
    for (const auto& name : loaded_modules()) {
      if (!before.contains(name)) name_ = name;
    }
    return Done{};
  }

  MadeHitCounter counter(const std::vector<ListedProbe>&) override { return HandlerHits::make(name_); }
  MadeHitCounter other_counter(const std::vector<ListedProbe>& listed) override {
    return PlaceHits::make(listed);
  }

  std::vector<std::string> description() const override {
    return {"module " + name_ + (parameters_.empty() ? "" : " " + parameters_)};
  }

  Status disarm() override {
    if (name_.empty()) return Done{};
    const auto name = std::exchange(name_, {});
    if (::syscall(SYS_delete_module, name.c_str(), O_NONBLOCK) != 0) {
      return errno_error(Fault::cell, "unload module " + name);
    }
    // A module with a trace_printk() has the tracer record the names of processes, and the kernel goes on
    // with that (trace_printk_start_comm()). The guest is ours, and it would cost what comes later.
    [[maybe_unused]] const auto off = write_tracefs({"options/trace_printk", "0"});
    return Done{};
  }

 private:
  std::string file_;
  std::string parameters_;
  std::string name_;  // empty: not loaded
};

}  // namespace

std::unique_ptr<Armer> make_module_probe(const CostPlan& plan) {
  return std::make_unique<ModuleProbe>(plan.file, plan.parameters);
}

}  // namespace probebench::cost
