// SPDX-License-Identifier: MIT
#include "offer/known_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/file.h"
#include "base/text.h"
#include "kernel/kallsyms.h"
#include "plan/selection.h"

namespace probebench::offer {
namespace {

// By the options that they need: HIST_TRIGGERS, UPROBE_EVENTS, FUNCTION_TRACER, ...
constexpr std::array<std::string_view, 14> kMayLack{
    "kprobe_events",      "uprobe_events",     "dynamic_events",    "synthetic_events",
    "kprobe_profile",     "uprobe_profile",    "set_ftrace_filter", "set_ftrace_notrace",
    "set_graph_function", "set_graph_notrace", "max_graph_depth",   "function_profile_enabled",
    "stack_trace",        "stack_max_size"};

std::vector<std::string> names_in(const fs::path& directory, bool folders_alone) {
  std::vector<std::string> names;
  std::error_code unreadable;
  for (const auto& entry : fs::directory_iterator(directory, unreadable)) {
    if (!folders_alone || entry.is_directory(unreadable)) names.push_back(entry.path().filename().string());
  }
  return names;
}

}  // namespace

std::string suggestion(const std::string& name, const std::vector<std::string>& known,
                       std::string_view otherwise) {
  return plan::did_you_mean(name, std::vector<std::string_view>(known.begin(), known.end()), otherwise);
}

Error no_function(const std::string& name, const std::string& where) {
  const auto listing = kernel::first_listing();
  const auto names = kernel::functions_like(listing ? *listing : "", name);
  return {Fault::cell, fmt::format("find {}: not in {}", name, where.empty() ? "this kernel" : where), 0,
          suggestion(name, names, "/proc/kallsyms lists what there is; a compiler may have inlined it")};
}

bool has_function(const std::string& name) {
  const auto found = kernel::find_kernel_functions({name});
  return !found || !found->empty();
}

Status check_event(const std::string& name) {
  const auto colon = name.find(':');
  const auto group = name.substr(0, colon);
  const auto event = name.substr(colon + 1);
  std::error_code unreadable;
  const auto all = fs::path(kTracefsRoot) / "events";
  if (!fs::exists(all, unreadable)) {
    return Error{Fault::unsupported, "find trace events", ENOENT, "tracefs is not mounted"};
  }
  if (fs::exists(all / group / event / "id", unreadable)) return Done{};
  const bool known = fs::is_directory(all / group, unreadable);
  auto hint = known ? suggestion(event, names_in(all / group, true),
                                 "events/" + group + " of tracefs lists what there is")
                    : suggestion(group, names_in(all, true), "no group of events has this name");
  return Error{Fault::cell, "find the trace event " + name + ": not in this kernel", 0, std::move(hint)};
}

// The first part of the path that is not there is the one to tell.
Status check_tracefs_file(const std::string& file, const fs::path& root) {
  std::error_code unreadable;
  if (!fs::exists(root, unreadable)) {
    return Error{Fault::unsupported, "find tracefs", ENOENT, "it is not mounted"};
  }
  auto folder = root;
  for (const auto& part : fs::path(file)) {
    if (fs::exists(folder / part, unreadable)) {
      folder /= part;
      continue;
    }
    const bool may_lack = std::ranges::find(kMayLack, file) != kMayLack.end();
    const auto known = names_in(folder, false);
    return Error{may_lack ? Fault::unsupported : Fault::cell,
                 fmt::format("find {} of tracefs: {} is not there", file, part.string()), 0,
                 may_lack ? "this kernel is built without it" : suggestion(part.string(), known, "")};
  }
  if (!fs::is_directory(folder, unreadable)) return Done{};
  return Error{Fault::cell, fmt::format("find {} of tracefs: it is a directory", file), 0,
               "a line is written to a file"};
}

// "[   12.3] trace_kprobe: error: Invalid fetch argument\n  Command: p:x f y\n              ^\n"
std::string last_refusal(std::string_view error_log) {
  std::string_view last;
  for (const auto line : split(error_log, '\n')) {
    if (line.find("error: ") != line.npos) last = line;
  }
  const auto at = last.find("] ");
  return std::string(trimmed(at == last.npos ? last : last.substr(at + 2)));
}

}  // namespace probebench::offer
