// SPDX-License-Identifier: MIT
// A trace event that the kernel makes on request: kprobe, kretprobe, fprobe, uprobe or uretprobe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace probebench::attach {

// A line of kprobe_profile.
struct ProfileCounts {
  std::uint64_t hits = 0;
  std::uint64_t misses = 0;
};
// The counts of the event, 0 when no line names it.
ProfileCounts parse_kprobe_profile(std::string_view profile, std::string_view event);

class DynamicEvent {
 public:
  // `kind` is the definition's first letter (p, r, f), `where` an address, a symbol or file:offset. The name
  // must be free.
  static Result<DynamicEvent> create(char kind, const std::string& group, const std::string& event,
                                     const std::string& where);

  DynamicEvent(DynamicEvent&& other) noexcept;
  DynamicEvent& operator=(DynamicEvent&& other) = delete;
  DynamicEvent(const DynamicEvent&) = delete;
  DynamicEvent& operator=(const DynamicEvent&) = delete;
  ~DynamicEvent();

  const std::string& definition() const { return definition_; }
  // Its file "enable" below an instance's directory.
  std::string enable_file() const;
  // The kernel keeps these for kprobes and kretprobes only; a uprobe's definition names a file.
  bool has_profile() const {
    return definition_.front() != 'f' && definition_.find(" /") == std::string::npos;
  }
  Result<ProfileCounts> profile() const;
  // Fails with EBUSY while an instance has it enabled.
  Status destroy();

 private:
  DynamicEvent(std::string definition, std::string group, std::string event)
      : definition_(std::move(definition)), group_(std::move(group)), event_(std::move(event)) {}

  std::string definition_;
  std::string group_;  // empty: moved from or destroyed
  std::string event_;
};

}  // namespace probebench::attach
