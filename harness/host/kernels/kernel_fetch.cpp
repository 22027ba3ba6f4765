// SPDX-License-Identifier: MIT
#include "kernels/kernel_fetch.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <functional>

#include "base/process.h"
#include "base/safe_path.h"
#include "kernels/build_tools.h"
#include "kernels/cache.h"
#include "kernels/elf_file.h"
#include "kernels/kernel_headers.h"
#include "kernels/kernel_image.h"
#include "kernels/kernel_manifest.h"

namespace probebench::kernels {
namespace {

constexpr std::chrono::seconds kUnpackDeadline{300};

std::vector<fs::path> files_in(const fs::path& directory) {
  std::vector<fs::path> files;
  std::error_code failure;
  for (const auto& entry : fs::directory_iterator(directory, failure)) files.push_back(entry.path());
  std::ranges::sort(files);
  return files;
}

Status unpack_package(const fs::path& package, const fs::path& root) {
  const auto done = TRY(run_command({{"dpkg-deb", "-x", package.string(), root.string()}}, kUnpackDeadline));
  if (done.exit_code == 0) return Done{};
  const std::string what = "unpack " + package.filename().string();
  if (done.output.find("No space left on device") != std::string::npos) {
    return filesystem_error(what, std::error_code(ENOSPC, std::generic_category()));
  }
  return Error{Fault::infra, what + ": " + apt_complaint(done.output), 0, {}};
}

Status unpack_packages(const std::vector<fs::path>& debs, const fs::path& root) {
  TRY(make_directories(root));
  for (const auto& package : debs) {
    TRY(unpack_package(package, root));
  }
  return Done{};
}

Status unpack_kept(const KeptPackages& kept, const fs::path& root) {
  std::vector<fs::path> debs;
  for (const auto& file : kept.files) debs.push_back(kept.directory / file.path);
  return unpack_packages(debs, root);
}

// Downloads the packages into the store's set of that name, unless it has them. A damaged one is replaced.
Result<KeptPackages> kept_or_downloaded(const AptMirror& mirror, const std::vector<AptPackage>& packages,
                                        const KernelPackages& of, const std::string& name,
                                        const fs::path& store, Progress& progress) {
  const auto kept = find_kept(store, name);
  if (kept && *kept) return **kept;
  if (!kept) progress.step(kept.error().message());
  auto scratch = TRY(ScratchDirectory::make(store, kKeptPart, progress));
  TRY(mirror.download(packages, scratch.path()));
  TRY(describe_packages(scratch.path(), of.release, of.version));
  {
    const auto lock = TRY(CacheLock::acquire(store, progress));
    TRY(scratch.publish_unless([](const auto& there) { return read_packages(there).ok(); }, lock, name));
  }
  return read_packages(store / kKeptPart / name);
}

// What the build tools of a kernel run with where they do not as they are: another set of packages.
std::string tools_name(const std::string& release, const std::string& version) {
  return kept_name(release, version) + kToolsSuffix;
}

using Tools = std::function<Result<KeptPackages>()>;

// From Linux 7 on the image lies with the kernel's own modules, which are of no use to us.
Status keep_image(const fs::path& root, const std::string& release) {
  const fs::path image = root / "boot" / ("vmlinuz-" + release);
  std::error_code failure;
  for (const char* name : {"usr/lib/modules", "lib/modules"}) {
    const fs::path modules = root / name;
    if (!fs::exists(image, failure) && fs::exists(modules / release / "vmlinuz", failure)) {
      TRY(make_directories(image.parent_path()));
      fs::rename(modules / release / "vmlinuz", image, failure);
      if (failure) return filesystem_error("keep " + image.string(), failure);
    }
    static_cast<void>(remove_below(root, name));  // they only take space
  }
  return Done{};
}

// Build tools of a newer suite than this machine's get that suite's libraries.
Status provide_tools(const fs::path& root, const Tools& tools) {
  const auto run = TRY(tools_run_here(root));
  if (run) return Done{};
  const auto more = TRY(tools());
  TRY(unpack_kept(more, root));
  return wrap_tools(root);
}

// Debian's headers have the kernel's BTF from 6.12 on. Before, it is in the image; pahole takes it raw.
Status provide_btf(const fs::path& headers, std::string_view elf) {
  std::error_code failure;
  if (fs::exists(headers / "vmlinux", failure)) return Done{};
  const auto btf = is_arm64_image(elf) ? find_btf(elf) : elf_section(elf, ".BTF");
  return btf ? write_file_atomic(headers / "vmlinux", *btf) : Done{};
}

Status assemble(const fs::path& directory, const KeptPackages& packages) {
  const fs::path root = directory / "root";
  Kernel kernel;
  kernel.package_version = packages.version;
  const fs::path vmlinuz = root / "boot" / ("vmlinuz-" + packages.release);
  const auto bytes = TRY(read_file(vmlinuz));
  const auto image = TRY(unpack_image(bytes, vmlinuz, directory / "vmlinux", kernel));
  kernel.headers = root / "usr/src" / ("linux-headers-" + packages.release);
  TRY(check_headers(kernel.headers, kernel.release));
  TRY(provide_btf(kernel.headers, image));
  const fs::path config = root / "boot" / ("config-" + packages.release);
  if (fs::exists(config)) kernel.config = config;
  return write_manifest(directory, kernel);
}

// Another run may have fetched the same one meanwhile, and use it by now: then this one is dropped.
Status publish(ScratchDirectory& scratch, const KeptPackages& packages, Progress& progress) {
  const auto lock = TRY(CacheLock::acquire(scratch.cache(), progress));
  if (cached_kernel(scratch.cache(), packages.release, packages.version, progress)) return Done{};
  std::error_code none;
  const bool taken = fs::exists(scratch.cache() / kKernelsPart / packages.release, none);
  return scratch.publish(lock, taken ? packages.release + "@" + packages.version : packages.release);
}

Status make_kernel(const KeptPackages& kept, const Tools& tools, const fs::path& cache, Progress& progress) {
  auto scratch = TRY(ScratchDirectory::make(cache, kKernelsPart, progress));
  const fs::path root = scratch.path() / "root";
  TRY(unpack_kept(kept, root));
  TRY(keep_image(root, kept.release));
  TRY(provide_tools(root, tools));
  TRY(assemble(scratch.path(), kept));
  return publish(scratch, kept, progress);
}

}  // namespace

Status download_into(const AptMirror& mirror, const std::vector<AptPackage>& packages, const fs::path& debs,
                     const fs::path& root) {
  TRY(make_directories(debs));
  TRY(mirror.download(packages, debs));
  TRY(unpack_packages(files_in(debs), root));
  return remove_below(debs.parent_path(), debs.filename());
}

Result<KeptPackages> keep_packages(const AptMirror& mirror, const KernelPackages& packages,
                                   const TargetPaths& paths, Progress& progress) {
  progress.step("downloading kernel " + packages.release);
  return kept_or_downloaded(mirror, packages.packages, packages,
                            kept_name(packages.release, packages.version), paths.store(), progress);
}

Status fetch_kernel(const AptMirror& mirror, const KernelPackages& packages, const TargetPaths& paths,
                    Progress& progress) {
  const auto kept = TRY(keep_packages(mirror, packages, paths, progress));
  const auto tools = [&]() -> Result<KeptPackages> {
    const auto more = TRY(tool_packages(mirror, packages));
    progress.step("downloading what the build tools of " + packages.release + " run with");
    return kept_or_downloaded(mirror, more, packages, tools_name(packages.release, packages.version),
                              paths.store(), progress);
  };
  return make_kernel(kept, tools, paths.cache, progress);
}

Status unpack_kernel(const KeptPackages& kept, const TargetPaths& paths, Progress& progress) {
  const auto tools = [&]() -> Result<KeptPackages> {
    auto more = TRY(find_kept(paths.store(), tools_name(kept.release, kept.version)));
    if (more) return *more;
    return Error{Fault::infra,
                 fmt::format("use the kept packages of {}: its build tools need a newer C library than this "
                             "machine has, and those packages are not kept",
                             kept.release),
                 0, "export the kernel on a machine like this one"};
  };
  progress.step("unpacking kernel " + kept.release);
  return make_kernel(kept, tools, paths.cache, progress);
}

std::optional<Kernel> cached_kernel(const fs::path& cache, const std::string& release,
                                    const std::string& version, Progress& progress) {
  for (const auto& name : {release, release + "@" + version}) {
    auto kernel = cached_directory(cache, name, progress);
    if (kernel && kernel->package_version == version) return kernel;
  }
  return std::nullopt;
}

std::optional<Kernel> cached_directory(const fs::path& cache, const std::string& name, Progress& progress) {
  std::error_code failure;
  const auto directory = cache / kKernelsPart / name;
  if (!fs::exists(fs::symlink_status(directory, failure))) return std::nullopt;
  auto kernel = read_manifest(directory);
  if (kernel) return *kernel;
  progress.step(kernel.error().message() + "; fetching it again");
  const auto removed = remove_below(cache, fs::path(kKernelsPart) / name);
  if (!removed) progress.step(removed.error().message());
  return std::nullopt;
}

}  // namespace probebench::kernels
