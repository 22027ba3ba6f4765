// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "base/result.h"
#include "model/probe_type.h"

namespace probebench::attach {

// Whether BPF trampolines are what the type is made of.
bool uses_trampoline(ProbeType probe_type);

// Whether the kernel takes a program of that type for the function: an empty one is loaded, and attached to
// nothing. `owner` is the module that has the function, or vmlinux. A function that BTF does not know, or
// that the kernel refuses, is an error of Fault::cell; BTF that cannot be read an unsupported one.
Status check_trampoline(ProbeType probe_type, const std::string& owner, const std::string& function);

}  // namespace probebench::attach
