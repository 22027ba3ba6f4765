// SPDX-License-Identifier: MIT
#include "cli/predict_options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <set>

#include "cli/options.h"
#include "cli/run_options.h"
#include "plan/suggest.h"

namespace probebench {
namespace {

constexpr std::int64_t kLongestTimeoutS = 3600;
constexpr const char* kFooter =
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

}  // namespace

CLI::App* add_predict_command(CLI::App& app, Options& options) {
  auto* predict = app.add_subcommand("predict", "what probes would cost a command, before they are attached");
  predict->add_option("--probe", options.predict.probes, "what would be probed, and how; may be repeated")
      ->take_all()
      ->allow_extra_args(false)
      ->type_name("TYPE:PLACE");
  predict->add_option("--handler", options.predict.handler, "what a hit would do [count]")->type_name("NAME");
  predict->add_option("--timeout", options.predict.timeout_s, "end a run of CMD after so many seconds [60]")
      ->type_name("S");
  add_kernel_options(*predict, options);
  add_target_options(*predict, options);
  predict->add_option("--output", options.output, "put the run's files here [results/<run>]")
      ->type_name("DIR");
  predict->add_flag("--dry-run", options.dry_run, "print the plan and the targets, boot nothing");
  predict->footer(kFooter);
  return predict;
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
                     did_you_mean(type, type_names(), "./run-bench list has the probe types"));
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

Status take_predict(Options& options) {
  options.action = Action::predict;
  auto& plan = options.plan.experiment.predict;
  plan.command = std::move(options.plan.benchmark_args);
  options.plan.benchmark_args.clear();
  if (options.predict.probes.empty()) {
    return Error{Fault::usage, "predict: --probe is missing", 0,
                 "for example --probe kprobe-optimized:vfs_read"};
  }
  if (plan.command.empty()) {
    return Error{Fault::usage, "predict: the command is missing", 0, "-- CMD at the end of the line"};
  }
  if (options.predict.timeout_s < 1 || options.predict.timeout_s > kLongestTimeoutS) {
    return Error{Fault::usage,
                 fmt::format("--timeout {}: 1 to {} seconds", options.predict.timeout_s, kLongestTimeoutS),
                 0,
                 {}};
  }
  if (options.predict.handler.find(',') != std::string::npos) {
    return Error{
        Fault::usage, fmt::format("--handler {}: predict takes one", options.predict.handler), 0, {}};
  }
  options.plan.handlers = options.predict.handler;
  plan.timeout_s = static_cast<std::uint32_t>(options.predict.timeout_s);
  std::set<std::string_view> types;
  for (const auto& text : options.predict.probes) {
    const auto site = predict_site_from(text);
    if (!site) return site.error();
    plan.sites.push_back(*site);
    types.insert(info_of(site->probe_type).name);
  }
  options.plan.probe_types.clear();
  for (const auto type : types) {
    options.plan.probe_types += (options.plan.probe_types.empty() ? "" : ",") + std::string(type);
  }
  return Done{};
}

}  // namespace probebench
