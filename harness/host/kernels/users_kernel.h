// SPDX-License-Identifier: MIT
// What a path means that names a kernel: the forms in which people have kernels.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kernels/kernel.h"
#include "kernels/progress.h"

namespace probebench::kernels {

// Whether `name` is a path rather than a name of the catalog.
bool is_kernel_path(std::string_view name);

// A usage error where nothing is there.
Status check_kernel_path(const fs::path& path);

// The kernels that a path names: itself, or the images of a folder that is no build tree, sorted.
std::vector<std::string> kernels_at(const std::string& path);

// A kernel by path. `path` is one of
//   an image          bzImage or vmlinuz, or an ELF vmlinux that QEMU can enter
//   a build tree      or the O= directory of one: arch/x86/boot/bzImage
//   an installed one  a folder like /lib/modules/R, with vmlinuz and build
//   a root            what a package or `make tarxz-pkg` unpacks to, with one vmlinuz in boot or lib/modules
//   a package         .deb or .rpm
//
// `headers` is where modules are built for it: a directory, or a package with one; empty: a build tree is
// that itself, for others it is looked for beside the image, then on the running system. Without any,
// Kernel::headers is empty and Kernel::note says where it was looked for.
Result<Kernel> kernel_by_path(const fs::path& path, const fs::path& headers, const fs::path& cache,
                              Progress& progress);

// The one that runs here, with the headers that are installed for it. Without any, Kernel::note says so.
Kernel running_kernel(const std::string& release);
// As uname(2) has it.
std::string running_release();

}  // namespace probebench::kernels
