// SPDX-License-Identifier: MIT
#include "session/run_watch.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <sstream>

#include "base/file.h"
#include "base/unique_fd.h"

namespace probebench::session {
namespace {

// Less than this is lost among rounds that are left out.
constexpr double kStolenShare = 0.01;
constexpr int kWarningLevel = 4;  // and what is graver: KERN_WARNING of linux/kern_levels.h

// "4,1234,56789,-;text": level and facility before the first comma (Documentation/ABI/testing/dev-kmsg).
bool is_warning(std::string_view record) {
  int priority = 0;
  for (const char c : record) {
    if (c < '0' || c > '9') break;
    priority = priority * 10 + (c - '0');
  }
  return (priority & 7) <= kWarningLevel;
}

// It was said before the run that this one would come.
bool is_our_taint(std::string_view text) {
  return text.starts_with("probebench: loading out-of-tree module") ||
         text.starts_with("probebench: module verification failed");
}

// Records of the kernel log that are warnings or worse, oldest first. Reading the device gives one at a time.
std::vector<std::string> log_warnings(const fs::path& device) {
  std::vector<std::string> records;
  const UniqueFd log(::open(device.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (!log) return records;
  std::array<char, 8192> buffer;
  for (;;) {
    const auto got = ::read(log.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EPIPE) continue;  // overwritten meanwhile: go on with the next one
    if (got <= 0) return records;
    const std::string_view record(buffer.data(), static_cast<std::size_t>(got));
    const auto text = record.find(';');
    if (text == record.npos || !is_warning(record)) continue;
    const auto line = record.substr(text + 1, record.find('\n', text) - text - 1);
    if (!is_our_taint(line)) records.emplace_back(line);
  }
}

}  // namespace

RunWatch::RunWatch(fs::path root)
    : root_(std::move(root)), began_(cpu_time()), log_lines_(log_warnings(root_ / "dev/kmsg").size()) {}

// "cpu  user nice system idle iowait irq softirq steal guest guest_nice": guest time is part of user's.
std::optional<RunWatch::CpuTime> RunWatch::cpu_time() const {
  const auto stat = read_file(root_ / "proc/stat");
  if (!stat) return std::nullopt;
  std::istringstream line(*stat);
  std::string name;
  line >> name;
  CpuTime time;
  for (int field = 0; field < 8; ++field) {
    std::uint64_t ticks = 0;
    if (!(line >> ticks)) return std::nullopt;
    time.all += ticks;
    if (field == 7) time.stolen = ticks;
  }
  return time;
}

std::optional<std::string> RunWatch::steal_warning() const {
  const auto now = cpu_time();
  if (!now || !began_ || now->all <= began_->all) return std::nullopt;
  const auto share =
      static_cast<double>(now->stolen - began_->stolen) / static_cast<double>(now->all - began_->all);
  if (share < kStolenShare) return std::nullopt;
  return fmt::format(
      "steal: {:.1f} % of the CPU time of this run, wanted below {:.0f} %: the hypervisor gave it away",
      share * 100, kStolenShare * 100);
}

std::optional<std::string> RunWatch::log_warning() const {
  const auto lines = log_warnings(root_ / "dev/kmsg");
  if (lines.size() <= log_lines_) return std::nullopt;
  return fmt::format("kernel-log: {} new warnings during this run, the last: {}", lines.size() - log_lines_,
                     lines.back());
}

std::vector<std::string> RunWatch::warnings() const {
  std::vector<std::string> found;
  for (auto& one : {steal_warning(), log_warning()}) {
    if (one) found.push_back(*one);
  }
  return found;
}

}  // namespace probebench::session
