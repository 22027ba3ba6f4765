// SPDX-License-Identifier: MIT
// The helper module's control device (kmod/pb_abi.h) as one owned handle. Closing it detaches.
#pragma once

#include <cstdint>
#include <filesystem>

#include "base/result.h"
#include "base/unique_fd.h"
#include "kernel/window_request.h"
#include "model/cell.h"
#include "model/sample.h"

namespace probebench::kernel {

struct ModuleInfo {
  std::uint32_t features = 0;  // PB_FEATURE_*
  RigLimits limits;
};

class Control {
 public:
  // Loads the module; a file that does not load is an infra error with the errno of finit_module().
  static Status load_module(const std::filesystem::path& module);
  static Result<Control> open(const std::filesystem::path& device = "/dev/probebench");

  Result<ModuleInfo> info() const;
  // Runs the module's own test; the first failed check is the error.
  Status selftest() const;
  Status select(const Cell& cell) const;
  Status attach(const Cell& cell) const;
  // Returns when the original bytes are back.
  Status detach() const;
  // As Rig has it.
  Result<Evidence> look_now() const;
  Result<Evidence> look_at_last_window() const;
  // On so many CPUs at once; a target with fewer is an unsupported error.
  Result<Window> window(const WindowRequest& request, std::uint32_t threads = 1) const;
  // For the parts of the ABI that have a class of their own (probe_set.h); lives as long as this does.
  int device() const { return fd_.get(); }

 private:
  explicit Control(UniqueFd fd) : fd_(std::move(fd)) {}
  Result<Evidence> look(std::uint32_t when) const;

  UniqueFd fd_;
};

}  // namespace probebench::kernel
