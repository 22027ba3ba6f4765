// SPDX-License-Identifier: MIT
#include "kernel/firmware_config.h"

#include <cerrno>
#include <cstdint>
#include <utility>

#include "kernel/arch.h"

namespace probebench::kernel {
namespace {

constexpr std::uint16_t kSignatureKey = 0x0000;
constexpr std::uint16_t kDirectoryKey = 0x0019;
constexpr std::string_view kSignature = "QEMU";
constexpr std::size_t kNameBytes = 56;
constexpr std::uint32_t kMostItems = 4096;
constexpr std::uint32_t kLargestItem = 64u << 20;

std::string read_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  for (auto& byte : bytes) byte = static_cast<char>(read_firmware_byte());
  return bytes;
}

std::uint32_t read_big_endian(std::size_t count) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < count; ++i) value = value << 8 | read_firmware_byte();
  return value;
}

struct Entry {
  std::uint32_t size = 0;
  std::uint16_t key = 0;
  std::string name;
};

Entry read_entry() {
  Entry entry;
  entry.size = read_big_endian(4);
  entry.key = static_cast<std::uint16_t>(read_big_endian(2));
  read_big_endian(2);  // reserved
  entry.name = read_bytes(kNameBytes);
  entry.name.resize(entry.name.find_first_of('\0'));
  return entry;
}

}  // namespace

Result<FirmwareConfig> FirmwareConfig::open() {
  if (!allow_firmware_ports(true)) {
    return errno_error(Fault::unsupported, "read QEMU's firmware configuration");
  }
  FirmwareConfig config;
  select_firmware_item(kSignatureKey);
  if (read_bytes(kSignature.size()) == kSignature) return config;
  return Error{Fault::unsupported, "read QEMU's firmware configuration: this machine has none", ENODEV, {}};
}

FirmwareConfig::FirmwareConfig(FirmwareConfig&& other) noexcept : open_(std::exchange(other.open_, false)) {}

// A task that may use ports costs more to switch to.
FirmwareConfig::~FirmwareConfig() {
  if (open_) allow_firmware_ports(false);
}

// The directory is read anew each time: what was saved with one set of items may be restored with another.
std::optional<std::string> FirmwareConfig::item(std::string_view name) const {
  select_firmware_item(kDirectoryKey);
  const auto count = read_big_endian(4);
  for (std::uint32_t i = 0; i < count && i < kMostItems; ++i) {
    const auto entry = read_entry();
    if (entry.name != name || entry.size > kLargestItem) continue;
    select_firmware_item(entry.key);
    return read_bytes(entry.size);
  }
  return std::nullopt;
}

}  // namespace probebench::kernel
