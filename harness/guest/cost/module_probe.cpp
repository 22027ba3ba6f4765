// SPDX-License-Identifier: MIT
// A kernel module of the user's that arms its probes when it is loaded.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <set>

#include "attach/tracefs_instance.h"
#include "base/file.h"
#include "base/text.h"
#include "cost/armer.h"
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

// The kernel refuses a kprobe whose turn comes inside another's handler, and counts that as a miss: a trace
// event on each function of the module tells how often its handlers ran, whatever they are.
class HandlerHits : public HitCounter {
 public:
  static MadeHitCounter make(const std::string& module) {
    auto counter = std::unique_ptr<HandlerHits>(new HandlerHits(module));
    for (const auto& function : functions_of(module)) counter->watch(function);
    if (!counter->watched_.empty()) return std::unique_ptr<HitCounter>(std::move(counter));
    return Error{Fault::cell, "count hits: no function of module " + module + " can be probed", 0,
                 "hits could not be proved; handlers marked NOKPROBE_SYMBOL cannot be counted"};
  }

  Result<std::vector<ProbeHits>> read() override {
    const auto profile = TRY(read_file(std::string(kTracefs) + "kprobe_profile"));
    std::vector<ProbeHits> hits;
    for (const auto& one : watched_) {
      const auto counts = attach::parse_kprobe_profile(profile, one.name);
      hits.push_back({fmt::format("handler {}:{}", module_, one.function),
                      "kprobe event on it",
                      {0, counts.hits + counts.misses, 0}});
    }
    return hits;
  }

 private:
  struct Watched {
    std::string function;
    std::string name;
    attach::DynamicEvent event;
  };

  explicit HandlerHits(std::string module) : module_(std::move(module)) {}

  // One that cannot be probed is no handler that can be counted.
  void watch(const std::string& function) {
    auto name = fmt::format("handler{}", watched_.size());
    auto event = attach::DynamicEvent::create('p', kGroup, name, module_ + ":" + function);
    if (!event) return;
    watched_.push_back({function, std::move(name), std::move(*event)});
    const auto& made = watched_.back().event;
    if (!write_tracefs({made.enable_file(), "1"})) watched_.pop_back();
  }

 public:
  HandlerHits(const HandlerHits&) = delete;
  HandlerHits& operator=(const HandlerHits&) = delete;
  ~HandlerHits() override {
    for (const auto& one : watched_) {
      [[maybe_unused]] const auto off = write_tracefs({one.event.enable_file(), "0"});
    }
  }

 private:
  std::string module_;
  std::vector<Watched> watched_;
};

class ModuleProbe : public Armer {
 public:
  explicit ModuleProbe(std::string file) : file_(std::move(file)) {}
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
    if (::syscall(SYS_finit_module, module.get(), "", 0) != 0) {
      return errno_error(Fault::cell, "load " + file_, "the guest's log may say more");
    }
    for (const auto& name : loaded_modules()) {
      if (!before.contains(name)) name_ = name;
    }
    return Done{};
  }

  MadeHitCounter counter(const std::vector<ListedProbe>&) override { return HandlerHits::make(name_); }

  std::vector<std::string> description() const override { return {"module " + name_}; }

  Status disarm() override {
    if (name_.empty()) return Done{};
    const auto name = std::exchange(name_, {});
    if (::syscall(SYS_delete_module, name.c_str(), O_NONBLOCK) == 0) return Done{};
    return errno_error(Fault::cell, "unload module " + name);
  }

 private:
  std::string file_;
  std::string name_;  // empty: not loaded
};

}  // namespace

std::unique_ptr<Armer> make_module_probe(const CostPlan& plan) {
  return std::make_unique<ModuleProbe>(plan.file);
}

}  // namespace probebench::cost
