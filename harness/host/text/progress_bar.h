// SPDX-License-Identifier: MIT
// What is shown on standard error while a run goes on.
#pragma once

#include <chrono>
#include <cstddef>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "session/run_request.h"

namespace probebench::text {

struct BarState {
  std::size_t done = 0;  // cells
  std::size_t total = 0;
  std::string label;                    // the cell in flight
  std::chrono::milliseconds elapsed{};  // since the first cell began
};

// "[#####-----] 5/10 kprobe-optimized/nop, 3 s left", at most `width` columns, no newline.
std::string render_bar(const BarState& state, std::size_t width);

// Terminal: one line, rewritten in place and erased by the destructor; notes stay. Otherwise: one line per
// step or note. Quiet: nothing. Writes to `fd`. May be told by several threads.
class ConsoleProgress : public session::RunProgress {
 public:
  enum class Style { terminal, lines, quiet };

  // The style that suits standard error.
  static Style style_for(bool quiet);

  ConsoleProgress(int fd, Style style) : fd_(fd), style_(style) {}
  ConsoleProgress(const ConsoleProgress&) = delete;
  ConsoleProgress& operator=(const ConsoleProgress&) = delete;
  ~ConsoleProgress() override { ConsoleProgress::clear(); }

  void step(std::string_view what) override;
  void note(std::string_view what) override;

  void plan(std::size_t cells) override;
  void correct(std::ptrdiff_t cells) override;
  void cell_begin(std::string_view name) override;
  void cell_end() override;
  void clear() override;

 private:
  void erase();
  void rewrite(std::string_view line);
  void write(std::string_view text) const;

  int fd_;
  Style style_;
  std::mutex mutex_;
  std::set<std::string, std::less<>> noted_;  // what is true of several targets is said once
  bool line_shown_ = false;
  std::size_t begun_ = 0;  // cells; several may be in flight
  BarState state_;
  std::chrono::steady_clock::time_point first_begin_;
};

}  // namespace probebench::text
