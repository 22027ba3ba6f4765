// SPDX-License-Identifier: MIT
// The system's OpenSSH client: the user's keys, configuration and jump hosts, and no protocol of our own.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace probebench::remote {

// What is passed to ssh of "ssh:[user@]host" and "ssh://[user@]host[:port]". Errors are usage errors.
Result<std::string> ssh_destination(const std::string& target);

// Never asks for anything, and gives a host up that does not answer. `command` is for the login shell there.
std::vector<std::string> ssh_arguments(const std::string& destination, const std::string& command);

// The code that ssh itself ends with, not the command.
inline constexpr int kSshFailed = 255;

// Why ssh reached nobody, of what it said.
Error ssh_refusal(const std::string& destination, std::string_view said);

}  // namespace probebench::remote
