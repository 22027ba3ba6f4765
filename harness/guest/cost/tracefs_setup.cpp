// SPDX-License-Identifier: MIT
#include "cost/tracefs_setup.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <map>

#include "base/file.h"
#include "base/text.h"
#include "cost/armer.h"
#include "cost/kernel_listings.h"
#include "offer/known_names.h"

namespace probebench::cost {
namespace {

// Where each line is a definition that is deleted by its name.
constexpr std::array<std::string_view, 4> kDefinitions{"kprobe_events", "uprobe_events", "dynamic_events",
                                                       "synthetic_events"};
// Where each line is a member of a set, and a comment stands for none.
constexpr std::array<std::string_view, 4> kSets{"set_event", "set_ftrace_filter", "set_ftrace_notrace",
                                                "set_graph_function"};

constexpr std::array<std::string_view, 12> kTracers{
    "function",   "function_graph", "wakeup", "wakeup_rt", "wakeup_dl", "irqsoff",
    "preemptoff", "preemptirqsoff", "hwlat",  "osnoise",   "timerlat",  "mmiotrace"};

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  for (const auto line : split(text, '\n')) {
    const auto plain = trimmed(line);
    if (!plain.empty() && !plain.starts_with('#')) lines.emplace_back(plain);
  }
  return lines;
}

bool is_one_of(const auto& files, std::string_view file) {
  return std::ranges::find(files, file) != files.end();
}

// A line is the user's: where it names what is not there, he has to change it.
Status as_wrong_input(Status status) {
  if (status || status.error().fault == Fault::unsupported) return status;
  auto error = status.take_error();
  error.fault = Fault::usage;
  return error;
}

Error why_refused(const TracefsLine& line, Error refused) {
  refused.fault = Fault::usage;
  if (is_one_of(kDefinitions, line.file)) {
    const auto function = function_of_definition(line.line);
    if (!function.empty() && !offer::has_function(function)) {
      refused.hint = offer::no_function(function).message();
      return refused;
    }
  }
  const auto tracers = read_file(kTracefs + std::string("available_tracers"));
  if (line.file == "current_tracer" && tracers) return why_no_tracer(line.line, *tracers);
  if (line.file == "set_event") {
    if (const auto known = offer::check_event(line.line); !known) {
      refused.hint = known.error().message();
      return refused;
    }
  }
  const auto log = read_file(kTracefs + std::string("error_log"));
  if (const auto why = offer::last_refusal(log ? *log : ""); !why.empty()) refused.hint = why;
  return refused;
}

class TracefsSetup : public Armer {
 public:
  explicit TracefsSetup(std::vector<TracefsLine> setup) : setup_(std::move(setup)) {}
  TracefsSetup(const TracefsSetup&) = delete;
  TracefsSetup& operator=(const TracefsSetup&) = delete;
  ~TracefsSetup() override {
    // Who wants to know of a failure calls it.
    [[maybe_unused]] const auto status = restore();
  }

  Status arm(const Look&) override {
    for (const auto& line : setup_) {
      TRY(as_wrong_input(offer::check_tracefs_file(line.file)));
      if (auto before = read_file(kTracefs + line.file)) before_.try_emplace(line.file, *before);
      touched_.push_back(line.file);
      if (auto written = write_tracefs(line); !written) return why_refused(line, written.take_error());
    }
    return Done{};
  }

  // The same pages of the buffer are turned in each window.
  Result<std::uint64_t> drain() override {
    TRY(write_tracefs({"trace", ""}, true));
    return std::uint64_t{0};
  }
  MadeHitCounter counter(const std::vector<ListedProbe>& listed) override { return make_event_hits(listed); }
  std::vector<std::string> description() const override {
    std::vector<std::string> lines;
    for (const auto& one : setup_) lines.push_back(one.file + "=" + one.line);
    return lines;
  }
  Status disarm() override { return restore(); }

 private:
  // The last change first.
  Status restore() {
    Status status = Done{};
    for (; !touched_.empty(); touched_.pop_back()) {
      const auto& file = touched_.back();
      const auto before = before_.find(file);
      const auto now = read_file(kTracefs + file);
      if (before == before_.end() || !now) continue;
      for (const auto& undo : undo_of(file, before->second, *now)) {
        if (auto undone = write_tracefs(undo.line, undo.anew); !undone && status)
          status = undone.take_error();
      }
    }
    if (auto cleared = write_tracefs({"trace", ""}, true); !cleared && status) status = cleared.take_error();
    return status;
  }

