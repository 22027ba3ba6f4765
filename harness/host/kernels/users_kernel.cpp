// SPDX-License-Identifier: MIT
#include "kernels/users_kernel.h"

#include <elf.h>
#include <fmt/format.h>
#include <sys/utsname.h>

#include <algorithm>
#include <cerrno>

#include "base/digest.h"
#include "kernels/cache.h"
#include "kernels/kernel_headers.h"
#include "kernels/kernel_image.h"
#include "kernels/package_files.h"

namespace probebench::kernels {
namespace {

constexpr const char* kTreeImage = "arch/x86/boot/bzImage";
constexpr const char* kTreeImageArm64 = "arch/arm64/boot/Image";
constexpr const char* kBuilt = "include/generated/utsrelease.h";  // a kernel was built in its directory

bool is_folder(const fs::path& path) {
  std::error_code none;
  return fs::is_directory(path, none);
}

bool is_file(const fs::path& path) {
  std::error_code none;
  return fs::is_regular_file(path, none);
}

bool is_image_name(std::string_view name) {
  return name.starts_with("vmlinuz") || name.starts_with("bzImage") || name == "Image";
}

// Sorted. Names of images lie beside others in /boot.
std::vector<fs::path> images_in(const fs::path& folder) {
  std::vector<fs::path> images;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(folder, none)) {
    if (is_image_name(entry.path().filename().string()) && is_file(entry.path()))
      images.push_back(entry.path());
  }
  std::ranges::sort(images);
  return images;
}

std::vector<fs::path> images_below(const fs::path& root) {
  auto images = images_in(root / "boot");
  for (const char* modules : {"lib/modules", "usr/lib/modules"}) {
    std::error_code none;
    if (!images.empty() || fs::is_symlink(root / fs::path(modules).parent_path(), none)) continue;
    for (const auto& entry : fs::directory_iterator(root / modules, none)) {
      if (is_file(entry.path() / "vmlinuz")) images.push_back(entry.path() / "vmlinuz");
    }
  }
  std::ranges::sort(images);
  return images;
}

bool is_build_tree(const fs::path& folder) {
  return is_file(folder / "Makefile") || is_file(folder / "Kbuild");
}

Result<fs::path> image_of_folder(const fs::path& folder) {
  for (const char* image : {kTreeImage, kTreeImageArm64}) {
    if (is_file(folder / image)) return folder / image;
  }
  if (is_file(folder / "vmlinuz")) return folder / "vmlinuz";
  if (is_build_tree(folder)) {
    return Error{Fault::infra,
                 fmt::format("use kernel build tree {}: it has no {}", folder.string(), kTreeImage), 0,
                 "build the kernel there first (make), or give the path of a vmlinuz"};
  }
  auto images = images_in(folder);
  if (images.empty()) images = images_below(folder);
  if (images.size() == 1) return images.front();
  std::string problem = "no kernel is in it";
  for (const auto& image : images) {
    problem = (&image == &images.front() ? "give one of " : problem + ", ") + image.string();
  }
  return Error{Fault::infra, fmt::format("use kernel {}: {}", folder.string(), problem), 0,
               "give a vmlinuz, a build tree, a folder of images, or a .deb or .rpm"};
}

// A link of an installed kernel leads to where it was installed, which may be below another root by now.
fs::path followed(const fs::path& directory, const fs::path& root) {
  std::error_code none;
  if (is_folder(directory) || !fs::is_symlink(fs::symlink_status(directory, none))) return directory;
  const auto target = fs::read_symlink(directory, none);
  return target.is_absolute() ? root / target.relative_path() : directory;
}

// The tree that the image lies in, and where distributions put what modules are built in; nearest first.
std::vector<fs::path> places_of_headers(const fs::path& image, const std::string& release) {
  std::vector<fs::path> places{image.parent_path() / "build"};
  auto root = image.parent_path();
  for (int level = 0; level < 5; ++level) {
    if (is_file(root / kBuilt)) places.push_back(root);
    for (const auto& place : {"lib/modules/" + release + "/build", "usr/lib/modules/" + release + "/build",
                              "usr/src/linux-headers-" + release, "usr/src/kernels/" + release}) {
      places.push_back(followed(root / place, root));
    }
    if (root == root.parent_path()) break;
    root = root.parent_path();
  }
  places.push_back(fs::path("/lib/modules") / release / "build");
  return places;
}

// Those that fit the kernel; empty: there are none, and `note` says so.
fs::path found_headers(const fs::path& image, const std::string& release, std::string& note) {
  for (const auto& place : places_of_headers(image, release)) {
    if (!is_folder(place)) continue;
    const auto fit = check_headers(place, release);
    if (fit) return fs::absolute(place);
    note = fit.error().message();
  }
  if (note.empty()) {
    note = fmt::format("no headers for {} lie beside {} or in /lib/modules", release, image.string());
  }
  note += "; rows of the helper module are left out: give --headers";
  return {};
}

Result<fs::path> headers_given(const fs::path& headers, const std::string& release, const fs::path& cache,
                               Progress& progress) {
  if (!is_package(headers)) {
    TRY(check_headers(headers, release));
    auto named = fs::absolute(headers);
    // make takes no path with a blank: a link in one may lead to a place without.
    std::error_code gone;
    return named.string().find(' ') == std::string::npos ? named : fs::weakly_canonical(named, gone);
  }
  const auto root = TRY(unpacked_package(headers, cache, progress));
  for (const auto& place : places_of_headers(root / "boot/vmlinuz", release)) {
    if (place.string().starts_with(root.string()) && check_headers(place, release)) return place;
  }
  return Error{Fault::infra,
               fmt::format("use kernel headers {}: none in it are for {}", headers.string(), release), 0,
               "give the package of the same kernel"};
}

Status enter_directly(std::string_view elf, const fs::path& image, Kernel& kernel) {
  kernel.release = TRY(release_of_kernel(elf, image.string()));
  kernel.vmlinuz = kernel.image = image;
  kernel.pvh = has_pvh_entry(elf);
  if (kernel.pvh) return Done{};
  return Error{Fault::infra, fmt::format("boot {}: it has no PVH entry (CONFIG_PVH=n)", image.string()), 0,
               "give the bzImage of the same build"};
}

// Unpacked anew every time: the file may have changed since. A developer's kernel is another after each
// build, so those of yesterday are nobody's.
Status take_image(const fs::path& image, const fs::path& cache, Kernel& kernel) {
  const auto bytes = read_file(image);
  if (!bytes)
    return Error{Fault::infra, "read kernel image " + image.string(), bytes.error().err,
                 "give a readable vmlinuz"};
  kernel.digest = sha256_text(*bytes);
  if (bytes->starts_with(ELFMAG)) return enter_directly(*bytes, fs::absolute(image), kernel);
  const fs::path images = cache / "images";
  TRY(open_cache(cache));
  TRY(make_part(cache, images.filename()));
  TRY(remove_unused(cache, images.filename(), std::chrono::hours(24)));
  TRY(unpack_image(*bytes, fs::absolute(image), images / (kernel.digest.substr(0, 16) + ".elf"), kernel));
  return Done{};
}

}  // namespace

