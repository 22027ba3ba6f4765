// SPDX-License-Identifier: MIT
#include "cost/file_memory.h"

#include <sys/eventfd.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "base/file.h"
#include "base/text.h"
#include "base/unique_fd.h"

namespace probebench::cost {
namespace {

// More than the longest window opens, and fewer than a process may have open.
constexpr int kFiles = 900;
// As many as the CPU's own list of slabs has to hold for none to be taken from it or added to it.
constexpr const char* kObjects = "8192";

}  // namespace

// SLAB_TYPESAFE_BY_RCU: memory is used again at once (fs/file_table.c, commit 0ede61d8589c).
FileMemory::FileMemory(const std::filesystem::path& root) : cache_(root / "sys/kernel/slab/filp") {
  const auto at_once = read_file(cache_ / "destroy_by_rcu");
  late_ = at_once && trimmed(*at_once) == "0";
  const auto of_slab = late_ ? read_file(cache_ / "objs_per_slab") : Result<std::string>(std::string());
  if (of_slab)
    of_slab_ = static_cast<std::uint32_t>(std::max(1UL, std::strtoul(of_slab->c_str(), nullptr, 10)));
}

std::uint32_t FileMemory::whole_slabs(std::uint32_t operations) const {
  return operations < of_slab_ ? operations : operations - operations % of_slab_;
}

Status FileMemory::begin() const {
  TRY(write_setting(cache_ / "cpu_partial", kObjects));
  return write_setting(cache_ / "shrink", "1");
}

// Of a kind that nobody opens by a name: a tool that watches who opens files has no event of them.
Status FileMemory::open_many() {
  std::vector<UniqueFd> files;
  files.reserve(kFiles);
  for (int i = 0; i < kFiles; ++i) {
    files.emplace_back(::eventfd(0, EFD_CLOEXEC));
    if (!files.back()) return errno_error(Fault::cell, "take the memory of a file");
  }
  return Done{};
}

}  // namespace probebench::cost
