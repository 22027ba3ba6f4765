// SPDX-License-Identifier: MIT
#if defined(__aarch64__)
#include "kernel/arch_arm64.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/unique_fd.h"

namespace probebench::kernel {
namespace {

constexpr const char* kFirmwareNode = "/proc/device-tree/fw-cfg@9020000";
constexpr off_t kFirmwareAddress = 0x0902'0000;
constexpr std::size_t kFirmwareBytes = 4096;
constexpr std::size_t kFirmwareSelector = 8;  // the data are at the beginning

volatile std::uint8_t* firmware = nullptr;

bool map_firmware() {
  if (::access(kFirmwareNode, F_OK) != 0) return false;
  const UniqueFd memory(::open("/dev/mem", O_RDWR | O_SYNC | O_CLOEXEC));
  if (!memory) return false;
  void* const mapped =
      ::mmap(nullptr, kFirmwareBytes, PROT_READ | PROT_WRITE, MAP_SHARED, memory.get(), kFirmwareAddress);
  if (mapped == MAP_FAILED) return false;
  firmware = static_cast<volatile std::uint8_t*>(mapped);
  return true;
}

}  // namespace

bool allow_firmware_ports(bool allow) {
  if (allow) return firmware != nullptr || map_firmware();
  if (firmware != nullptr) ::munmap(const_cast<std::uint8_t*>(firmware), kFirmwareBytes);
  firmware = nullptr;
  return true;
}

// Its registers are big endian.
void select_firmware_item(std::uint16_t key) {
  *reinterpret_cast<volatile std::uint16_t*>(firmware + kFirmwareSelector) = __builtin_bswap16(key);
}

std::uint8_t read_firmware_byte() {
  return *firmware;
}

std::uint64_t ftrace_location(std::uint64_t function, const Bytes& text) {
  constexpr std::uint32_t kBtiC = 0xd503245f;
  const bool bti = arm64::word_at(text) == kBtiC;
  return function + arm64::kWordBytes * (bti ? 2 : 1);
}

}  // namespace probebench::kernel
#endif
