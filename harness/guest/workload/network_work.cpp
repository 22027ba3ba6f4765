// SPDX-License-Identifier: MIT
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "base/unique_fd.h"
#include "workload/partner.h"
#include "workload/work.h"

namespace probebench::workload {
namespace {

constexpr std::size_t kMessageBytes = 64;
using Message = std::array<char, kMessageBytes>;

UniqueFd stream_socket() {
  return UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

// A machine that has just booted has it down; the kernel gives it its address when it comes up.
Status bring_up_loopback() {
  const auto socket = stream_socket();
  if (!socket) return errno_error(Fault::unsupported, "open a TCP socket");
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  if (::ioctl(socket.get(), SIOCGIFFLAGS, &request) != 0) {
    return errno_error(Fault::unsupported, "look at the loopback interface");
  }
  if ((request.ifr_flags & IFF_UP) != 0) return Done{};
  request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_UP);
  if (::ioctl(socket.get(), SIOCSIFFLAGS, &request) == 0) return Done{};
  return errno_error(Fault::unsupported, "bring the loopback interface up");
}

// Small messages go out at once, not when an acknowledgement has come.
void do_not_gather(int socket) {
  constexpr int kOn = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &kOn, sizeof kOn);
}

bool send_all(int socket, const Message& message) {
  return ::send(socket, message.data(), message.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(message.size());
}

bool receive_all(int socket, Message& message) {
  return ::recv(socket, message.data(), message.size(), MSG_WAITALL) == static_cast<ssize_t>(message.size());
}

void serve(int listener) {
  const UniqueFd client(::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC));
  do_not_gather(client.get());
  Message message{};
  while (receive_all(client.get(), message) && send_all(client.get(), message)) {
  }
}

class TcpRequest : public Work {
 public:
  TcpRequest(UniqueFd socket, Partner server) : socket_(std::move(socket)), server_(std::move(server)) {}

  Status run(std::uint32_t operations) override {
    Message message{};
    for (std::uint32_t i = 0; i < operations; ++i) {
      if (!send_all(socket_.get(), message)) return errno_error(Fault::cell, "send a request");
      if (!receive_all(socket_.get(), message)) return errno_error(Fault::cell, "receive a response");
    }
    return Done{};
  }

 private:
  UniqueFd socket_;
  Partner server_;
};

UniqueFd datagram_socket() {
  return UniqueFd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
}

// Nobody receives: what is sent is dropped at the end of its way, each time at the same place.
class UdpSend : public Work {
 public:
  // `to`: nothing where the socket is connected.
  UdpSend(UniqueFd socket, UniqueFd full, std::optional<sockaddr_in> to)
      : socket_(std::move(socket)), full_(std::move(full)), to_(to) {}

  Status run(std::uint32_t operations) override {
    const Message message{};
    const auto* const address = to_ ? reinterpret_cast<const sockaddr*>(&*to_) : nullptr;
    const socklen_t size = to_ ? sizeof *to_ : 0;
    for (std::uint32_t i = 0; i < operations; ++i) {
      if (::sendto(socket_.get(), message.data(), message.size(), 0, address, size) < 0) {
        return errno_error(Fault::cell, "send a datagram");
      }
    }
    return Done{};
  }

 private:
  UniqueFd socket_;
  UniqueFd full_;
  std::optional<sockaddr_in> to_;
};

struct Listener {
  UniqueFd socket;
  sockaddr_in address;
};

// A port that the kernel chooses.
Result<Listener> bound_to_loopback(UniqueFd socket) {
  Listener listener{std::move(socket), {}};
  listener.address.sin_family = AF_INET;
  listener.address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof listener.address;
  auto* const address = reinterpret_cast<sockaddr*>(&listener.address);
  const int fd = listener.socket.get();
  if (::bind(fd, address, size) != 0 || ::getsockname(fd, address, &size) != 0) {
    return errno_error(Fault::unsupported, "take a port of the loopback interface");
  }
  return listener;
}

Result<Listener> listen_on_loopback() {
  auto listener = TRY(bound_to_loopback(stream_socket()));
  if (::listen(listener.socket.get(), 1) != 0) {
    return errno_error(Fault::unsupported, "listen on the loopback interface");
  }
  return listener;
}

Result<Listener> full_socket() {
  auto socket = datagram_socket();
  constexpr int kLeast = 1;  // the kernel makes it as much as it has to be
  ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVBUF, &kLeast, sizeof kLeast);
  return bound_to_loopback(std::move(socket));
}

// From now on each datagram is dropped.
MadeWork filled(std::unique_ptr<UdpSend> work) {
  constexpr std::uint32_t kFills = 64;
  TRY(work->run(kFills));
  return MadeWork(std::move(work));
}

}  // namespace

MadeWork make_udp_send() {
  TRY(bring_up_loopback());
  auto full = TRY(full_socket());
  auto socket = datagram_socket();
  const auto* const address = reinterpret_cast<const sockaddr*>(&full.address);
  if (::connect(socket.get(), address, sizeof full.address) != 0) {
    return errno_error(Fault::unsupported, "connect a UDP socket to the loopback interface");
  }
  return filled(std::make_unique<UdpSend>(std::move(socket), std::move(full.socket), std::nullopt));
}

MadeWork make_udp_send_to() {
  TRY(bring_up_loopback());
  auto full = TRY(full_socket());
  return filled(std::make_unique<UdpSend>(datagram_socket(), std::move(full.socket), full.address));
}

MadeWork make_tcp_request() {
  TRY(bring_up_loopback());
  auto listener = TRY(listen_on_loopback());
  auto server = Partner::run([&] { serve(listener.socket.get()); });
  if (!server) return server.error();
  auto socket = stream_socket();
  const auto* const address = reinterpret_cast<const sockaddr*>(&listener.address);
  if (::connect(socket.get(), address, sizeof listener.address) != 0) {
    return errno_error(Fault::cell, "connect to the loopback interface");
  }
  do_not_gather(socket.get());
  return MadeWork(std::make_unique<TcpRequest>(std::move(socket), std::move(*server)));
}

}  // namespace probebench::workload
