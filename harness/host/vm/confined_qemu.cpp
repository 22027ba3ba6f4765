// SPDX-License-Identifier: MIT
#include "vm/confined_qemu.h"

#include <fcntl.h>
#include <sys/sendfile.h>
#include <unistd.h>

namespace probebench::vm {
namespace {

constexpr rlim_t kMiB = rlim_t{1} << 20;
// Beside the guest's memory, of address space: translated code (1 GiB at most), stacks, libraries.
constexpr rlim_t kOwnMemory = 4096 * kMiB;
// The console log is ended long before, with a word. The path of one anatomy takes some 100 MiB.
constexpr rlim_t kLargestFile = 8192 * kMiB;
constexpr rlim_t kDescriptors = 256;

Result<UniqueFd> copy_of(const fs::path& path, const char* name) {
  const UniqueFd from(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!from) return errno_error(Fault::infra, "open " + path.string());
  auto copy = TRY(memory_file(name, {}));
  constexpr std::size_t kAtOnce = 1 << 30;
  for (;;) {
    const auto sent = ::sendfile(copy.get(), from.get(), nullptr, kAtOnce);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return errno_error(Fault::infra, "read " + path.string());
    if (sent == 0) return copy;
  }
}

// In a directory that others may write to, a link under this name would lead elsewhere.
Result<UniqueFd> create(const fs::path& path) {
  UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644));
  if (!fd) return errno_error(Fault::infra, "create " + path.string());
  return fd;
}

}  // namespace

// Copies, since an image may be root's alone (Ubuntu's are), and the way to a build directory as well.
Result<QemuFiles> QemuFiles::open(const fs::path& kernel, const std::string& initramfs,
                                  const PathRecorder& paths) {
  QemuFiles files;
  files.kernel_ = TRY(copy_of(kernel, "kernel"));
  files.initramfs_ = TRY(memory_file("initramfs", initramfs));
  if (paths.plugin.empty()) return files;
  files.plugin_ = TRY(copy_of(paths.plugin, "plugin"));
  files.paths_ = TRY(create(paths.output));
  return files;
}

Status QemuFiles::add_state(UniqueFd state, const std::string& plan, const std::string& files) {
  state_ = std::move(state);
  plan_ = TRY(memory_file("plan", plan));
  files_ = TRY(memory_file("files", files));
  return Done{};
}

std::vector<PassedFd> QemuFiles::passed() const {
  std::vector<PassedFd> fds{{kernel_.get(), kKernelFd}, {initramfs_.get(), kInitrdFd}};
  if (plugin_) fds.insert(fds.end(), {{plugin_.get(), kPluginFd}, {paths_.get(), kPathsFd}});
  if (monitor_) fds.push_back({monitor_.get(), kMonitorFd});
  if (disk_) fds.push_back({disk_.get(), kDiskFd});
  if (!state_) return fds;
  fds.insert(fds.end(), {{state_.get(), kStateFd}, {plan_.get(), kPlanFd}, {files_.get(), kFilesFd}});
  return fds;
}

Confinement confinement_of(const QemuSetup& setup) {
  const rlim_t memory = static_cast<rlim_t>(setup.memory_mb) * kMiB;
  return strictest_confinement({{RLIMIT_AS, memory + kOwnMemory},
                                {RLIMIT_FSIZE, kLargestFile},
                                {RLIMIT_NOFILE, kDescriptors},
                                {RLIMIT_CORE, 0}},
                               setup.kvm ? kKvmDevice : "");
}

}  // namespace probebench::vm
