// SPDX-License-Identifier: MIT
#include "session/requested_target.h"

#include <algorithm>
#include <cctype>
#include <filesystem>

#include "base/digest.h"
#include "base/split.h"

namespace probebench::session {
namespace {

constexpr std::size_t kLongestLabel = 150;  // with what it is put between it stays a file's name

}  // namespace

std::string RequestedTarget::title() const {
  if (native) return "native";
  const auto name =
      kernels::is_kernel_path(kernel) ? std::filesystem::path(kernel).filename().string() : kernel;
  return kernel_args.empty() ? name : name + " " + kernel_args;
}

Result<std::vector<RequestedTarget>> requested_targets(const TargetChoice& choice,
                                                       const kernels::KernelCatalog& catalog) {
  if (choice.native) return std::vector{RequestedTarget{.native = true}};
  const auto kernels = catalog.expand(choice.kernels);
  if (!kernels) return kernels.error();
  std::vector<RequestedTarget> targets;
  for (const auto& kernel : *kernels) {
    if (!choice.no_plain) targets.push_back({.kernel = kernel});
    for (const auto& args : choice.kernel_args) targets.push_back({.kernel = kernel, .kernel_args = args});
  }
  return targets;
}

std::string id_suffix(const std::string& kernel_args) {
  std::string suffix;
  for (const auto word : split(kernel_args, ' ')) {
    if (!word.empty()) suffix += "+" + std::string(word);
  }
  return suffix;
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

}  // namespace probebench::session
