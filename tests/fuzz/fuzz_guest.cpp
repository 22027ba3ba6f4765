// SPDX-License-Identifier: MIT
// What the agent reads of the kernel under test.
#include <array>
#include <set>
#include <sstream>
#include <string>

#include "attach/tracefs_instance.h"
#include "fuzz_target.h"
#include "kernel/kallsyms.h"

namespace probebench::fuzz {
namespace {

void kallsyms(std::string_view input) {
  static_cast<void>(kernel::text_symbols(input, kernel::SymbolSet::all));
  static_cast<void>(kernel::text_symbols(input, kernel::SymbolSet::passing));
  static_cast<void>(kernel::find_functions(input, {"vfs_read"}));
  static_cast<void>(kernel::address_in_kallsyms(input, "vfs_read"));
}

void buffer_counts(std::string_view input) {
  static_cast<void>(attach::parse_buffer_counts(input));
}

constexpr std::array kTargets{Target{"kallsyms", kallsyms}, Target{"buffer-counts", buffer_counts}};

}  // namespace

std::span<const Target> targets() {
  return kTargets;
}

}  // namespace probebench::fuzz
