// SPDX-License-Identifier: MIT
// The x86 boot image: its setup header and the ELF kernel packed inside
// (Documentation/arch/x86/boot.rst, "The Real-Mode Kernel Header").
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/file.h"
#include "kernels/kernel.h"

namespace probebench::kernels {

struct BootImage {
  std::string release;       // what uname -r will say
  std::string_view payload;  // the packed kernel, inside the text that was parsed
};

// `origin` names the image in errors. Refuses what is not an x86 bzImage, or is cut off.
Result<BootImage> parse_boot_image(std::string_view image, const std::string& origin);

// The ELF kernel of a boot image, unpacked and of the length that the image says.
Result<std::string> unpack_kernel(const BootImage& image, const std::string& origin);

// What uname -r will say of an ELF kernel: its banner has it.
Result<std::string> release_of_kernel(std::string_view elf, const std::string& origin);

// Whether QEMU can enter this ELF kernel directly (it has Xen's PHYS32_ENTRY note, CONFIG_PVH).
bool has_pvh_entry(std::string_view elf);

// Whether the bytes begin as arm64's boot image does, which is the kernel itself.
bool is_arm64_image(std::string_view image);

// The kernel's BTF in an image that has no sections.
std::optional<std::string_view> find_btf(std::string_view image);

// Unpacks the ELF kernel of `vmlinuz`, whose content is `bytes`, to `elf` (if QEMU can boot it) and sets
// image, pvh, vmlinuz, release and arch. Returns the ELF kernel; of arm64 the image.
Result<std::string> unpack_image(std::string_view bytes, const fs::path& vmlinuz, const fs::path& elf,
                                 Kernel& kernel);

}  // namespace probebench::kernels
