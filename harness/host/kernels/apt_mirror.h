// SPDX-License-Identifier: MIT
// A private apt directory in the cache: packages of any suite of the machine's mirror, without root and
// without touching the machine's own apt state. Nobody else has it while it is used, so two runs that want
// the same packages do not wait for each other.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/process.h"
#include "kernels/apt_sources.h"
#include "kernels/cache.h"
#include "kernels/transfer_watch.h"
#include "model/arch.h"

namespace probebench::kernels {

struct AptPackage {
  std::string name;
  std::string version;
  std::vector<std::string> depends;  // package names, first alternative of each, versions left out
  std::string arch = {};             // empty: the mirror's
};

class AptMirror {
 public:
  // Writes the configuration and fetches the package lists: those that keep() left as `name` are brought up
  // to date. `progress` has to outlive the mirror.
  // Packages are of `arch`; those that are run here come from the lists of this machine's own.
  static Result<AptMirror> open(const fs::path& cache, const std::string& name,
                                const std::vector<AptSource>& sources, Progress& progress,
                                ArchId arch = ArchId::x86_64);

  // Packages whose name starts with `prefix` and ends with `suffix`, newest version of each, newest first.
  Result<std::vector<AptPackage>> find(const std::string& prefix, const std::string& suffix) const;

  // The same with every version that it has of each.
  Result<std::vector<AptPackage>> find_all(const std::string& prefix, const std::string& suffix) const;

  // One package, of the version `preferred` if the mirror has that, else the newest; an infra error when
  // there is none.
  Result<AptPackage> show(const std::string& name, const std::string& preferred = {}) const;

  // The same of one that is run on this machine.
  Result<AptPackage> show_for_build(const std::string& name, const std::string& preferred = {}) const;

  // The packages and all that they depend on, as apt would install them on an empty machine. No such package:
  // a usage error.
  Result<std::vector<AptPackage>> closure(const std::vector<std::string>& names) const;

  // Downloads the packages into `directory`, signatures checked by apt.
  Status download(const std::vector<AptPackage>& packages, const fs::path& directory) const;

  // Leaves the package lists for the next run; the mirror is of no use afterwards.
  Status keep();

 private:
  enum class Versions { newest, all };
  AptMirror(ScratchDirectory scratch, std::string name, Progress& progress, ArchId arch)
      : scratch_(std::move(scratch)), name_(std::move(name)), progress_(&progress), arch_(arch) {}
  Status configure(const std::vector<AptSource>& sources);
  Error failed(const std::string& what, const std::string& output) const;
  Result<std::string> run(const std::vector<std::string>& argv, const std::string& what,
                          const fs::path& directory = {}, const Watch& watch = {}) const;
  Result<std::string> transfer(const std::vector<std::string>& argv, const std::string& what,
                               const fs::path& directory) const;
  Result<std::vector<AptPackage>> matching(const std::string& prefix, const std::string& suffix,
                                           Versions versions) const;
  Result<std::vector<AptPackage>> query(const std::vector<std::string>& names, Versions versions) const;

  ScratchDirectory scratch_;
  std::string name_;
  Progress* progress_;
  ArchId arch_;
  std::string hosts_;     // whom it asks
  bool archive_ = false;  // of what mirrors have dropped, and not the machine's mirror
  std::chrono::seconds stall_ = kStallDeadline;
};

// Stanzas that `apt-cache show` prints; of several with one name and version the first counts.
std::vector<AptPackage> parse_packages(std::string_view text);

// What `apt-get --simulate install` would install: "Inst libc6 (2.41-12 Debian:13.8/stable [amd64])".
std::vector<AptPackage> parse_simulation(std::string_view text);

// How long the machine's apt waits for a server, as `apt-config dump` has it; kStallDeadline: it does not
// say.
std::chrono::seconds stall_deadline(std::string_view apt_config);

// "http://user:secret@mirror.example:80/debian" -> "mirror.example:80".
std::string host_of(std::string_view uri);

// The one line of apt's output that says what went wrong.
std::string apt_complaint(std::string_view output);

}  // namespace probebench::kernels
