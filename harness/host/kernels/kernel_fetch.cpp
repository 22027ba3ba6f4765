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
  const auto done = run_command({{"dpkg-deb", "-x", package.string(), root.string()}}, kUnpackDeadline);
  if (!done) return done.error();
  if (done->exit_code == 0) return Done{};
  const std::string what = "unpack " + package.filename().string();
  if (done->output.find("No space left on device") != std::string::npos) {
    return filesystem_error(what, std::error_code(ENOSPC, std::generic_category()));
  }
  return Error{Fault::infra, what + ": " + apt_complaint(done->output), 0, {}};
}

Status unpack_packages(const fs::path& debs, const fs::path& root) {
  if (auto made = make_directories(root); !made) return made;
  for (const auto& package : files_in(debs)) {
    if (auto unpacked = unpack_package(package, root); !unpacked) return unpacked;
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
      if (auto made = make_directories(image.parent_path()); !made) return made;
      fs::rename(modules / release / "vmlinuz", image, failure);
      if (failure) return filesystem_error("keep " + image.string(), failure);
    }
    static_cast<void>(remove_below(root, name));  // they only take space
  }
  return Done{};
}

Status download_into(const AptMirror& mirror, const std::vector<AptPackage>& packages, const fs::path& debs,
                     const fs::path& root) {
  if (auto made = make_directories(debs); !made) return made;
  if (auto done = mirror.download(packages, debs); !done) return done;
  return unpack_packages(debs, root);
}

// Build tools of a newer suite than this machine's get that suite's libraries.
Status provide_tools(const AptMirror& mirror, const KernelPackages& packages, const fs::path& scratch,
                     Progress& progress) {
  const fs::path root = scratch / "root";
  const auto run = tools_run_here(root);
  if (!run) return run.error();
  if (*run) return Done{};
  const auto more = tool_packages(mirror, packages);
  if (!more) return more.error();
  progress.step("downloading what the build tools of " + packages.release + " run with");
  if (auto done = download_into(mirror, *more, scratch / "debs", root); !done) return done;
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
  auto image = unpack_image(root / "boot" / ("vmlinuz-" + packages.release), directory / "vmlinux", kernel);
  if (!image) return image.error();
  kernel.headers = root / "usr/src" / ("linux-headers-" + packages.release);
  if (auto good = check_headers(kernel.headers, kernel.release); !good) return good;
  if (auto done = provide_btf(kernel.headers, *image); !done) return done;
  const fs::path config = root / "boot" / ("config-" + packages.release);
  if (fs::exists(config)) kernel.config = config;
  return write_manifest(directory, kernel);
}

// The lock is not held any longer than that: what follows waits for the network.
Result<ScratchDirectory> scratch_for_kernel(const fs::path& cache, Progress& progress) {
  const auto lock = CacheLock::acquire(cache, progress);
  if (!lock) return lock.error();
  return ScratchDirectory::make(*lock, kKernelsPart);
}

// Another run may have fetched the same one meanwhile, and use it by now: then this one is dropped.
Status publish(ScratchDirectory& scratch, const std::string& release, Progress& progress) {
  const auto lock = CacheLock::acquire(scratch.cache(), progress);
  if (!lock) return lock.error();
  if (read_manifest(scratch.cache() / kKernelsPart / release)) return Done{};
  return scratch.publish(*lock, release);
}

}  // namespace

Result<std::string> unpack_image(const fs::path& vmlinuz, const fs::path& elf, Kernel& kernel) {
  const auto bytes = read_file(vmlinuz);
  if (!bytes) return bytes.error();
  const auto image = parse_boot_image(*bytes, vmlinuz.string());
  if (!image) return image.error();
  auto unpacked = unpack_kernel(*image, vmlinuz.string());
  if (!unpacked) return unpacked;
  kernel.release = image->release;
  kernel.vmlinuz = vmlinuz;
  kernel.pvh = has_pvh_entry(*unpacked);
  kernel.image = kernel.pvh ? elf : vmlinuz;
  if (!kernel.pvh) return unpacked;
  if (auto put = write_file_atomic(elf, *unpacked); !put) return put.error();
  return unpacked;
}

Status fetch_kernel(const AptMirror& mirror, const KernelPackages& packages, const fs::path& cache,
                    Progress& progress) {
  auto scratch = scratch_for_kernel(cache, progress);
  if (!scratch) return scratch.error();
  const fs::path root = scratch->path() / "root";
  progress.step("downloading and unpacking kernel " + packages.release);
  if (auto done = download_into(mirror, packages.packages, scratch->path() / "debs", root); !done)
    return done;
  if (auto done = keep_image(root, packages.release); !done) return done;
  if (auto done = provide_tools(mirror, packages, scratch->path(), progress); !done) return done;
  if (auto done = assemble(scratch->path(), packages); !done) return done;
  return publish(*scratch, packages.release, progress);
}

}  // namespace probebench::kernels
