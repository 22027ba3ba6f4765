// SPDX-License-Identifier: MIT
#include "session/native_lock.h"

#include <fmt/format.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

#include "base/file.h"
#include "base/stop.h"
#include "base/text.h"

namespace probebench::session {
namespace {

constexpr std::chrono::milliseconds kBetweenTries{50};

struct Address {
  explicit Address(const std::string& name) {
    address.sun_family = AF_UNIX;
    // A name that begins with a zero byte is no file (unix(7)).
    const auto length = name.copy(address.sun_path + 1, sizeof address.sun_path - 1);
    size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + length);
  }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&address); }

  sockaddr_un address{};
  socklen_t size = 0;
};

UniqueFd make_socket() {
  return UniqueFd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

std::string user_name(uid_t user) {
  const auto* entry = ::getpwuid(user);
  return entry != nullptr ? entry->pw_name : fmt::format("user {}", user);
}

// "process 4711 of root (probebench)"; of another container the process has no number here.
std::string holder(const Address& address) {
  const auto asking = make_socket();
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::connect(asking.get(), address.get(), address.size) != 0 ||
      ::getsockopt(asking.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) {
    return "another process";
  }
  if (peer.pid == 0) return "a process of another container";
  const auto name = read_file(fmt::format("/proc/{}/comm", peer.pid));
  return fmt::format("process {} of {} ({})", peer.pid, user_name(peer.uid),
                     name ? trimmed(*name) : std::string_view("?"));
}

}  // namespace

Result<NativeLock> NativeLock::take(const std::string& name, std::chrono::milliseconds deadline) {
  const Address address(name);
  auto socket = make_socket();
  if (!socket) return errno_error(Fault::infra, "make a socket for the lock of native runs");
  int refusal = 0;
  const auto taken = TRY(poll_until(deadline, kBetweenTries, [&]() -> Result<bool> {
    if (stop_requested()) return Error{Fault::interrupted, "interrupted while another run went on", 0, {}};
    refusal = ::bind(socket.get(), address.get(), address.size) == 0 ? 0 : errno;
    return refusal != EADDRINUSE;
  }));
  if (!taken) {
    return Error{Fault::infra, "measure on the running kernel beside " + holder(address), EBUSY,
                 "two native runs disturb one another: wait until the other one has ended"};
  }
  if (refusal != 0) return Error{Fault::infra, "take the lock of native runs", refusal, {}};
  if (::listen(socket.get(), 1) != 0) return errno_error(Fault::infra, "answer for the lock of native runs");
  return NativeLock(std::move(socket));
}

}  // namespace probebench::session
