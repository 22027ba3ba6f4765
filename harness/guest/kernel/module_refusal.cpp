// SPDX-License-Identifier: MIT
#include "kernel/module_refusal.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "base/file.h"
#include "base/text.h"

namespace probebench::kernel {
namespace {

constexpr const char* kLoad = "load the helper module";
constexpr std::string_view kRoot = "root, or CAP_BPF, CAP_PERFMON and access to tracefs";

Error refused(std::string why, std::string needed) {
  return {Fault::unsupported, std::string(kLoad) + ": " + std::move(why), 0, std::move(needed)};
}

bool has(const fs::path& file, std::string_view value) {
  const auto content = read_file(file);
  return content && trimmed(*content) == value;
}

Error not_permitted(unsigned user, const fs::path& root) {
  if (user != 0) return refused("only root may", "root");
  if (const auto mode = lockdown(root); !mode.empty()) {
    return refused(mode + " takes only signed modules",
                   "a boot without lockdown; Secure Boot turns it on, too");
  }
  if (has(root / "proc/sys/kernel/modules_disabled", "1")) {
    return refused("kernel.modules_disabled is 1", "a boot in which nobody sets it");
  }
  return refused("Operation not permitted: this process lacks CAP_SYS_MODULE, or a policy forbids it",
                 "CAP_SYS_MODULE: root outside of a container");
}

}  // namespace

// "none [integrity] confidentiality"
std::string lockdown(const fs::path& root) {
  const auto modes = read_file(root / "sys/kernel/security/lockdown");
  if (!modes) return {};
  const auto open = modes->find('[');
  const auto close = modes->find(']', open);
  if (open == std::string::npos || close == std::string::npos) return {};
  const auto mode = modes->substr(open + 1, close - open - 1);
  return mode == "none" ? std::string() : "lockdown=" + mode;
}

Error module_refusal(int err, unsigned user, const fs::path& root) {
  switch (err) {
    case ENOSYS:
      return refused("this kernel has CONFIG_MODULES=n", "a kernel with CONFIG_MODULES=y, or --target vm");
    case EPERM:
    case EACCES:
      return not_permitted(user, root);
    case EKEYREJECTED:
    case ENOKEY:
      return refused(
          "this kernel takes only modules that are signed by a key it trusts (Secure Boot, or "
          "module.sig_enforce)",
          "a boot without them, or --target vm");
    case ENOEXEC:
    case EINVAL:
      return refused("the kernel refuses its format: the headers are not those of the running kernel",
                     "the headers of exactly this kernel");
    case EEXIST:
      return refused("one is loaded already", "./run-bench --force-cleanup");
    default:
      return {Fault::unsupported, kLoad, err, "the end of the kernel log (dmesg) says why"};
  }
}

std::string permission_needed(unsigned user, const fs::path& root) {
  if (user != 0) return std::string(kRoot);
  if (const auto mode = lockdown(root); !mode.empty()) return "a boot without " + mode;
  return "a policy that lets root do it: seccomp, a container or a security module forbids it here";
}

std::string holder_of(const std::string& device, const fs::path& root) {
  std::error_code unreadable;
  for (const auto& process : fs::directory_iterator(root / "proc", unreadable)) {
    // "self" is no process more, and what we inherited is not ours.
    const auto number = std::strtol(process.path().filename().c_str(), nullptr, 10);
    if (number == 0 || number == ::getpid()) continue;
    std::error_code gone;
    for (const auto& open : fs::directory_iterator(process.path() / "fd", gone)) {
      if (fs::read_symlink(open.path(), gone) != device) continue;
      const auto name = read_file(process.path() / "comm");
      return fmt::format("process {} ({})", process.path().filename().string(),
                         name ? trimmed(*name) : std::string_view("?"));
    }
  }
  return {};
}

}  // namespace probebench::kernel
