// SPDX-License-Identifier: MIT
#include "base/confinement.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace probebench::inline base {
namespace {

// A network namespace of its own has a loopback device that is down, and nothing else.
constexpr int kNamespaces = CLONE_NEWNET | CLONE_NEWIPC;

bool put(const char* path, const std::string& text) {
  const int fd = ::open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return false;
  const bool whole = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  const int saved = errno;
  ::close(fd);
  errno = saved;
  return whole;
}

// Whoever maps a group without rights in the namespace around must give up setgroups() first
// (user_namespaces(7)).
bool map_ids(const Confinement& confinement) {
  if (confinement.uid_map.empty()) return true;
  return put("/proc/self/setgroups", "deny") && put("/proc/self/uid_map", confinement.uid_map) &&
         put("/proc/self/gid_map", confinement.gid_map);
}

bool leave_namespaces(const Confinement& confinement) {
  if (confinement.namespaces == 0) return true;
  return ::unshare(confinement.namespaces) == 0 && map_ids(confinement);
}

bool become_nobody(const Confinement& confinement) {
  if (!confinement.as_nobody) return true;
  return ::setgroups(confinement.groups.size(), confinement.groups.data()) == 0 &&
         ::setresgid(kNobody, kNobody, kNobody) == 0 && ::setresuid(kNobody, kNobody, kNobody) == 0;
}

bool set_limits(const Confinement& confinement) {
  for (const auto& limit : confinement.limits) {
    const rlimit both{limit.value, limit.value};
    if (::setrlimit(static_cast<__rlimit_resource>(limit.resource), &both) != 0) return false;
  }
  return true;
}

// Whether a child could be confined so, and use the device then.
bool is_allowed(const Confinement& confinement, const std::filesystem::path& device) {
  const pid_t pid = ::fork();
  if (pid < 0) return false;
  if (pid == 0) {
    const bool confined = confine(confinement) == 0;
    ::_exit(confined && (device.empty() || ::open(device.c_str(), O_RDWR | O_CLOEXEC) >= 0) ? 0 : 1);
  }
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

std::vector<gid_t> group_of(const std::filesystem::path& device) {
  struct stat status {};
  if (device.empty() || ::stat(device.c_str(), &status) != 0) return {};
  return {status.st_gid};
}

// Nobody but root may raise a limit that holds already.
std::vector<Limit> lowered(std::vector<Limit> limits) {
  for (auto& limit : limits) {
    rlimit now{};
    if (::getrlimit(static_cast<__rlimit_resource>(limit.resource), &now) != 0) continue;
    limit.value = std::min(limit.value, now.rlim_max);
  }
  return limits;
}

// Strictest first.
std::vector<Confinement> candidates(const std::vector<Limit>& limits, const std::filesystem::path& device) {
  const Confinement bare{false, {}, 0, {}, {}, limits};
  Confinement apart = bare;
  apart.namespaces = kNamespaces;
  if (::geteuid() == 0) {
    Confinement nobody = bare;
    nobody.as_nobody = true;
    nobody.groups = group_of(device);
    Confinement both = nobody;
    both.namespaces = kNamespaces;
    return {both, nobody, apart, bare};
  }
  apart.namespaces |= CLONE_NEWUSER;
  apart.uid_map = fmt::format("{0} {0} 1", ::geteuid());
  apart.gid_map = fmt::format("{0} {0} 1", ::getegid());
  return {apart, bare};
}

}  // namespace

int confine(const Confinement& confinement) {
  if (!leave_namespaces(confinement) || !become_nobody(confinement)) return errno;
  if (!set_limits(confinement) || ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return errno;
  return 0;
}

Confinement strictest_confinement(std::vector<Limit> limits, const std::filesystem::path& device) {
  limits = lowered(std::move(limits));
  for (auto& candidate : candidates(limits, device)) {
    if (is_allowed(candidate, device)) return candidate;
  }
  // Nobody can open the device; that is for the program to say.
  if (!device.empty()) return strictest_confinement(std::move(limits), {});
  return {false, {}, 0, {}, {}, {}};
}

std::string text_of(const Confinement& confinement) {
  return fmt::format("{}, {}", confinement.as_nobody ? "user nobody" : "user as before",
                     confinement.namespaces != 0 ? "no network" : "network as before");
}

}  // namespace probebench::inline base
