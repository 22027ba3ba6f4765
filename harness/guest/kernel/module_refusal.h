// SPDX-License-Identifier: MIT
// Why the running kernel, or this process, may not do what others may: what the kernel says where it says
// only "Operation not permitted".
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"

namespace probebench::kernel {

// "lockdown=confidentiality", where it is on and says so; empty: none is known.
std::string lockdown(const std::filesystem::path& root = "/");

// A module that ends as scripts/sign-file ends it.
bool is_signed(const std::filesystem::path& module);

// What finit_module() means by `err`, to a process of the user. The hint is what would end the refusal.
Error module_refusal(int err, unsigned user, bool is_signed = false, const std::filesystem::path& root = "/");

// What an EPERM or EACCES needs: it is no fault of the kernel's version.
std::string permission_needed(unsigned user, const std::filesystem::path& root = "/");

// The process that has the device open: "process 17 (name)"; empty: none that we may look into.
std::string holder_of(const std::string& device, const std::filesystem::path& root = "/");

}  // namespace probebench::kernel
