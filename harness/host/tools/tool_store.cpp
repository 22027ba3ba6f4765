// SPDX-License-Identifier: MIT
#include "tools/tool_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <utility>
#include <vector>

#include "base/safe_path.h"
#include "base/text.h"
#include "kernels/apt_mirror.h"
#include "kernels/cache.h"
#include "kernels/elf_file.h"
#include "kernels/file_list.h"
#include "kernels/kernel_fetch.h"

namespace probebench::tools {
namespace {

using kernels::AptMirror;
using kernels::AptPackage;
using kernels::CacheLock;
using kernels::Progress;
using kernels::ScratchDirectory;
using kernels::TargetPaths;

constexpr const char* kToolsPart = "tools";  // of the cache
constexpr const char* kRoot = "root";
constexpr const char* kVersion = "version";
constexpr const char* kFileList = "files.list";

// Debian's names of packages whose commands are called otherwise.
constexpr auto kPackages = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"perf", "linux-perf"},
    {"biolatency", "libbpf-tools"},
    {"biosnoop", "libbpf-tools"},
    {"execsnoop", "libbpf-tools"},
    {"filelife", "libbpf-tools"},
    {"funclatency", "libbpf-tools"},
    {"opensnoop", "libbpf-tools"},
    {"runqlat", "libbpf-tools"},
    {"syscount", "libbpf-tools"},
    {"tcpconnect", "libbpf-tools"},
});

// What Debian 13 adds to the names of libbpf-tools, which BCC has, too.
constexpr std::string_view kApart = "-libbpf";

bool is_package_name(std::string_view name) {
  const auto fits = [](unsigned char c) {
    return std::islower(c) != 0 || std::isdigit(c) != 0 || c == '+' || c == '-' || c == '.';
  };
  return !name.empty() && std::isalnum(static_cast<unsigned char>(name.front())) != 0 &&
         std::ranges::all_of(name, fits);
}

std::string name_of(const ToolRequest& request) {
  return request.suite + "." + request.package;
}

// A link may lead to an alternative, but not out of the root.
std::optional<fs::path> command_in(const fs::path& root, const std::string& command) {
  std::error_code failure;
  for (const auto& name : {command, command + std::string(kApart)}) {
    for (const char* directory : {"usr/bin", "usr/sbin", "bin", "sbin"}) {
      const auto path = fs::canonical(root / directory / name, failure);
      if (failure || !path.string().starts_with(fs::canonical(root, failure).string() + "/")) continue;
      if (kernels::is_elf_file(path)) return path;
    }
  }
  return std::nullopt;
}

Result<Tool> tool_in(const fs::path& directory, const ToolRequest& request) {
  const auto root = directory / kRoot;
  const auto program = command_in(root, request.command);
  if (program) return Tool{*program, root, std::string(trimmed(TRY(read_file(directory / kVersion))))};
  return Error{
      Fault::usage,
      fmt::format("find '{}' in the package {} of {}", request.command, request.package, request.suite), 0,
      fmt::format("name the package that has it: --from {}:PACKAGE", request.suite)};
}

// Why it is not what was unpacked; empty: it is.
std::string damage_in(const fs::path& directory) {
  const auto text = read_file(directory / kFileList);
  if (!text) return "it has no list of files";
  const auto files = kernels::parse_file_list(*text);
  if (!files) return files.error().message();
  return kernels::damage_of(directory, *files, kernels::Depth::if_newer);
}

Result<bool> is_cached(const ToolRequest& request, const TargetPaths& paths, Progress& progress) {
  const auto lock = TRY(CacheLock::acquire(paths.cache, progress));
  TRY(kernels::make_part(paths.cache, kToolsPart));
  const auto relative = fs::path(kToolsPart) / name_of(request);
  std::error_code failure;
  if (!fs::exists(fs::symlink_status(paths.cache / relative, failure))) return false;
  const auto damage = damage_in(paths.cache / relative);
  if (damage.empty()) return true;
  progress.step(fmt::format("cached {} is damaged: {}; fetching it again", name_of(request), damage));
  TRY(remove_below(paths.cache, relative));
  return false;
}

Status unpack(const AptMirror& mirror, const ToolRequest& request, const fs::path& directory) {
  const auto packages = TRY(mirror.closure({request.package}));
  TRY(kernels::download_into(mirror, packages, directory / "debs", directory / kRoot));
  const auto own = std::ranges::find(packages, request.package, &AptPackage::name);
  const auto version = own == packages.end() ? std::string("?") : own->version;
  TRY(write_file_atomic(directory / kVersion,
                        fmt::format("{} {} of {}\n", request.package, version, request.suite)));
  const auto listed = TRY(kernels::list_tree(directory, {kFileList}));
  return write_file_atomic(directory / kFileList, kernels::text_of(listed));
}

Status fetch(const ToolRequest& request, const TargetPaths& paths, Progress& progress) {
  const auto host = TRY(kernels::host_sources(paths.system));
  const auto sources = TRY(kernels::derive_sources(host, {request.suite}));
  auto mirror = TRY(AptMirror::open(paths.cache, "tools-" + request.suite, sources, progress));
  auto scratch = TRY(ScratchDirectory::make(paths.cache, kToolsPart, progress));
  progress.step(fmt::format("downloading and unpacking {} of {}", request.package, request.suite));
  TRY(unpack(mirror, request, scratch.path()));
  const auto lock = TRY(CacheLock::acquire(paths.cache, progress));
  return scratch.publish_unless([](const auto& there) { return damage_in(there).empty(); }, lock,
                                name_of(request));
}

}  // namespace

std::string package_of(std::string_view command) {
  const auto found = std::ranges::find(kPackages, command, [](const auto& known) { return known.first; });
  return std::string(found == kPackages.end() ? command : found->second);
}

Result<ToolRequest> parse_from(std::string_view from, std::string_view command) {
  const auto colon = from.find(':');
  ToolRequest request{std::string(command), std::string(from.substr(0, colon)), package_of(command)};
  if (colon != std::string_view::npos) request.package = from.substr(colon + 1);
  const bool plain = command.find('/') == std::string_view::npos && !command.empty();
  if (plain && is_package_name(request.suite) && is_package_name(request.package)) return request;
  if (!plain) {
    return Error{Fault::usage, fmt::format("--from {}: '{}' is a path", from, command), 0,
                 "name the command without its directory"};
  }
  return Error{Fault::usage, fmt::format("--from {}: no suite of Debian", from), 0,
               "--from trixie, or --from trixie:PACKAGE"};
}

Result<Tool> provide_tool(const ToolRequest& request, const TargetPaths& paths, Progress& progress) {
  if (!TRY(is_cached(request, paths, progress))) {
    TRY(fetch(request, paths, progress));
  }
  return tool_in(paths.cache / kToolsPart / name_of(request), request);
}

}  // namespace probebench::tools
