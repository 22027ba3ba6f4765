// SPDX-License-Identifier: MIT
// What a child process gives up before it becomes the program that it runs: its user, the network, and what
// it may take of this machine.
#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

namespace probebench::inline base {

// The user that owns nothing (Linux Standard Base; user_namespaces(7) shows whoever is unknown as this one).
inline constexpr uid_t kNobody = 65534;

struct Limit {
  int resource = 0;  // RLIMIT_*, setrlimit(2)
  rlim_t value = 0;
};

struct Confinement {
  bool as_nobody = false;        // only root can become somebody else
  std::vector<gid_t> groups;     // that nobody is in nevertheless, for a device
  int namespaces = 0;            // CLONE_NEW*, unshare(2)
  std::string uid_map, gid_map;  // of the user namespace that the others need unless one is root
  std::vector<Limit> limits;
};

// Confines the calling process, which must have one thread, for good: it gains no rights by what it executes.
// 0, or errno. Only async-signal-safe calls.
int confine(const Confinement& confinement);

// The strictest that this process may ask for, found by trying it in a child: nobody and namespaces of its
// own, or one of them, or the limits alone. Confined like that, `device` can still be opened to read and
// write (empty: none is needed).
Confinement strictest_confinement(std::vector<Limit> limits, const std::filesystem::path& device);

// "user nobody, no network"; "user as before, network as before".
std::string text_of(const Confinement& confinement);

}  // namespace probebench::inline base
