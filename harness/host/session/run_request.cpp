// SPDX-License-Identifier: MIT
#include "session/run_request.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <thread>

#include "base/digest.h"
#include "base/text.h"
#include "kernels/target_paths.h"
#include "kernels/users_kernel.h"
#include "session/project_paths.h"

namespace probebench::session {
namespace {

constexpr std::size_t kLongestLabel = 150;  // with what it is put between it stays a file's name

// What counts is told by the target when it runs.
ClockKind likely_clock(const RunRequest& request) {
  const bool timed =
      request.clock == vm::ClockWish::tsc || request.accel == vm::Accel::kvm || request.targets.any_native();
  return timed ? ClockKind::tsc : ClockKind::instructions;
}

std::vector<RequestedTarget> native_targets(const TargetChoice& choice) {
  std::vector<RequestedTarget> targets;
  if (choice.native) targets.push_back({.native = true});
  for (const auto& host : choice.ssh) targets.push_back({.native = true, .ssh = host});
  return targets;
}

}  // namespace

unsigned jobs_of(unsigned wanted) {
  return wanted != 0 ? wanted : std::max(1U, std::thread::hardware_concurrency());
}

std::string RequestedTarget::title() const {
  if (!ssh.empty()) return ssh.starts_with("ssh:") ? ssh : "ssh:" + ssh;
  if (native) return "native";
  const auto name =
      kernels::is_kernel_path(kernel) ? std::filesystem::path(kernel).filename().string() : kernel;
  const auto cpu_part = cpu.empty() ? "" : " cpu=" + cpu;
  const auto arch_part = arch == ArchId::x86_64 ? std::string() : " " + std::string(info_of(arch).name);
  return (kernel_args.empty() ? name : name + " " + kernel_args) + cpu_part + arch_part;
}

std::string RequestedTarget::id_suffix() const {
  std::string suffix;
  for (const auto word : split(kernel_args, ' ')) {
    if (!word.empty()) suffix += "+" + std::string(word);
  }
  // A distribution's release ends in its flavour, which says it.
  if (arch != ArchId::x86_64 && kernels::is_kernel_path(kernel))
    suffix += "+" + std::string(info_of(arch).name);
  return cpu.empty() ? suffix : suffix + "+cpu=" + cpu;
}

std::vector<std::string> cpu_models(const std::string& list) {
  std::vector<std::string> models;
  for (const auto part : split(list, ',')) {
    const bool is_feature = part.starts_with('+') || part.starts_with('-');
    if (is_feature && !models.empty()) {
      models.back() += "," + std::string(part);
    } else {
      models.emplace_back(part);
    }
  }
  return models;
}

Result<std::vector<RequestedTarget>> requested_targets(const TargetChoice& choice,
                                                       const kernels::KernelCatalog& catalog) {
  if (choice.any_native()) return native_targets(choice);
  const auto kernels = TRY(catalog.expand(choice.kernels));
  std::vector<RequestedTarget> targets;
  auto variants = choice.kernel_args;
  if (!choice.no_plain) variants.insert(variants.begin(), "");
  for (const auto arch : choice.archs) {
    for (const auto& kernel : kernels) {
      for (const auto& args : variants) {
        for (const auto& cpu : cpu_models(choice.cpus)) {
          targets.push_back({.arch = arch, .kernel = kernel, .kernel_args = args, .cpu = cpu});
        }
      }
    }
  }
  return targets;
}

std::string file_label(const std::string& text) {
  std::string label = text;
  std::ranges::replace_if(
      label,
      [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) == 0 &&
               std::string_view("+-_.=,#").find(c) == std::string_view::npos;
      },
      '_');
  if (label.size() <= kLongestLabel) return label;
  return label.substr(0, kLongestLabel) + "-" + sha256_text(text).substr(0, 8);
}

std::vector<std::string> hand_over(vm::GuestCommand command, RunRequest& request) {
  std::ranges::move(command.programs, std::back_inserter(request.programs));
  std::ranges::move(command.files, std::back_inserter(request.files));
  return std::move(command.argv);
}

Result<RunPreview> preview_of(const RunRequest& request) {
  auto planned = TRY(plan::make_plan(request.plan, likely_clock(request)));
  const auto project = TRY(find_project());
  const kernels::TargetPaths paths{
      .project_root = project.root, .cache = {}, .kernels_file = request.kernels_file};
  const auto catalog = TRY(kernels::load_catalog(paths.catalog()));
  auto targets = TRY(requested_targets(request.targets, catalog));
  TRY(plan::keep_filtered(planned.plan));
  return RunPreview{std::move(planned.plan), std::move(targets)};
}

}  // namespace probebench::session
