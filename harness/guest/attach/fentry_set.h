// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "attach/bpf_program.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "model/handler.h"

namespace probebench::attach {

// A fentry program on each of many kernel functions, all with one map of hits. The destructor detaches them.
class FentrySet {
 public:
  // Functions that BTF does not know, or that are refused, are left out, with the reason in refusals().
  static Result<FentrySet> attach(const std::vector<std::string>& functions, HandlerChoice handler);

  std::size_t size() const { return links_.size(); }
  const std::map<std::string, std::string>& refusals() const { return refusals_; }
  // Of the handler `count`, on all CPUs.
  Result<std::uint64_t> hits() const;
  // The kernel's own counts: of runs, while run statistics are on, and of programs that did not run because
  // they were running already.
  Result<std::uint64_t> runs() const;
  Result<std::uint64_t> missed() const;

 private:
  explicit FentrySet(BpfProgram pattern) : pattern_(std::move(pattern)) {}
  Status add(const std::string& function, std::uint32_t btf_id);

  BpfProgram pattern_;  // whose instructions and maps all of them share; attached nowhere
  std::vector<UniqueFd> programs_;
  std::vector<UniqueFd> links_;
  std::map<std::string, std::string> refusals_;
};

}  // namespace probebench::attach
