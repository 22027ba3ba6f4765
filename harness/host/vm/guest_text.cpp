// SPDX-License-Identifier: MIT
#include "vm/guest_text.h"

#include <fcntl.h>

#include <array>

namespace probebench::vm {
namespace {

constexpr std::size_t kLastLines = 40;  // an oops with its call trace
constexpr std::string_view kPanic = "Kernel panic - not syncing";

}  // namespace

std::vector<std::string> LineSplitter::feed(std::string_view bytes) {
  std::vector<std::string> lines;
  for (auto end = bytes.find('\n'); end != std::string_view::npos; end = bytes.find('\n')) {
    partial_ += bytes.substr(0, end);
    if (partial_.ends_with('\r')) partial_.pop_back();
    lines.push_back(std::move(partial_));
    partial_.clear();
    bytes.remove_prefix(end + 1);
  }
  partial_ += bytes;
  return lines;
}

Result<GuestLog> GuestLog::create(const fs::path& path) {
  UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644));
  if (!fd) return errno_error(Fault::infra, "create " + path.string());
  return GuestLog(std::move(fd));
}

bool GuestLog::follow() {
  std::array<char, 1 << 14> buffer;
  bool grew = false;
  for (;;) {
    const ssize_t got = ::read(fd_.get(), buffer.data(), buffer.size());
    if (got <= 0) return grew;
    grew = true;
    const std::string_view bytes(buffer.data(), static_cast<std::size_t>(got));
    for (auto& line : splitter_.feed(bytes)) add_line(std::move(line));
  }
}

void GuestLog::add_line(std::string line) {
  // Two lines belong to a panic; the second ("---[ end Kernel panic ...") says the same.
  if (panic_line_.empty() && line.find(kPanic) != std::string::npos) panic_line_ = line;
  last_lines_.push_back(std::move(line));
  if (last_lines_.size() > kLastLines) last_lines_.pop_front();
}

}  // namespace probebench::vm
