// SPDX-License-Identifier: MIT
// What comes out of the guest's two serial ports: record lines, and the console log.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/unique_fd.h"

namespace probebench::vm {

// Cuts a stream into lines. What follows the last newline is kept until more arrives, so a line that is cut
// off for good is never handed out. Of a line that is longer than `longest` one byte more is handed out, for
// whoever judges lines to see that, and the rest is dropped.
class LineSplitter {
 public:
  explicit LineSplitter(std::size_t longest) : longest_(longest) {}

  // The lines completed by `bytes`, without their newlines (and carriage returns).
  std::vector<std::string> feed(std::string_view bytes);

 private:
  void take(std::string_view bytes, std::vector<std::string>& lines);

  std::size_t longest_;
  std::string partial_;
  bool dropping_ = false;  // until the newline
};

// Follows the console log while QEMU writes it.
class GuestLog {
 public:
  // Empties the log and opens it.
  static Result<GuestLog> create(const fs::path& path);

  // What the console said before QEMU began.
  Status begin_with(std::string_view text) const { return write_all(writer_.get(), text, "the guest's log"); }
  // For the writer: its end of the file.
  int written_by() const { return writer_.get(); }
  // Reads what is new, or a part of it when it is much; true when there was something.
  bool follow();
  // Of the file, read or not.
  std::size_t size() const;
  // The kernel's "Kernel panic - not syncing" line, once it was seen; else empty.
  const std::string& panic_line() const { return panic_line_; }
  // The last lines so far.
  std::vector<std::string> last_lines() const { return {last_lines_.begin(), last_lines_.end()}; }

 private:
  GuestLog(UniqueFd fd, UniqueFd writer);
  void add_line(std::string line);

  UniqueFd fd_;
  UniqueFd writer_;
  LineSplitter splitter_;
  std::deque<std::string> last_lines_;
  std::string panic_line_;
};

}  // namespace probebench::vm
