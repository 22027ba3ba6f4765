// SPDX-License-Identifier: MIT
#include "attach/dynamic_event.h"

#include <cerrno>
#include <sstream>
#include <utility>

#include "attach/tracefs_instance.h"
#include "base/split.h"

namespace probebench::attach {
namespace {

constexpr const char* kDefinitions = "dynamic_events";

// Where the name of a definition ends: "p:group/event symbol+0x4".
bool defines(std::string_view line, std::string_view name) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return false;
  const auto rest = line.substr(colon + 1);
  return rest.starts_with(name) && (rest.size() == name.size() || rest[name.size()] == ' ');
}

// A second definition of the same name would be added to the first as one event with two probes.
Status check_free(const std::string& name) {
  const auto definitions = TraceInstance().read(kDefinitions);
  if (!definitions) return definitions.error();
  for (const auto line : split(*definitions, '\n')) {
    if (defines(line, name)) return Error{Fault::cell, "create trace event " + name, EEXIST, {}};
  }
  return Done{};
}

}  // namespace

ProfileCounts parse_kprobe_profile(std::string_view profile, std::string_view event) {
  for (const auto line : split(profile, '\n')) {
    std::istringstream words{std::string(line)};
    std::string name;
    ProfileCounts counts;
    if (words >> name >> counts.hits >> counts.misses && name == event) return counts;
  }
  return {};
}

Result<DynamicEvent> DynamicEvent::create(char kind, const std::string& group, const std::string& event,
                                          const std::string& where) {
  const std::string name = group + '/' + event;
  if (auto status = check_free(name); !status) return status.error();
  const std::string definition = std::string(1, kind) + ':' + name + ' ' + where;
  if (auto status = TraceInstance().append(kDefinitions, definition); !status) return status.error();
  return DynamicEvent(definition, group, event);
}

DynamicEvent::DynamicEvent(DynamicEvent&& other) noexcept
    : definition_(std::move(other.definition_)),
      group_(std::exchange(other.group_, {})),
      event_(std::move(other.event_)) {}

DynamicEvent::~DynamicEvent() {
  // destroy() tells of failures to whoever asks; here nobody does.
  [[maybe_unused]] const auto status = destroy();
}

std::string DynamicEvent::enable_file() const {
  return "events/" + group_ + '/' + event_ + "/enable";
}

Result<ProfileCounts> DynamicEvent::profile() const {
  const auto text = TraceInstance().read("kprobe_profile");
  if (!text) return text.error();
  return parse_kprobe_profile(*text, event_);
}

Status DynamicEvent::destroy() {
  if (group_.empty()) return Done{};
  const std::string request = "-:" + std::exchange(group_, {}) + '/' + event_;
  return TraceInstance().append(kDefinitions, request);
}

}  // namespace probebench::attach
