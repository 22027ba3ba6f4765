// SPDX-License-Identifier: MIT
// The helper module's control device (kmod/pb_abi.h) as one owned handle. Closing it detaches.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>

#include "base/result.h"
#include "base/unique_fd.h"
#include "model/cell.h"
#include "model/handler.h"
#include "model/sample.h"

namespace probebench::kernel {

// What a window is asked to be, and the bounds that who makes it sets.

enum class Subject : std::uint32_t { site, twin };  // values of PB_SUBJECT_*

struct WindowRequest {
  Subject subject = Subject::site;
  Handler handler = Handler::nop;
  std::uint32_t calls = 0;
  bool rearm = false;   // register the probe anew just before the loop
  bool cold = false;    // no warm-up calls
  bool marked = false;  // between the marker instructions: its path is recorded from outside
};

struct RigLimits {
  std::uint32_t max_calls = 0;
  std::uint32_t max_window_ns = 0;
  std::uint32_t probation_calls = 0;  // a window this short is never refused
  std::uint64_t tsc_khz = 0;
  std::uint32_t warmup_calls = 0;  // neither timed nor counted, before each window that is not cold
};

// What the `string` handler copies out of the agent: 32 bytes, the terminator among them.
inline constexpr std::array<char, 32> kUserString{"/usr/lib/x86_64-linux-gnu/libc"};

struct ModuleInfo {
  std::uint32_t features = 0;  // PB_FEATURE_*
  RigLimits limits;
};

inline constexpr const char* kControlDevice = "/dev/probebench";

class Control {
 public:
  // Loads the module; a file that does not load is an infra error with the errno of finit_module().
  static Status load_module(const std::filesystem::path& module);
  static Result<Control> open(const std::filesystem::path& device = kControlDevice);

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

// What the steps of the last probe set cost the kernel, in TSC ticks. Waiting until text is back is left out;
// unregistering includes the grace period that the kernel waits for.
struct SetTicks {
  std::uint64_t add = 0;
  std::uint64_t arm = 0;
  std::uint64_t disarm = 0;
  std::uint64_t remove = 0;
};

Result<SetTicks> last_set_ticks(const Control& control);

}  // namespace probebench::kernel