bool is_kernel_path(std::string_view name) {
  return name.find('/') != std::string_view::npos;
}

std::vector<std::string> kernels_at(const std::string& path) {
  if (!is_folder(path) || is_build_tree(path) || is_file(fs::path(path) / kTreeImage)) return {path};
  std::vector<std::string> all;
  for (const auto& image : images_in(path)) all.push_back(image.string());
  const bool installed = all.size() == 1 && is_file(fs::path(path) / "vmlinuz");
  return all.empty() || installed ? std::vector{path} : all;
}

Kernel running_kernel(const std::string& release) {
  Kernel kernel;
  kernel.name = "native";
  kernel.release = release;
  kernel.vmlinuz = kernel.image = "/boot/vmlinuz-" + release;
  std::error_code failure;
  if (const fs::path btf = "/sys/kernel/btf/vmlinux"; fs::exists(btf, failure)) kernel.btf = btf;
  kernel.headers = found_headers(kernel.image, release, kernel.note);
  if (kernel.headers.empty()) {
    kernel.note = "no headers for " + release + " are installed";
  } else {
    kernel.config = headers_config(kernel.headers);
  }
  return kernel;
}

Status check_kernel_path(const fs::path& path) {
  std::error_code error;
  if (fs::exists(path, error)) return Done{};
  const int err = error ? error.value() : ENOENT;
  return Error{Fault::usage, "kernel " + path.string(), err,
               "name an image, a build tree, a package or a folder of images; docs/kernel-developers.md"};
}

Result<Kernel> kernel_by_path(const fs::path& path, const fs::path& headers, const fs::path& cache,
                              Progress& progress) {
  TRY(check_kernel_path(path));
  fs::path place = fs::absolute(path);  // make is run elsewhere, and headers are looked for above it
  if (is_package(path)) place = TRY(unpacked_package(path, cache, progress));
  const fs::path image = is_folder(place) ? TRY(image_of_folder(place)) : place;
  Kernel kernel;
  TRY(take_image(image, cache, kernel));
  if (!headers.empty()) {
    kernel.headers = TRY(headers_given(headers, kernel.release, cache, progress));
  } else if (is_folder(place) && is_build_tree(place)) {
    TRY(check_headers(place, kernel.release));
    kernel.headers = place;
  } else {
    kernel.headers = found_headers(image, kernel.release, kernel.note);
  }
  if (!kernel.headers.empty()) kernel.config = headers_config(kernel.headers);
  return kernel;
}

std::string running_release() {
  utsname names{};
  return ::uname(&names) == 0 ? names.release : "";
}

}  // namespace probebench::kernels
