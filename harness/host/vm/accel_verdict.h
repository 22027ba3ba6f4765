// SPDX-License-Identifier: MIT
// Remembers that KVM could not run a kernel on this host, so that only the first run pays for finding out.
#pragma once

#include <optional>
#include <string>

#include "base/file.h"

namespace probebench::vm {

// What the verdict depends on.
struct AccelKey {
  std::string host_release;
  std::string qemu_version;
  std::string guest_release;
};

// Why KVM failed here before; nothing when it did not, or was not tried.
std::optional<std::string> kvm_refusal(const fs::path& cache, const AccelKey& key);

Status remember_kvm_refusal(const fs::path& cache, const AccelKey& key, const std::string& why);
Status forget_kvm_refusal(const fs::path& cache, const AccelKey& key);

}  // namespace probebench::vm
