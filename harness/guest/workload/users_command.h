// SPDX-License-Identifier: MIT
// What is known of a user's command when it has ended.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "workload/partner.h"

namespace probebench::workload {

// The last line of text in what a program printed, cut to what fits into a message; bytes that are no
// printable ASCII become question marks.
std::string last_words(std::string_view printed);

// Runs it to its end. One that fails is an error, see failure_of().
Status run_command(const std::vector<std::string>& command, std::chrono::seconds timeout,
                   const Prepare& prepare = {});

// Why the command is not taken for done. It is run once more to hear what it says on standard error, which
// nobody reads while it is measured; that is told if it ends in the same way again.
Error failure_of(const std::vector<std::string>& command, const Ended& ended, std::chrono::seconds timeout);

// Processes that a command leaves behind become children of this one from now on.
void adopt_orphans();
// Processes of our own that are no command's.
std::set<pid_t> children();
// Ends those that are not `ours`, and what they leave behind; returns how many were running.
std::uint32_t end_orphans(const std::set<pid_t>& ours);

}  // namespace probebench::workload
