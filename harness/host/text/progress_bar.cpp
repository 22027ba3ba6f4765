// SPDX-License-Identifier: MIT
#include "text/progress_bar.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "base/escape.h"
#include "text/text.h"

namespace probebench::text {
namespace {

constexpr std::size_t kBarWidth = 20;

std::string remaining_text(const BarState& state) {
  if (state.done == 0) return {};
  const auto left = state.elapsed * (state.total - std::min(state.done, state.total)) / state.done;
  return fmt::format(", {} s left", std::chrono::ceil<std::chrono::seconds>(left).count());
}

std::size_t terminal_width(int fd) {
  winsize size = {};
  if (::ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kTerminalWidth;
  return size.ws_col;
}

}  // namespace

std::string render_bar(const BarState& state, std::size_t width) {
  const std::size_t filled =
      state.total == 0 ? 0 : kBarWidth * std::min(state.done, state.total) / state.total;
  std::string line =
      fmt::format("[{}{}] {}/{} {}{}", std::string(filled, '#'), std::string(kBarWidth - filled, '-'),
                  state.done, state.total, state.label, remaining_text(state));
  if (line.size() > width) line.resize(width);
  return line;
}

ConsoleProgress::Style ConsoleProgress::style_for(bool quiet) {
  if (quiet) return Style::quiet;
  const char* terminal = std::getenv("TERM");
  const bool rewrites = terminal != nullptr && std::string_view(terminal) != "dumb";
  return rewrites && ::isatty(STDERR_FILENO) == 1 ? Style::terminal : Style::lines;
}

void ConsoleProgress::step(std::string_view what) {
  const std::lock_guard lock(mutex_);
  const auto line = escaped_for_line(what);
  if (style_ == Style::terminal) rewrite(line);
  if (style_ == Style::lines) write(line + "\n");
}

void ConsoleProgress::plan(std::size_t cells) {
  const std::lock_guard lock(mutex_);
  state_ = BarState{.done = 0, .total = cells, .label = {}, .elapsed = {}};
}

void ConsoleProgress::correct(std::ptrdiff_t cells) {
  const std::lock_guard lock(mutex_);
  state_.total = static_cast<std::size_t>(static_cast<std::ptrdiff_t>(state_.total) + cells);
}

void ConsoleProgress::cell_begin(std::string_view name) {
  const std::lock_guard lock(mutex_);
  if (begun_ == 0) first_begin_ = std::chrono::steady_clock::now();
  ++begun_;
  state_.total = std::max(state_.total, begun_);  // a target may have to begin again
  state_.label = escaped_for_line(name);
  state_.elapsed =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - first_begin_);
  if (style_ == Style::terminal) rewrite(render_bar(state_, terminal_width(fd_) - 1));
  if (style_ == Style::lines) write(fmt::format("[{}/{}] {}\n", begun_, state_.total, state_.label));
}

void ConsoleProgress::cell_end() {
  const std::lock_guard lock(mutex_);
  ++state_.done;
}

void ConsoleProgress::note(std::string_view what) {
  const std::lock_guard lock(mutex_);
  if (style_ == Style::quiet || !noted_.emplace(what).second) return;
  erase();
  write(escaped_for_terminal(what) + "\n");
}

void ConsoleProgress::clear() {
  const std::lock_guard lock(mutex_);
  erase();
}

void ConsoleProgress::erase() {
  if (!line_shown_) return;
  write("\r\033[K");
  line_shown_ = false;
}

void ConsoleProgress::rewrite(std::string_view line) {
  write(fmt::format("\r\033[K{}", line.substr(0, terminal_width(fd_) - 1)));
  line_shown_ = true;
}

// Progress that cannot be shown is no reason to stop measuring.
void ConsoleProgress::write(std::string_view text) const {
  [[maybe_unused]] const ssize_t put = ::write(fd_, text.data(), text.size());
}

}  // namespace probebench::text
