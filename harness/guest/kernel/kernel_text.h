// SPDX-License-Identifier: MIT
// The running kernel's own text, read from outside the helper module.
#pragma once

#include <cstdint>
#include <filesystem>
#include <istream>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/sample.h"

namespace probebench::kernel {

// The address that a line of /proc/kallsyms gives a symbol; 0: none names it. The file is read line by line:
// it is 10 MB long, which is a lot in a small guest.
std::uint64_t address_in_kallsyms(std::istream& listing, std::string_view symbol);

// Up to `length` bytes at a kernel address. A kernel without /proc/kcore is an unsupported error.
Result<Bytes> read_kernel_text(std::uint64_t address, std::size_t length,
                               const std::filesystem::path& kcore = "/proc/kcore");

}  // namespace probebench::kernel
