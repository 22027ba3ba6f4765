// SPDX-License-Identifier: MIT
// Suites of questions: files that ask `predict` several things, each answered by a run of its own.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace probebench::plan {

// As it stands in the file: what is missing or goes badly together, the command line's own checks tell.
struct Question {
  std::string name;
  std::vector<std::string> probes = {};  // TYPE:PLACE
  std::string bpf_object = {};           // from the suite on
  std::string bpftrace = {};
  std::string workload = {};
  std::string handler = {};    // empty: the default
  std::int64_t timeout_s = 0;  // 0: the default
  std::vector<std::string> command = {};
};

// Errors are usage errors that name the file and what is wrong in it.
Result<std::vector<Question>> parse_questions(std::string_view text, const std::filesystem::path& origin);

Result<std::vector<Question>> load_questions(const std::filesystem::path& file);

}  // namespace probebench::plan
