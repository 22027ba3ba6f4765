// SPDX-License-Identifier: MIT
#include "kernels/kernel_fetch.h"

#include <algorithm>
#include <chrono>

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

Status unpack_packages(const fs::path& debs, const fs::path& root) {
  TRY(make_directories(root));
  for (const auto& package : files_in(debs)) {
    TRY(unpack_package(package, root));
  }
  return remove_below(debs.parent_path(), debs.filename());
}

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
Status provide_tools(const AptMirror& mirror, const KernelPackages& packages, const fs::path& scratch,
                     Progress& progress) {
  const fs::path root = scratch / "root";
  const auto run = TRY(tools_run_here(root));
  if (run) return Done{};
  const auto more = TRY(tool_packages(mirror, packages));
  progress.step("downloading what the build tools of " + packages.release + " run with");
  TRY(download_into(mirror, more, scratch / "debs", root));
  return wrap_tools(root);
}

// Debian's headers have the kernel's BTF from 6.12 on. Before, it is in the image; pahole takes it raw.
Status provide_btf(const fs::path& headers, std::string_view elf) {
  std::error_code failure;
  if (fs::exists(headers / "vmlinux", failure)) return Done{};
  const auto btf = elf_section(elf, ".BTF");
  return btf ? write_file_atomic(headers / "vmlinux", *btf) : Done{};
}

Status assemble(const fs::path& directory, const KernelPackages& packages) {
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

// The lock is not held any longer than that: what follows waits for the network.
Result<ScratchDirectory> scratch_for_kernel(const fs::path& cache, Progress& progress) {
  const auto lock = TRY(CacheLock::acquire(cache, progress));
  return ScratchDirectory::make(lock, kKernelsPart);
}

// Another run may have fetched the same one meanwhile, and use it by now: then this one is dropped.
Status publish(ScratchDirectory& scratch, const std::string& release, Progress& progress) {
  const auto lock = TRY(CacheLock::acquire(scratch.cache(), progress));
  if (read_manifest(scratch.cache() / kKernelsPart / release)) return Done{};
  return scratch.publish(lock, release);
}

}  // namespace

Status download_into(const AptMirror& mirror, const std::vector<AptPackage>& packages, const fs::path& debs,
                     const fs::path& root) {
  TRY(make_directories(debs));
  TRY(mirror.download(packages, debs));
  return unpack_packages(debs, root);
}

Status fetch_kernel(const AptMirror& mirror, const KernelPackages& packages, const fs::path& cache,
                    Progress& progress) {
  auto scratch = TRY(scratch_for_kernel(cache, progress));
  const fs::path root = scratch.path() / "root";
  progress.step("downloading and unpacking kernel " + packages.release);
  TRY(download_into(mirror, packages.packages, scratch.path() / "debs", root));
  TRY(keep_image(root, packages.release));
  TRY(provide_tools(mirror, packages, scratch.path(), progress));
  TRY(assemble(scratch.path(), packages));
  return publish(scratch, packages.release, progress);
}

}  // namespace probebench::kernels
