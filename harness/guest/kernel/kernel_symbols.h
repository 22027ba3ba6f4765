// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace probebench::kernel {

// all: every symbol of text. passing: those that the kernel makes at run time (BPF programs, trampolines,
// pages of kprobe slots), which may be gone the next moment.
enum class SymbolSet { all, passing };

// "<address> <name>[\t[<module>]]", one symbol per line, out of /proc/kallsyms.
Result<std::string> read_text_symbols(SymbolSet set);

// The same out of a listing.
std::string text_symbols(std::string_view listing, SymbolSet set);

}  // namespace probebench::kernel
