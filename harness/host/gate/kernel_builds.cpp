// SPDX-License-Identifier: MIT
#include "gate/kernel_builds.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "model/handler.h"

namespace probebench::gate {
namespace {

constexpr std::array<std::string_view, 3> kOfABuild{"kernel.release", "kernel.version", "module.sha256"};

std::string_view fact_in(const Facts& facts, const std::string& name) {
  const auto found = facts.find(name);
  return found == facts.end() ? std::string_view() : std::string_view(found->second);
}

// A kernel of a distribution is known by its package, a user's by its path.
bool is_by_path(const SideTarget& target) {
  return fact_in(target.identity, "kernel.package_version").empty() &&
         fact_in(target.others, "kernel.name").find('/') != std::string_view::npos;
}

// "6.12.117" of "6.12.117-mine+"; a release candidate counts: "6.13.0-rc2".
std::string_view without_local_version(std::string_view release) {
  auto end = std::min(release.find_first_not_of("0123456789."), release.size());
  if (release.substr(end).starts_with("-rc")) {
    end = std::min(release.find_first_not_of("0123456789", end + 3), release.size());
  }
  return release.substr(0, end);
}

}  // namespace

bool are_builds_of_one_kernel(const SideTarget& base, const SideTarget& head) {
  const auto release_of = [](const SideTarget& target) {
    return without_local_version(fact_in(target.identity, "kernel.release"));
  };
  return is_by_path(base) && is_by_path(head) && release_of(base) == release_of(head);
}

bool differs_by_build(std::string_view fact) {
  return std::ranges::find(kOfABuild, fact) != kOfABuild.end();
}

bool is_laid_out_otherwise(const SideTarget& base, const SideTarget& head) {
  const bool by_path = is_by_path(base) && is_by_path(head);
  return std::ranges::any_of(kOfABuild, [&](std::string_view fact) {
    // Of packaged kernels the module is the project's own code, which is what is gated.
    if (fact == "module.sha256" && !by_path) return false;
    return fact_in(base.identity, std::string(fact)) != fact_in(head.identity, std::string(fact));
  });
}

bool follows_layout(const SideCell& cell) {
  const auto parts = split(cell.name, '/');
  return parts.size() > kHandlerPart && parts[kHandlerPart] == info_of(Handler::stack).name;
}

}  // namespace probebench::gate
