// SPDX-License-Identifier: MIT
#include "kernel/function_table.h"

#include <algorithm>
#include <fstream>
#include <vector>

#include "kernel/kallsyms.h"

namespace probebench::kernel {

// Only addresses are kept of what is not wanted: the listing is 10 MB long.
FunctionTable find_functions(std::istream& listing, const std::set<std::string>& wanted) {
  FunctionTable table;
  std::vector<std::uint64_t> addresses;
  for (std::string line; std::getline(listing, line);) {
    const KernelSymbol symbol(line);
    if (!symbol.is_text()) continue;
    const auto address = symbol.address();
    addresses.push_back(address);
    const std::string name(symbol.name());
    if (!wanted.contains(name)) continue;
    const auto [at, fresh] = table.try_emplace(name, KernelFunction{.address = address});
    if (!fresh && at->second.address != address) ++at->second.namesakes;
  }
  std::ranges::sort(addresses);
  for (auto& [name, function] : table) {
    const auto next = std::ranges::upper_bound(addresses, function.address);
    if (next != addresses.end()) function.size = *next - function.address;
  }
  return table;
}

Result<FunctionTable> find_kernel_functions(const std::set<std::string>& wanted) {
  std::ifstream listing(kKallsyms);
  if (!listing) return errno_error(Fault::cell, std::string("read ") + kKallsyms);
  return find_functions(listing, wanted);
}

}  // namespace probebench::kernel
