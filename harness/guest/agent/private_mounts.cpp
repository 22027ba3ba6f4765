// SPDX-License-Identifier: MIT
#include "agent/private_mounts.h"

#include <sched.h>
#include <sys/mount.h>

#include <filesystem>

namespace probebench::agent {
namespace {

constexpr const char* kTracefs = "/sys/kernel/tracing";

}  // namespace

Status see_tracefs() {
  std::error_code unreadable;
  if (std::filesystem::exists(std::string(kTracefs) + "/events", unreadable)) return Done{};
  if (::unshare(CLONE_NEWNS) != 0) return errno_error(Fault::unsupported, "leave the mount namespace");
  if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
    return errno_error(Fault::unsupported, "keep mounts to this process");
  }
  if (::mount("tracefs", kTracefs, "tracefs", 0, nullptr) == 0) return Done{};
  return errno_error(Fault::unsupported, std::string("mount tracefs on ") + kTracefs);
}

}  // namespace probebench::agent
