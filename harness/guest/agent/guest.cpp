// SPDX-License-Identifier: MIT
#include "agent/guest.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <string>

namespace probebench::agent {
namespace {

struct Mount {
  const char* type;
  const char* where;
};

// In this order: debugfs and tracefs lie below sysfs.
constexpr std::array kMounts{Mount{"proc", "/proc"}, Mount{"sysfs", "/sys"}, Mount{"devtmpfs", "/dev"},
                             Mount{"debugfs", "/sys/kernel/debug"}, Mount{"tracefs", "/sys/kernel/tracing"}};

constexpr const char* kTracefs = "/sys/kernel/tracing";

}  // namespace

Status mount_filesystems() {
  for (const auto& mount : kMounts) {
    // EBUSY: the kernel mounted devtmpfs itself (CONFIG_DEVTMPFS_MOUNT).
    if (::mount(mount.type, mount.where, mount.type, 0, nullptr) == 0 || errno == EBUSY) continue;
    return errno_error(Fault::infra, std::string("mount ") + mount.type + " on " + mount.where);
  }
  return Done{};
}

void end_machine() {
  ::reboot(RB_AUTOBOOT);
  for (;;) ::pause();
}

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
