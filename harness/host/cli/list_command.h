// SPDX-License-Identifier: MIT
// `list`: what can be asked for, straight from the tables; says nothing of this machine.
#pragma once

#include <string>

namespace probebench::cli {

std::string list_text();
std::string list_json();

}  // namespace probebench::cli
