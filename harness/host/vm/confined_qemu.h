// SPDX-License-Identifier: MIT
// How QEMU is started: with descriptors in place of paths, and with as few rights as this machine lets it
// have.
#pragma once

#include <string>

#include "base/process.h"
#include "base/unique_fd.h"
#include "vm/qemu.h"

namespace probebench::vm {

// What QEMU reads and writes, beside its serial ports. All are open as long as this lives.
class QemuFiles {
 public:
  // `kernel` is an image, `initramfs` the archive's bytes, and `paths` where executed instructions go, if at
  // all.
  static Result<QemuFiles> open(const fs::path& kernel, const std::string& initramfs,
                                const PathRecorder& paths);
  std::vector<PassedFd> passed() const;

  // For a guest that is saved, and for one that is restored: `files` is an archive.
  void add_monitor(UniqueFd monitor) { monitor_ = std::move(monitor); }
  void add_disk(UniqueFd image) { disk_ = std::move(image); }
  Status add_state(UniqueFd state, const std::string& plan, const std::string& files);

 private:
  UniqueFd kernel_, initramfs_, plugin_, paths_, monitor_, state_, plan_, files_, disk_;
};

// The confinement of such a QEMU. What the guest can do to QEMU it cannot do to the user who started it.
Confinement confinement_of(const QemuSetup& setup);

}  // namespace probebench::vm
