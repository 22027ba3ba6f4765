// SPDX-License-Identifier: MIT
#include "tools/sysroot_store.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/digest.h"
#include "base/safe_path.h"
#include "kernels/apt_mirror.h"
#include "kernels/cache.h"
#include "kernels/kernel_fetch.h"

namespace probebench::tools {
namespace {

using kernels::AptMirror;
using kernels::CacheLock;
using kernels::filesystem_error;
using kernels::ScratchDirectory;

constexpr const char* kSysrootsPart = "sysroots";  // of the cache
constexpr const char* kSysrootRoot = "root";

// A link of a development package leads to "/lib/...", which is the machine's own file. Made relative, it
// leads to the sysroot's.
Status make_links_relative(const fs::path& root) {
  std::error_code failure;
  for (const auto& entry : fs::recursive_directory_iterator(root, failure)) {
    if (!entry.is_symlink()) continue;
    const auto target = fs::read_symlink(entry.path(), failure);
    if (failure || !target.is_absolute()) continue;
    const auto relative = (root / target.relative_path()).lexically_relative(entry.path().parent_path());
    fs::remove(entry.path(), failure);
    fs::create_symlink(relative, entry.path(), failure);
    if (failure) return filesystem_error("keep the link " + entry.path().string(), failure);
  }
  return Done{};
}

Status fetch_sysroot(ArchId arch, const std::vector<std::string>& packages, const fs::path& directory,
                     const kernels::TargetPaths& paths, kernels::Progress& progress) {
  const auto host = TRY(kernels::host_sources(paths.system));
  const auto lists = fmt::format("host-{}", info_of(arch).name);
  auto mirror = TRY(AptMirror::open(paths.cache, lists, host, progress, arch));
  const auto all = TRY(mirror.closure(packages));
  progress.step(fmt::format("downloading and unpacking {} packages of {}", all.size(), info_of(arch).name));
  TRY(kernels::download_into(mirror, all, directory / "debs", directory / kSysrootRoot));
  TRY(make_links_relative(directory / kSysrootRoot));
  return mirror.keep();
}

}  // namespace

Result<fs::path> provide_sysroot(ArchId arch, const std::vector<std::string>& packages,
                                 const kernels::TargetPaths& paths, kernels::Progress& progress) {
  const auto name = fmt::format("{}-{}", info_of(arch).name,
                                sha256_text(fmt::format("{}", fmt::join(packages, " "))).substr(0, 12));
  const auto place = paths.cache / kSysrootsPart / name / kSysrootRoot;
  {
    const auto lock = TRY(CacheLock::acquire(paths.cache, progress));
    TRY(kernels::make_part(paths.cache, kSysrootsPart));
    std::error_code none;
    if (fs::is_directory(place, none)) return place;
  }
  auto scratch = TRY(ScratchDirectory::make(paths.cache, kSysrootsPart, progress));
  TRY(fetch_sysroot(arch, packages, scratch.path(), paths, progress));
  const auto lock = TRY(CacheLock::acquire(paths.cache, progress));
  TRY(scratch.publish_unless([](const auto& there) { return fs::is_directory(there / kSysrootRoot); }, lock,
                             name));
  return place;
}

}  // namespace probebench::tools
