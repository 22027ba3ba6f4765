// SPDX-License-Identifier: MIT
#include "kernel/function_table.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <string_view>
#include <vector>

namespace probebench {
namespace {

// "ffffffff81000000 T _stext", "ffffffffc0201000 t pb_open\t[probebench]"
constexpr std::size_t kTypeAt = 17;
constexpr std::size_t kNameAt = 19;
constexpr const char* kListing = "/proc/kallsyms";

bool is_text(std::string_view line) {
  return line.size() > kNameAt && std::string_view("tTwW").find(line[kTypeAt]) != std::string_view::npos;
}

std::uint64_t address_of(std::string_view line) {
  std::uint64_t address = 0;
  std::from_chars(line.data(), line.data() + kTypeAt - 1, address, 16);
  return address;
}

}  // namespace

// Only addresses are kept of what is not wanted: the listing is 10 MB long.
FunctionTable find_functions(std::istream& listing, const std::set<std::string>& wanted) {
  FunctionTable table;
  std::vector<std::uint64_t> addresses;
  for (std::string line; std::getline(listing, line);) {
    if (!is_text(line)) continue;
    const auto address = address_of(line);
    addresses.push_back(address);
    const auto name = line.substr(kNameAt, line.find('\t') - kNameAt);
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
  std::ifstream listing(kListing);
  if (!listing) return errno_error(Fault::cell, std::string("read ") + kListing);
  return find_functions(listing, wanted);
}

}  // namespace probebench
