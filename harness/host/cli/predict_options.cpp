// SPDX-License-Identifier: MIT
#include "cli/predict_options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <set>

#include "plan/suggest.h"

namespace probebench::cli {
namespace {

constexpr std::int64_t kLongestTimeoutS = 3600;
constexpr const char* kPredictFooter =
    "\nRuns CMD with nothing armed and while its hits are counted, by the cheapest\n"
    "means the kernel has. A PLACE is a kernel function (+OFFSET), a trace event\n"
    "(GROUP:EVENT), or FILE+OFFSET for a uprobe. What CMD prints is dropped. In a\n"
    "virtual machine CMD is carried in, with its libraries and without any files.\n"
    "\nExamples:\n"
    "  ./run-bench predict --probe kprobe-optimized:vfs_read -- ./my-program\n"
    "  ./run-bench predict --target native --probe raw-tp:sched:sched_switch -- make\n";

std::vector<std::string_view> type_names() {
  std::vector<std::string_view> names;
  for (const auto& info : kProbeTypes) names.push_back(info.name);
  return names;
}

Error bad_probe(const std::string& text, const char* problem, std::string hint) {
  return {Fault::usage, fmt::format("--probe {}: {}", text, problem), 0, std::move(hint)};
}

// Each of the probes, and what a hit of its type costs.
Status take_sites(PredictOptions& options) {
  std::set<std::string_view> types;
  for (const auto& text : options.probes) {
    const auto site = predict_site_from(text);
    if (!site) return site.error();
    options.plan.experiment.predict.sites.push_back(*site);
    types.insert(info_of(site->probe_type).name);
  }
  options.plan.probe_types = fmt::format("{}", fmt::join(types, ","));
  return Done{};
}

}  // namespace

void add_options(CLI::App& app, PredictOptions& options) {
  app.add_option("--probe", options.probes, "what would be probed, and how; may be repeated")
      ->take_all()
      ->allow_extra_args(false)
      ->type_name("TYPE:PLACE");
  app.add_option("--handler", options.handler, "what a hit would do [count]")->type_name("NAME");
  app.add_option("--timeout", options.timeout_s, "end a run of CMD after so many seconds [60]")
      ->type_name("S");
  add_kernel_options(app, options);
  add_target_options(app, options);
  add_output_option(app, options.output);
  app.add_flag("--dry-run", options.dry_run, "print the plan and the targets, boot nothing");
  app.footer(kPredictFooter);
}

Result<PredictSite> predict_site_from(const std::string& text) {
  const auto colon = text.find(':');
  if (colon == std::string::npos || colon + 1 == text.size()) {
    return bad_probe(text, "a probe is TYPE:PLACE", "for example kprobe-optimized:vfs_read");
  }
  const auto type = text.substr(0, colon);
  const auto found = std::ranges::find(kProbeTypes, type, &ProbeTypeInfo::name);
  if (found == kProbeTypes.end()) {
    return bad_probe(text, fmt::format("unknown probe type '{}'", type).c_str(),
                     plan::did_you_mean(type, type_names(), "./run-bench list has the probe types"));
  }
  PredictSite site{found->id, text.substr(colon + 1)};
  const auto kind = place_kind(site.probe_type);
  if (kind == PlaceKind::event && site.place.find(':') == std::string::npos) {
    return bad_probe(text, "its place is a trace event", "GROUP:EVENT, for example sched:sched_switch");
  }
  if (kind == PlaceKind::file && site.place.find('+') == std::string::npos) {
    return bad_probe(text, "its place is an offset in a file", "FILE+OFFSET, for example /bin/ls+0x4000");
  }
  return site;
}

Status take_options(Arguments passed, PredictOptions& options) {
  if (options.probes.empty()) {
    return Error{Fault::usage, "predict: --probe is missing", 0,
                 "for example --probe kprobe-optimized:vfs_read"};
  }
  if (passed.empty()) {
    return Error{Fault::usage, "predict: the command is missing", 0, "-- CMD at the end of the line"};
  }
  if (options.timeout_s < 1 || options.timeout_s > kLongestTimeoutS) {
    return Error{Fault::usage,
                 fmt::format("--timeout {}: 1 to {} seconds", options.timeout_s, kLongestTimeoutS),
                 0,
                 {}};
  }
  if (options.handler.find(',') != std::string::npos) {
    return Error{Fault::usage, fmt::format("--handler {}: predict takes one", options.handler), 0, {}};
  }
  auto& plan = options.plan.experiment.predict;
  plan.command = std::move(passed);
  plan.timeout_s = static_cast<std::uint32_t>(options.timeout_s);
  options.plan.handlers = options.handler;
  if (auto status = take_sites(options); !status) return status;
  return check_measuring(options);
}

}  // namespace probebench::cli
