// SPDX-License-Identifier: MIT
#include "attach/tracefs_instance.h"

#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <memory>
#include <utility>

#include "attach/tracefs_api.h"
#include "base/file.h"
#include "base/lines.h"
#include "base/split.h"

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
  const auto tracer = top.read("current_tracer");
  if (!tracer) return tracer.error();
  const auto name = trimmed(*tracer);
  if (name != "nop") return busy("tracer " + std::string(name) + " is on");
  const auto events = top.read("set_event");
  if (!events) return events.error();
  if (!trimmed(*events).empty()) return busy("events are on");
  const auto filter = top.read("set_ftrace_filter");
  if (!filter) return filter.error();
  if (!filter->starts_with('#')) return busy("a function filter is set");
  auto tracing_on = top.read("tracing_on");
  if (!tracing_on) return tracing_on.error();
  return TraceInstance(nullptr, kTop, std::string(trimmed(*tracing_on)));
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
    const auto stats = read("per_cpu/cpu" + std::to_string(cpu) + "/stats");
    if (!stats) return stats.error();
    counts.push_back(parse_buffer_counts(*stats));
  }
  return counts;
}

Status TraceInstance::destroy() {
  if (name_.empty()) return Done{};
  const std::string name = std::exchange(name_, {});
  if (handle_ == nullptr) {
    if (auto status = clear("trace"); !status) return status;
    return write("tracing_on", found_tracing_on_);
  }
  errno = 0;
  const int failed = tracefs_instance_destroy(handle_);
  const int refusal = errno;
  tracefs_instance_free(std::exchange(handle_, nullptr));
  if (failed == 0) return Done{};
  return Error{Fault::cell, "remove trace instance " + name, refusal, {}};
}

}  // namespace probebench::attach
