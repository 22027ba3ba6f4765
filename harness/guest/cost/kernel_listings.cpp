// SPDX-License-Identifier: MIT
#include "cost/kernel_listings.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <sstream>

#include "base/file.h"
#include "base/text.h"
#include "kernel/evidence.h"

namespace probebench::cost {
namespace {

struct Listing {
  std::string_view name;
  const char* file;
};

constexpr std::array kListings{
    Listing{kFunctionListing, "sys/kernel/tracing/enabled_functions"},
    Listing{kKprobeListing, "sys/kernel/debug/kprobes/list"},
    Listing{"kprobe_events", "sys/kernel/tracing/kprobe_events"},
    Listing{"uprobe_events", "sys/kernel/tracing/uprobe_events"},
    Listing{"set_event", "sys/kernel/tracing/set_event"},
    Listing{"current_tracer", "sys/kernel/tracing/current_tracer"},
};

}  // namespace

std::vector<ListedProbe> read_listings(const std::filesystem::path& root) {
  std::vector<ListedProbe> listed;
  for (const auto& listing : kListings) {
    const auto text = read_file(root / listing.file);
    if (!text) continue;  // a kernel without it arms nothing that it would list
    for (const auto line : split(*text, '\n')) {
      if (!trimmed(line).empty()) listed.push_back({std::string(listing.name), kernel::squeezed(line)});
    }
  }
  return listed;
}

std::vector<ListedProbe> new_in(const std::vector<ListedProbe>& now, const std::vector<ListedProbe>& before) {
  auto known = before;
  std::vector<ListedProbe> fresh;
  for (const auto& one : now) {
    const auto at = std::ranges::find(known, one);
    if (at == known.end()) {
      fresh.push_back(one);
    } else {
      known.erase(at);
    }
  }
  return fresh;
}

std::string function_of(const ListedProbe& probe) {
  if (probe.listing != kFunctionListing) return {};
  return probe.line.substr(0, probe.line.find(' '));
}

std::string place_of(const ListedProbe& probe) {
  if (probe.listing != kKprobeListing) return {};
  std::istringstream words(probe.line);
  std::string address, kind, place;
  words >> address >> kind >> place;
  return place;
}

std::uint64_t address_of(const ListedProbe& probe) {
  std::uint64_t address = 0;
  if (probe.listing != kKprobeListing) return address;
  std::from_chars(probe.line.data(), probe.line.data() + probe.line.size(), address, 16);
  return address;
}

}  // namespace probebench::cost
