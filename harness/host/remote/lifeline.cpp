// SPDX-License-Identifier: MIT
#include "remote/lifeline.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <condition_variable>
#include <mutex>
#include <string_view>

namespace probebench::remote {
namespace {

// False: nobody reads.
bool send_all(int socket, std::string_view content) {
  while (!content.empty()) {
    const auto sent = ::send(socket, content.data(), content.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    content.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void keep_sending(const std::stop_token& stop, int socket, std::string_view content,
                  std::chrono::milliseconds between_signs) {
  std::mutex mutex;
  std::condition_variable_any over;
  bool heard = send_all(socket, content);
  while (heard && !stop.stop_requested()) {
    std::unique_lock lock(mutex);
    over.wait_for(lock, stop, between_signs, [] { return false; });
    heard = send_all(socket, "\n");
  }
}

}  // namespace

Lifeline::Lifeline(UniqueFd ours, std::string content, std::chrono::milliseconds between_signs)
    : ours_(std::move(ours)),
      sender_([socket = ours_.get(), content = std::move(content), between_signs](
                  const std::stop_token& stop) { keep_sending(stop, socket, content, between_signs); }) {}

// Who waits for room in it is woken.
Lifeline::~Lifeline() {
  if (!sender_.joinable()) return;
  sender_.request_stop();
  ::shutdown(ours_.get(), SHUT_RDWR);
  sender_.join();
}

Result<Lifeline::Made> Lifeline::make(std::string content, std::chrono::milliseconds between_signs) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return errno_error(Fault::infra, "make what is written to ssh");
  }
  UniqueFd ours(ends[0]);
  UniqueFd theirs(ends[1]);
  return Made{Lifeline(std::move(ours), std::move(content), between_signs), std::move(theirs)};
}

}  // namespace probebench::remote
