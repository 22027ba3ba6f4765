// SPDX-License-Identifier: MIT
// Booted guests that wait for a plan, kept in the cache: restoring one takes a tenth of its boot. Where
// instructions are counted a restored guest counts what one that was just booted does.
#pragma once

#include <chrono>
#include <string>

#include "base/file.h"
#include "base/unique_fd.h"
#include "kernels/progress.h"
#include "vm/qemu.h"

namespace probebench::vm {

// What a guest is booted from. `setup` is the one that it is to be restored with.
struct BootInputs {
  fs::path cache;
  fs::path kernel;
  std::string kernel_sha256;     // empty: it is not known
  const std::string& initramfs;  // without a plan
  const QemuSetup& setup;
  std::string qemu_version;
  std::chrono::seconds deadline;  // until it waits for its plan
};

struct SavedBoot {
  std::string key;      // of all that the state depends on
  UniqueFd state;       // for QEMU's -incoming, at its start
  std::string console;  // what the kernel said until then
};

// From the cache, or else booted once for it. An error where this guest cannot be saved, with the reason.
Result<SavedBoot> provide_saved_boot(const BootInputs& inputs, kernels::Progress& progress);

// It did not work.
Status forget_saved_boot(const fs::path& cache, const std::string& key);

}  // namespace probebench::vm
