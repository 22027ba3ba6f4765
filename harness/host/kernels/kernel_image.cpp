// SPDX-License-Identifier: MIT
#include "kernels/kernel_image.h"

#include <elf.h>

#include "base/archive_handle.h"
#include "base/load.h"
#include "base/safe_path.h"
#include "kernels/elf_file.h"

namespace probebench::kernels {
namespace {

constexpr std::size_t kSetupSectors = 0x1f1;
constexpr std::size_t kBootFlag = 0x1fe;
constexpr std::size_t kHeaderMagic = 0x202;
constexpr std::size_t kProtocol = 0x206;
constexpr std::size_t kVersionOffset = 0x20e;
constexpr std::size_t kPayloadOffset = 0x248;
constexpr std::size_t kPayloadLength = 0x24c;
constexpr std::size_t kHeaderEnd = 0x250;
constexpr std::uint16_t kProtocolWithPayload = 0x0208;
constexpr std::uint32_t kXenPhys32Entry = 18;  // XEN_ELFNOTE_PHYS32_ENTRY
constexpr std::size_t kArm64Magic = 0x38;      // Documentation/arch/arm64/booting.rst
constexpr std::uint32_t kLeastBtf = 100'000;   // a kernel's has millions of bytes

// Of struct btf_header, behind its first eight bytes.
struct BtfSizes {
  std::uint32_t type_offset;
  std::uint32_t type_length;
  std::uint32_t string_offset;
  std::uint32_t string_length;
};

Error image_error(const std::string& origin, const std::string& problem) {
  return {Fault::infra, "read kernel image " + origin + ": " + problem, 0,
          "give an x86-64 vmlinuz (bzImage), or with --arch arm64 an Image"};
}

// "6.1.0-56-cloud-amd64 (debian-kernel@...) #1 SMP ..." up to the first space.
std::string release_of(std::string_view image) {
  const std::size_t at = 0x200u + *load<std::uint16_t>(image, kVersionOffset);
  if (at == 0x200u || at >= image.size()) return {};
  const auto text = image.substr(at, 64);
  return std::string(text.substr(0, text.find_first_of(std::string_view(" \0", 2))));
}

Result<std::string> inflate(archive* reader, std::size_t size, const std::string& origin) {
  archive_entry* entry = nullptr;
  if (archive_read_next_header(reader, &entry) != ARCHIVE_OK) {
    return image_error(origin, std::string("cannot unpack it: ") + archive_error_string(reader));
  }
  std::string kernel(size, '\0');
  std::size_t filled = 0;
  while (filled < size) {
    const la_ssize_t got = archive_read_data(reader, kernel.data() + filled, size - filled);
    if (got <= 0) break;
    filled += static_cast<std::size_t>(got);
  }
  if (filled == size) return kernel;
  return image_error(origin, "the packed kernel is damaged or cut off");
}

}  // namespace

Result<BootImage> parse_boot_image(std::string_view image, const std::string& origin) {
  if (image.size() < kHeaderEnd) return image_error(origin, "it is too short for a kernel");
  if (load<std::uint16_t>(image, kBootFlag) != 0xaa55 || image.substr(kHeaderMagic, 4) != "HdrS") {
    if (image.starts_with(ELFMAG)) {
      return image_error(origin,
                         "it is an ELF vmlinux, not what boots: name arch/x86/boot/bzImage of its tree");
    }
    return image_error(origin, "it is not a kernel");
  }
  if (*load<std::uint16_t>(image, kProtocol) < kProtocolWithPayload) {
    return image_error(origin, "its boot protocol is older than 2.08");
  }
  const auto sectors = static_cast<std::uint8_t>(image[kSetupSectors]);
  const std::size_t begin =
      ((sectors == 0 ? 4u : sectors) + 1u) * 512u + *load<std::uint32_t>(image, kPayloadOffset);
  const std::size_t length = *load<std::uint32_t>(image, kPayloadLength);
  if (length < 8 || begin > image.size() || image.size() - begin < length) {
    return image_error(origin, "it is cut off");
  }
  BootImage parsed{release_of(image), image.substr(begin, length)};
  if (parsed.release.empty()) return image_error(origin, "it does not name its release");
  if (const auto name = file_name_of(parsed.release, "its release"); !name) {
    return image_error(origin, name.error().message());
  }
  return parsed;
}

Result<std::string> unpack_kernel(const BootImage& image, const std::string& origin) {
  // Every packer of the kernel build ends its output with the unpacked size, little endian: gzip by its
  // format; for the others scripts/Makefile.lib appends it (size_append), and libarchive's zstd reader would
  // take that for another frame.
  constexpr std::uint32_t kLargestKernel = 512u << 20;
  constexpr std::string_view kGzip = "\x1f\x8b";
  const auto size = *load<std::uint32_t>(image.payload, image.payload.size() - 4);
  if (size < 4096 || size > kLargestKernel) return image_error(origin, "the packed kernel has no valid size");
  const auto packed =
      image.payload.starts_with(kGzip) ? image.payload : image.payload.substr(0, image.payload.size() - 4);
  const ReaderHandle reader(archive_read_new());
  archive_read_support_filter_all(reader.get());
  archive_read_support_format_raw(reader.get());
  if (archive_read_open_memory(reader.get(), packed.data(), packed.size()) != ARCHIVE_OK) {
    return image_error(origin, std::string("cannot unpack it: ") + archive_error_string(reader.get()));
  }
  auto kernel = inflate(reader.get(), size, origin);
  if (kernel && !kernel->starts_with(ELFMAG))
    return image_error(origin, "what is packed in it is no ELF file");
  return kernel;
}

Result<std::string> release_of_kernel(std::string_view elf, const std::string& origin) {
  constexpr std::string_view kBanner = "Linux version ";
  const auto at = elf.find(kBanner);
  if (at == std::string_view::npos) return image_error(origin, "it is an ELF file, but no kernel");
  const auto text = elf.substr(at + kBanner.size(), 64);
  const auto release = file_name_of(text.substr(0, text.find(' ')), "its release");
  return release ? release : image_error(origin, release.error().message());
}

bool is_arm64_image(std::string_view image) {
  return image.size() > kArm64Magic + 4 && image.substr(kArm64Magic, 4) == "ARM\x64";
}

std::optional<std::string_view> find_btf(std::string_view image) {
  constexpr std::string_view kMagic("\x9f\xeb\x01\x00\x18\x00\x00\x00",
                                    8);  // magic, version 1, 24 bytes of header
  for (auto at = image.find(kMagic); at != std::string_view::npos; at = image.find(kMagic, at + 1)) {
    const auto header = load<BtfSizes>(image, at + kMagic.size());
    if (!header || header->type_offset != 0 || header->string_offset != header->type_length) continue;
    const auto size = std::size_t{24} + header->string_offset + header->string_length;
    if (header->type_length > kLeastBtf && size <= image.size() - at) return image.substr(at, size);
  }
  return std::nullopt;
}

// It is not packed, and QEMU boots it as it is.
Result<std::string> take_arm64_image(std::string_view bytes, const fs::path& vmlinuz, Kernel& kernel) {
  kernel.release = TRY(release_of_kernel(bytes, vmlinuz.string()));
  kernel.arch = ArchId::arm64;
  kernel.vmlinuz = kernel.image = vmlinuz;
  return std::string(bytes);
}

Result<std::string> unpack_image(std::string_view bytes, const fs::path& vmlinuz, const fs::path& elf,
                                 Kernel& kernel) {
  if (is_arm64_image(bytes)) return take_arm64_image(bytes, vmlinuz, kernel);
  const auto image = TRY(parse_boot_image(bytes, vmlinuz.string()));
  auto unpacked = unpack_kernel(image, vmlinuz.string());
  if (!unpacked) return unpacked;
  kernel.release = image.release;
  kernel.vmlinuz = vmlinuz;
  kernel.pvh = has_pvh_entry(*unpacked);
  kernel.image = kernel.pvh ? elf : vmlinuz;
  if (!kernel.pvh) return unpacked;
  TRY(write_file_atomic(elf, *unpacked));
  return unpacked;
}

bool has_pvh_entry(std::string_view elf) {
  return has_elf_note(elf, "Xen", kXenPhys32Entry);
}

}  // namespace probebench::kernels
