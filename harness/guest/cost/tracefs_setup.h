// SPDX-License-Identifier: MIT
// Lines written to tracefs, and how what they did is undone.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "model/cost.h"

namespace probebench::cost {

inline constexpr const char* kTracefs = "/sys/kernel/tracing/";

// Adds a line to a file, or, with `anew`, in place of what it has.
Status write_tracefs(const TracefsLine& line, bool anew = false);

// What brings a file from `now` back to `before`, in the order in which it has to be written; the second of
// each says whether it is written in place of what is there.
struct Undo {
  TracefsLine line;
  bool anew = false;

  bool operator==(const Undo&) const = default;
};
std::vector<Undo> undo_of(const std::string& file, std::string_view before, std::string_view now);

// What somebody does with the top trace buffer, "current_tracer has function"; empty: nobody uses it.
std::string use_of_tracefs(const std::string& tracefs = kTracefs);

// What a tool may leave switched on or defined in tracefs.
class TracefsSnapshot {
 public:
  static TracefsSnapshot take();
  // What is there now becomes what was there then.
  Status restore() const;

 private:
  std::vector<std::pair<std::string, std::string>> files_;  // names and contents, in the order of restoring
};

// "p:mine do_sys_openat2 ..." or "p:group/mine ..." -> "group/mine", with the kernel's group where there is
// none.
std::string event_of_definition(std::string_view definition);
// "p:mine vfs_read+4 arg=%di" -> "vfs_read"; empty: it names no function of the kernel.
std::string function_of_definition(std::string_view definition);

// What is wrong with a tracer's name that the kernel refused; `available` is what available_tracers has. One
// that other kernels have is an unsupported error.
Error why_no_tracer(const std::string& name, std::string_view available);

}  // namespace probebench::cost
