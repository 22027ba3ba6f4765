// SPDX-License-Identifier: MIT
// What counts the hits of the places that a command passes, by the cheapest means that this target has.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "attach/probe_set.h"
#include "attach/tracefs_instance.h"
#include "base/result.h"
#include "experiment/kernel_places.h"
#include "kernel/control.h"
#include "kernel/perf_event.h"
#include "model/experiment.h"

namespace probebench::experiment {

class SiteCounters {
 public:
  // `control` is null where there is no helper module, or where others than the command may hit the places.
  explicit SiteCounters(const kernel::Control* control) : control_(control) {}

  // A counter for each site; sites of one place share one. `places` are those of functions, in the order of
  // the sites. A site that cannot be counted says why.
  void attach(std::vector<SiteCount>& told, const std::vector<KernelPlace>& places);
  // Counts from now on; a command's process is ready to become its program where prepares() says so.
  Status begin();
  bool prepares() const { return !events_.empty(); }
  Status prepare(pid_t process);
  // Counts in a process that runs, by its events alone, from now on.
  Status watch(pid_t process);
  // Since begin(), in the order of the sites.
  Result<std::vector<std::uint64_t>> hits() const;
  // Returns when every byte is back, and fails when they are not.
  Status detach();

 private:
  // A trace event, where it had to be defined first, and what counts it; the counter goes first.
  struct Event {
    std::size_t site;
    std::optional<attach::DynamicEvent> defined;
    kernel::EventCounter counter;
  };

  Status add_event(std::size_t index, const PredictSite& site);
  Status add_dynamic_event(std::size_t index, const std::string& where);
  Status add_file(std::size_t index, const PredictSite& site);
  void count_by_set(std::vector<SiteCount>& told, const std::vector<KernelPlace>& places);
  void check_set(std::vector<SiteCount>& told) const;
  Result<std::vector<std::uint64_t>> read_set() const;

  const kernel::Control* control_;
  std::vector<Event> events_;
  std::optional<attach::ProbeSet> set_;
  std::vector<std::optional<std::size_t>> in_set_;  // by site: its probe, where it is a function's
  std::vector<std::uint64_t> before_;               // hits of the set's probes
};

}  // namespace probebench::experiment
