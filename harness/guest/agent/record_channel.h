// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"
#include "wire/records.h"
#include "wire/seal.h"

namespace probebench::agent {

// The line to the host: one record, one line, written out before send() returns.
class RecordChannel {
 public:
  static Result<RecordChannel> open(const std::filesystem::path& tty);

  explicit RecordChannel(UniqueFd fd) : fd_(std::move(fd)) {}

  void send(const wire::Record& record) const;
  // A line that is no record, and so not sealed.
  void say(std::string_view line) const;

 private:
  void write_line(std::string line) const;

  UniqueFd fd_;
  mutable wire::Seal seal_;  // of what was sent so far
};

}  // namespace probebench::agent
