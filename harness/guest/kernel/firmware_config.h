// SPDX-License-Identifier: MIT
// Items that QEMU hands to its guest (docs/specs/fw_cfg.txt in QEMU's sources), read without a driver: no
// distribution's kernel has one built in.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace probebench::kernel {

// Open as long as it lives. Unsupported where the machine is not QEMU's, or the kernel lets nobody at its
// ports.
class FirmwareConfig {
 public:
  static Result<FirmwareConfig> open();

  FirmwareConfig(FirmwareConfig&& other) noexcept;
  FirmwareConfig& operator=(FirmwareConfig&&) = delete;
  ~FirmwareConfig();

  // The item's bytes; nothing when there is none of that name.
  std::optional<std::string> item(std::string_view name) const;

 private:
  FirmwareConfig() = default;
  bool open_ = true;
};

}  // namespace probebench::kernel
