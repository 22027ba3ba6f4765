// SPDX-License-Identifier: MIT
#include "agent/guest.h"

#include <sys/mount.h>
#include <sys/reboot.h>
#include <unistd.h>

#include <array>
#include <cerrno>
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

}  // namespace probebench::agent
