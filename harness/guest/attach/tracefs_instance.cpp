// SPDX-License-Identifier: MIT
#include "attach/tracefs_instance.h"

#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <memory>
#include <sstream>
#include <utility>

#include "attach/tracefs_api.h"
#include "base/file.h"
#include "base/text.h"

namespace probebench::attach {
namespace {

constexpr const char* kTop = "top";

struct Freer {
  void operator()(char* text) const { std::free(text); }
};

Error busy(const std::string& what) {
  return {Fault::unsupported, "use the top trace instance: " + what, EBUSY,
          "instances cannot do this before 6.11"};
}

// "overrun: 12" -> 12 of the line with that label.
std::uint64_t number_after(std::string_view stats, std::string_view label) {
  for (const auto line : split(stats, '\n')) {
    if (!line.starts_with(label)) continue;
    const auto digits = line.substr(line.find(": ") + 2);
    std::uint64_t number = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return number;
  }
  return 0;
}

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
  const auto definitions = TRY(TraceInstance().read(kDefinitions));
  for (const auto line : split(definitions, '\n')) {
    if (defines(line, name)) return Error{Fault::cell, "create trace event " + name, EEXIST, {}};
  }
  return Done{};
}

}  // namespace

BufferCounts parse_buffer_counts(std::string_view stats) {
  return {number_after(stats, "entries: ") + number_after(stats, "overrun: "),
          number_after(stats, "dropped events: ") + number_after(stats, "commit overrun: ")};
}

Result<TraceInstance> TraceInstance::create(const std::string& name) {
  errno = 0;
  tracefs_instance* handle = tracefs_instance_create(name.c_str());
  if (handle == nullptr) return errno_error(Fault::cell, "create trace instance " + name);
  if (!tracefs_instance_is_new(handle)) {
    tracefs_instance_free(handle);
    return Error{Fault::cell, "create trace instance " + name, EEXIST,
                 "remove it: nobody else has this name"};
  }
  return TraceInstance(handle, name, {});
}

Result<TraceInstance> TraceInstance::borrow_top() {
  TraceInstance top;
  const auto tracer = TRY(top.read("current_tracer"));
  const auto name = trimmed(tracer);
  if (name != "nop") return busy("tracer " + std::string(name) + " is on");
  const auto events = TRY(top.read("set_event"));
  if (!trimmed(events).empty()) return busy("events are on");
  const auto filter = TRY(top.read("set_ftrace_filter"));
  if (!filter.starts_with('#')) return busy("a function filter is set");
  auto tracing_on = TRY(top.read("tracing_on"));
  return TraceInstance(nullptr, kTop, std::string(trimmed(tracing_on)));
}

TraceInstance::TraceInstance(TraceInstance&& other) noexcept
    : handle_(std::exchange(other.handle_, nullptr)),
      name_(std::exchange(other.name_, {})),
      found_tracing_on_(std::move(other.found_tracing_on_)) {}

TraceInstance::~TraceInstance() {
  // destroy() tells of failures to whoever asks; here nobody does.
  [[maybe_unused]] const auto status = destroy();
}

Status TraceInstance::write(const char* file, const std::string& value) const {
  errno = 0;
  if (tracefs_instance_file_write(handle_, file, value.c_str()) >= 0) return Done{};
  return errno_error(Fault::cell, "write '" + value + "' to " + file + " of trace instance " + name_);
}

Status TraceInstance::append(const char* file, const std::string& line) const {
  errno = 0;
  if (tracefs_instance_file_append(handle_, file, line.c_str()) >= 0) return Done{};
  return errno_error(Fault::cell, "append '" + line + "' to " + file + " of tracefs");
}

Result<std::string> TraceInstance::read(const std::string& file) const {
  const std::unique_ptr<char, Freer> path(tracefs_instance_get_file(handle_, file.c_str()));
  if (!path) return Error{Fault::cell, "find tracefs to read " + file, ENOENT, {}};
  auto content = read_file(path.get());
  if (content) return content;
  return Error{Fault::cell, content.error().what, content.error().err, {}};
}

Status TraceInstance::clear(const char* file) const {
  errno = 0;
  if (tracefs_instance_file_clear(handle_, file) == 0) return Done{};
  return errno_error(Fault::cell, std::string("clear ") + file + " of trace instance " + name_);
}

Result<std::vector<BufferCounts>> TraceInstance::counts() const {
  std::vector<BufferCounts> counts;
  const long cpus = ::sysconf(_SC_NPROCESSORS_CONF);
  for (long cpu = 0; cpu < cpus; ++cpu) {
    const auto stats = TRY(read("per_cpu/cpu" + std::to_string(cpu) + "/stats"));
    counts.push_back(parse_buffer_counts(stats));
  }
  return counts;
}

Status TraceInstance::destroy() {
  if (name_.empty()) return Done{};
  const std::string name = std::exchange(name_, {});
  if (handle_ == nullptr) {
    TRY(clear("trace"));
    return write("tracing_on", found_tracing_on_);
  }
  errno = 0;
  const int failed = tracefs_instance_destroy(handle_);
  const int refusal = errno;
  tracefs_instance_free(std::exchange(handle_, nullptr));
  if (failed == 0) return Done{};
  return Error{Fault::cell, "remove trace instance " + name, refusal, {}};
}

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
  TRY(check_free(name));
  const std::string definition = std::string(1, kind) + ':' + name + ' ' + where;
  TRY(TraceInstance().append(kDefinitions, definition));
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
  const auto text = TRY(TraceInstance().read("kprobe_profile"));
  return parse_kprobe_profile(text, event_);
}

Status DynamicEvent::destroy() {
  if (group_.empty()) return Done{};
  const std::string request = "-:" + std::exchange(group_, {}) + '/' + event_;
  return TraceInstance().append(kDefinitions, request);
}

}  // namespace probebench::attach
