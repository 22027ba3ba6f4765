// SPDX-License-Identifier: MIT
#include "call/user_sites.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>

#include "base/file.h"
#include "base/text.h"
#include "base/unique_fd.h"

// user_sites_x86.S, user_sites_arm64.S
extern "C" {
void pb_user_nop();
void pb_user_nop_twin();
void pb_user_push();
void pb_user_push_twin();
void pb_user_ret();
void pb_user_ret_twin();
void pb_user_marker();
void pb_user_marker_twin();
#if defined(__x86_64__)
void pb_user_nop5();
void pb_user_nop5_twin();
void pb_user_nop10();
void pb_user_nop10_twin();
#endif
}

namespace probebench::call {
namespace {

struct UserCode {
  SiteId site;
  UserSite functions;
  std::uint32_t insns;
};

constexpr std::array kUserCode {
  UserCode{SiteId::user_nop, {pb_user_nop, pb_user_nop_twin}, 2},
      UserCode{SiteId::user_push, {pb_user_push, pb_user_push_twin}, 3},
      UserCode{SiteId::user_ret, {pb_user_ret, pb_user_ret_twin}, 1},
      UserCode{SiteId::user_marker, {pb_user_marker, pb_user_marker_twin}, 2},
#if defined(__x86_64__)
      UserCode{SiteId::user_nop5, {pb_user_nop5, pb_user_nop5_twin}, 2},
      UserCode{SiteId::user_nop10, {pb_user_nop10, pb_user_nop10_twin}, 2},
#endif
};

const UserCode* code_of(SiteId site) {
  const auto found = std::ranges::find(kUserCode, site, &UserCode::site);
  return found == kUserCode.end() ? nullptr : &*found;
}

struct Mapping {
  std::uint64_t start = 0;
  std::uint64_t end = 0;
  std::uint64_t offset = 0;
};

// "55d0c0a00000-55d0c0a40000 r-xp 00010000 fe:00 1234   /init"
bool parse_mapping(std::string_view line, Mapping& mapping) {
  return std::sscanf(std::string(line).c_str(), "%lx-%lx %*s %lx", &mapping.start, &mapping.end,
                     &mapping.offset) == 3;
}

}  // namespace

UserSite user_site(SiteId site) {
  const auto* code = code_of(site);
  return code == nullptr ? UserSite{nullptr, nullptr} : code->functions;
}

std::uint32_t insns_of_user_site(SiteId site) {
  const auto* code = code_of(site);
  return code == nullptr ? 0 : code->insns;
}

const std::string& own_program() {
  static const std::string kPath = [] {
    std::error_code unreadable;
    return fs::read_symlink("/proc/self/exe", unreadable).string();
  }();
  return kPath;
}

Result<attach::SiteLocation> locate(SiteId site) {
  const auto address = reinterpret_cast<std::uint64_t>(user_site(site).site);
  const auto maps = TRY(read_file("/proc/self/maps"));
  const auto& binary = own_program();
  if (binary.empty()) return Error{Fault::cell, "read /proc/self/exe", ENOENT, {}};
  for (const auto line : split(maps, '\n')) {
    Mapping mapping;
    if (!parse_mapping(line, mapping) || address < mapping.start || address >= mapping.end) continue;
    return attach::SiteLocation{address, binary, address - mapping.start + mapping.offset};
  }
  return Error{Fault::cell, fmt::format("find {} in /proc/self/maps", info_of(site).symbol), ENOENT, {}};
}

Result<Bytes> read_own_text(std::uint64_t address, std::size_t length) {
  const UniqueFd memory(::open("/proc/self/mem", O_RDONLY | O_CLOEXEC));
  if (!memory) return errno_error(Fault::cell, "open /proc/self/mem");
  Bytes bytes(length);
  const auto got = ::pread(memory.get(), bytes.data(), length, static_cast<off_t>(address));
  if (got != static_cast<ssize_t>(length)) return errno_error(Fault::cell, "read /proc/self/mem");
  return bytes;
}

}  // namespace probebench::call
