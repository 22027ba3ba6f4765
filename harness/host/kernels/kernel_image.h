// SPDX-License-Identifier: MIT
// The x86 boot image: its setup header and the ELF kernel packed inside
// (Documentation/arch/x86/boot.rst, "The Real-Mode Kernel Header").
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/file.h"

namespace probebench::kernels {

struct BootImage {
  std::string release;       // what uname -r will say
  std::string_view payload;  // the packed kernel, inside the text that was parsed
};

// `origin` names the image in errors. Refuses what is not an x86 bzImage, or is cut off.
Result<BootImage> parse_boot_image(std::string_view image, const std::string& origin);

// The ELF kernel of a boot image, unpacked and of the length that the image says.
Result<std::string> unpack_kernel(const BootImage& image, const std::string& origin);

// Whether QEMU can enter this ELF kernel directly (it has Xen's PHYS32_ENTRY note, CONFIG_PVH).
bool has_pvh_entry(std::string_view elf);

}  // namespace probebench::kernels
