// SPDX-License-Identifier: MIT
#include "remote/ssh_client.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"

namespace probebench::remote {
namespace {

struct Refusal {
  std::string_view said;
  std::string_view means;
  std::string_view hint;  // {}: the destination
};

// What OpenSSH says, and a person can do about it.
constexpr std::array kRefusals{
    Refusal{"Host key verification failed", "its host key is not known, or is another one",
            "run: ssh {}; it shows the key, and asks"},
    Refusal{"Permission denied", "it takes none of your keys, and passwords are not asked for",
            "ssh {} must work without a question: ssh-add, or ssh-copy-id"},
    Refusal{"Too many authentication failures", "it takes none of the keys that were tried",
            "name the right one in ~/.ssh/config (IdentityFile, IdentitiesOnly)"},
    Refusal{"Could not resolve hostname", "there is no host of that name", "as ssh {} finds it"},
};

// Neither a prompt nor what a user's configuration adds for a terminal; nothing that outlives the run. A
// connection whose other end is silent for a minute is none.
constexpr std::array kOptions{
    "BatchMode=yes",         "ConnectTimeout=30", "ServerAliveInterval=15", "ServerAliveCountMax=4",
    "ControlMaster=no",      "RequestTTY=no",     "RemoteCommand=none",     "ClearAllForwardings=yes",
    "PermitLocalCommand=no", "ForwardAgent=no",   "ForwardX11=no",          "LogLevel=ERROR",
};

bool is_plain(char c) {
  return c > ' ' && c < 0x7f && c != '\'' && c != '"' && c != '`' && c != '$' && c != '\\';
}

}  // namespace

Result<std::string> ssh_destination(const std::string& target) {
  constexpr std::string_view kScheme = "ssh:";
  const bool is_address = target.starts_with("ssh://");
  const auto destination = is_address ? target : target.substr(std::min(target.size(), kScheme.size()));
  const auto host = is_address ? destination.substr(6) : destination;
  if (target.starts_with(kScheme) && !host.empty() && !host.starts_with('-') &&
      std::ranges::all_of(host, is_plain)) {
    return destination;
  }
  return Error{Fault::usage, fmt::format("--target {}: expected ssh:[user@]host", target), 0,
               "the host as the command ssh takes it; ssh://[user@]host:port names a port"};
}

std::vector<std::string> ssh_arguments(const std::string& destination, const std::string& command) {
  std::vector<std::string> arguments{"ssh"};
  for (const char* option : kOptions) arguments.insert(arguments.end(), {"-o", option});
  arguments.insert(arguments.end(), {"--", destination, command});
  return arguments;
}

Error ssh_refusal(const std::string& destination, std::string_view said) {
  const auto what = fmt::format("reach {} by ssh: ", destination);
  for (const auto& one : kRefusals) {
    if (said.find(one.said) == said.npos) continue;
    return {Fault::infra, what + std::string(one.means), 0, fmt::format(fmt::runtime(one.hint), destination)};
  }
  const auto line = last_line(said);
  return {Fault::infra, what + std::string(line.empty() ? "ssh ended without a word" : line), 0,
          fmt::format("ssh {} must work by itself", destination)};
}

}  // namespace probebench::remote
