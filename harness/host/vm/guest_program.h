// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>

namespace probebench::vm {

// A program that the agent starts in the guest, with the libraries it loads.
struct GuestProgram {
  std::filesystem::path source;  // on this machine
  std::string place;             // in the guest, without the leading slash: "usr/bin/as"
};

}  // namespace probebench::vm
