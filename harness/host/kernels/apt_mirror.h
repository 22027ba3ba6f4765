// SPDX-License-Identifier: MIT
// A private apt directory in the cache: packages of any suite of the machine's mirror, without root and
// without touching the machine's own apt state.
#pragma once

#include <string>
#include <vector>

#include "kernels/apt_sources.h"

namespace probebench::kernels {

struct AptPackage {
  std::string name;
  std::string version;
  std::vector<std::string> depends;  // package names, first alternative of each, versions left out
};

class AptMirror {
 public:
  // Writes the configuration below `directory` and fetches the package lists.
  static Result<AptMirror> open(const fs::path& directory, const std::vector<AptSource>& sources);

  // Packages whose name starts with `prefix` and ends with `suffix`, newest version of each, newest first.
  Result<std::vector<AptPackage>> find(const std::string& prefix, const std::string& suffix) const;

  // The newest version of one package; an infra error when there is none.
  Result<AptPackage> show(const std::string& name) const;

  // Downloads the packages into `directory`, signatures checked by apt.
  Status download(const std::vector<AptPackage>& packages, const fs::path& directory) const;

 private:
  explicit AptMirror(fs::path config) : config_(std::move(config)) {}
  Result<std::string> run(const std::vector<std::string>& argv, const std::string& what,
                          const fs::path& directory = {}) const;
  Result<std::vector<AptPackage>> query(const std::vector<std::string>& names) const;
  fs::path config_;
};

// Stanzas that `apt-cache show` prints; of several with one name the first counts.
std::vector<AptPackage> parse_packages(std::string_view text);

// The one line of apt's output that says what went wrong.
std::string apt_complaint(std::string_view output);

}  // namespace probebench::kernels
