// SPDX-License-Identifier: MIT
#include "agent/record_channel.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <string>
#include <string_view>

#include "base/stop.h"

namespace probebench::agent {

Result<RecordChannel> RecordChannel::open(const std::filesystem::path& tty) {
  UniqueFd fd(::open(tty.c_str(), O_WRONLY | O_NOCTTY | O_CLOEXEC));
  if (!fd) return errno_error(Fault::infra, "open " + tty.string());
  // Raw, or the line discipline puts a carriage return before each line end.
  termios settings{};
  if (::tcgetattr(fd.get(), &settings) == 0) {
    ::cfmakeraw(&settings);
    ::cfsetspeed(&settings, B115200);
    ::tcsetattr(fd.get(), TCSANOW, &settings);
  }
  return RecordChannel(std::move(fd));
}

void RecordChannel::send(const wire::Record& record) const {
  write_line(seal_.put(wire::encode(record)));
}

void RecordChannel::say(std::string_view line) const {
  write_line(std::string(line));
}

// There is nobody to tell when the host does not listen: the host finds out by itself.
void RecordChannel::write_line(std::string line) const {
  line += '\n';
  std::string_view rest(line);
  while (!rest.empty()) {
    const ssize_t put = ::write(fd_.get(), rest.data(), rest.size());
    if (put < 0 && errno == EINTR && !stop_requested()) continue;  // else it may wait for good
    if (put <= 0) return;
    rest.remove_prefix(static_cast<size_t>(put));
  }
  ::tcdrain(fd_.get());  // a pipe has nothing to drain
}

}  // namespace probebench::agent
