// SPDX-License-Identifier: MIT
// --tune: settings changed for the time of a run. Their original values are on disk before the first of them
// is changed, so that the next run can put back what a killed one left.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "session/environment_checks.h"

namespace probebench::session {

struct OriginalSetting {
  std::filesystem::path path;
  std::string value;

  bool operator==(const OriginalSetting&) const = default;
};

class Tuning {
 public:
  // Changes nothing at all: there is nothing to restore.
  Tuning() = default;
  // Sets every tunable finding to what its check wants. A setting that the kernel refuses to change is left
  // as it is and named in refusals(). `state` must not exist.
  static Result<Tuning> apply(const std::vector<Finding>& findings, const std::filesystem::path& state);

  Tuning(Tuning&& other) noexcept;
  Tuning& operator=(Tuning&& other) noexcept;
  Tuning(const Tuning&) = delete;
  Tuning& operator=(const Tuning&) = delete;
  // Restores in reverse order.
  ~Tuning();

  const std::vector<std::string>& changed() const { return changed_; }
  const std::vector<std::string>& refusals() const { return refusals_; }

 private:
  std::filesystem::path state_;
  std::vector<OriginalSetting> originals_;
  std::vector<std::string> changed_;
  std::vector<std::string> refusals_;
};

// What a run that was killed left: its settings are put back, newest first, and its file goes. Returns one
// line for each. A file whose owner still runs is an error; a setting that cannot be restored keeps the file.
// One that names anything but what --tune changes below `root` is not ours, and nothing of it is written.
Result<std::vector<std::string>> restore_leftovers(const std::filesystem::path& state,
                                                   const std::filesystem::path& root = "/");

}  // namespace probebench::session
