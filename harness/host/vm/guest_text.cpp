// SPDX-License-Identifier: MIT
#include "vm/guest_text.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <array>
#include <utility>

namespace probebench::vm {
namespace {

constexpr std::size_t kLastLines = 40;  // an oops with its call trace
constexpr std::size_t kLongestLogLine = 4096;
constexpr int kReadsAtOnce = 64;  // the caller has other things to look at
constexpr std::string_view kPanic = "Kernel panic - not syncing";

}  // namespace

// Bytes without a newline.
void LineSplitter::take(std::string_view bytes, std::vector<std::string>& lines) {
  if (dropping_) return;
  partial_ += bytes.substr(0, longest_ + 1 - partial_.size());
  if (partial_.size() <= longest_) return;
  lines.push_back(std::move(partial_));
  partial_ = {};
  dropping_ = true;
}

std::vector<std::string> LineSplitter::feed(std::string_view bytes) {
  std::vector<std::string> lines;
  for (auto end = bytes.find('\n'); end != std::string_view::npos; end = bytes.find('\n')) {
    take(bytes.substr(0, end), lines);
    bytes.remove_prefix(end + 1);
    if (std::exchange(dropping_, false)) continue;
    if (partial_.ends_with('\r')) partial_.pop_back();
    lines.push_back(std::move(partial_));
    partial_.clear();
  }
  take(bytes, lines);
  return lines;
}

GuestLog::GuestLog(UniqueFd fd, UniqueFd writer)
    : fd_(std::move(fd)), writer_(std::move(writer)), splitter_(kLongestLogLine) {}

Result<GuestLog> GuestLog::create(const fs::path& path) {
  UniqueFd writer(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644));
  if (!writer) return errno_error(Fault::infra, "create " + path.string());
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd) return errno_error(Fault::infra, "open " + path.string());
  return GuestLog(std::move(fd), std::move(writer));
}

bool GuestLog::follow() {
  std::array<char, 1 << 14> buffer;
  bool grew = false;
  for (int reads = 0; reads < kReadsAtOnce; ++reads) {
    const ssize_t got = ::read(fd_.get(), buffer.data(), buffer.size());
    if (got <= 0) return grew;
    grew = true;
    const std::string_view bytes(buffer.data(), static_cast<std::size_t>(got));
    for (auto& line : splitter_.feed(bytes)) add_line(std::move(line));
  }
  return grew;
}

std::size_t GuestLog::size() const {
  struct stat status {};
  return ::fstat(fd_.get(), &status) == 0 ? static_cast<std::size_t>(status.st_size) : 0;
}

void GuestLog::add_line(std::string line) {
  // Two lines belong to a panic; the second ("---[ end Kernel panic ...") says the same.
  if (panic_line_.empty() && line.find(kPanic) != std::string::npos) panic_line_ = line;
  last_lines_.push_back(std::move(line));
  if (last_lines_.size() > kLastLines) last_lines_.pop_front();
}

}  // namespace probebench::vm