  std::vector<TracefsLine> setup_;
  std::vector<std::string> touched_;
  std::map<std::string, std::string> before_;
};

}  // namespace

Status write_tracefs(const TracefsLine& line, bool anew) {
  const auto path = kTracefs + line.file;
  const UniqueFd file(::open(path.c_str(), O_WRONLY | O_CLOEXEC | (anew ? O_TRUNC : O_APPEND)));
  if (!file) return errno_error(Fault::cell, "open " + line.file + " of tracefs");
  if (line.line.empty() && anew) return Done{};
  const auto text = line.line + "\n";
  if (::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size())) return Done{};
  return errno_error(Fault::cell, "write '" + line.line + "' to " + line.file + " of tracefs",
                     "the last lines of tracefs' error_log may say why");
}

std::string event_of_definition(std::string_view definition) {
  const auto colon = definition.find(':');
  if (colon == std::string_view::npos) return {};
  const auto name = definition.substr(colon + 1, definition.find(' ') - colon - 1);
  return name.find('/') == std::string_view::npos ? "kprobes/" + std::string(name) : std::string(name);
}

std::string function_of_definition(std::string_view definition) {
  const auto words = split(trimmed(definition), ' ');
  if (words.size() < 2 || words[0].empty() || (words[0][0] != 'p' && words[0][0] != 'r')) return {};
  auto place = words[1];
  place = place.substr(0, place.find_first_of("+%"));
  place.remove_prefix(place.find(':') == place.npos ? 0 : place.find(':') + 1);
  const bool named = !place.empty() && place.find('/') == place.npos && (place[0] < '0' || place[0] > '9');
  return named ? std::string(place) : std::string();
}

Error why_no_tracer(const std::string& name, std::string_view available) {
  const bool elsewhere = is_one_of(kTracers, name);
  std::vector<std::string> known;
  for (const auto word : split(trimmed(available), ' ')) known.emplace_back(word);
  return {elsewhere ? Fault::unsupported : Fault::usage, "find the tracer " + name + ": not in this kernel",
          0, elsewhere ? "it is built without it" : offer::suggestion(name, known, "see available_tracers")};
}

std::vector<Undo> undo_of(const std::string& file, std::string_view before, std::string_view now) {
  std::vector<Undo> undo;
  const auto had = lines_of(before);
  const auto has = lines_of(now);
  if (had == has) return undo;
  if (is_one_of(kDefinitions, file)) {
    for (auto at = has.rbegin(); at != has.rend(); ++at) {
      if (std::ranges::find(had, *at) == had.end())
        undo.push_back({{file, "-:" + event_of_definition(*at)}, false});
    }
    return undo;
  }
  if (is_one_of(kSets, file)) {
    undo.push_back({{file, ""}, true});
    for (const auto& one : had) undo.push_back({{file, one}, false});
    return undo;
  }
  const auto value = had.empty() ? std::string() : had.front();
  undo.push_back({{file, value}, value.empty()});
  return undo;
}

std::string use_of_tracefs(const std::string& tracefs) {
  for (const auto* file : {"current_tracer", "set_event", "trace"}) {
    const auto text = read_file(tracefs + file);
    const auto lines = lines_of(text ? *text : "");
    if (lines.empty() || lines.front() == "nop") continue;
    return fmt::format("{} has {}", file, lines.front());
  }
  return {};
}

// What is enabled cannot be deleted, so events come before their definitions.
TracefsSnapshot TracefsSnapshot::take() {
  TracefsSnapshot snapshot;
  for (const auto* file : {"current_tracer", "set_event", "kprobe_events", "uprobe_events"}) {
    if (auto text = read_file(std::string(kTracefs) + file))
      snapshot.files_.emplace_back(file, std::move(*text));
  }
  return snapshot;
}

Status TracefsSnapshot::restore() const {
  for (const auto& [file, before] : files_) {
    const auto now = TRY(read_file(kTracefs + file));
    for (const auto& undo : undo_of(file, before, now)) TRY(write_tracefs(undo.line, undo.anew));
  }
  return Done{};
}

std::unique_ptr<Armer> make_tracefs_setup(const CostPlan& plan) {
  return std::make_unique<TracefsSetup>(plan.setup);
}

}  // namespace probebench::cost
