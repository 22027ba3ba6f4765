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

// The variable of the firmware's global namespace: four bytes of attributes, then the value (UEFI 2.10, 3.3).
constexpr const char* kSecureBoot =
    "sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c";

std::string why_signed_only(const fs::path& root) {
  const auto variable = read_file(root / kSecureBoot);
  return variable && variable->size() == 5 && variable->back() == 1 ? " (Secure Boot is on)" : "";
}

Error not_signed(const std::string& who, bool is_signed, const fs::path& root) {
  const auto reason = why_signed_only(root);
  if (is_signed) {
    return refused(who + " takes only modules that are signed by a key it trusts" + reason +
                       ", and the key of --sign is none",
                   "a key that the machine's owner has enrolled: mokutil --import CERTIFICATE, then a boot");
  }
  return refused(who + " takes only modules that are signed by a key it trusts" + reason,
                 "--sign KEY, with a key that the machine's owner has enrolled; a boot without " +
                     std::string(reason.empty() ? "that" : "Secure Boot") + "; or --target vm");
}

Error not_permitted(unsigned user, bool is_signed, const fs::path& root) {
  if (user != 0) return refused("only root may", "root");
  if (const auto mode = lockdown(root); !mode.empty()) return not_signed(mode, is_signed, root);
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

bool is_signed(const fs::path& module) {
  const auto content = read_file(module);
  return content && content->ends_with("~Module signature appended~\n");  // include/linux/module_signature.h
}

Error module_refusal(int err, unsigned user, bool is_signed, const fs::path& root) {
  switch (err) {
    case ENOSYS:
      return refused("this kernel has CONFIG_MODULES=n", "a kernel with CONFIG_MODULES=y, or --target vm");
    case EPERM:
    case EACCES:
      return not_permitted(user, is_signed, root);
    case EKEYREJECTED:
    case ENOKEY:
      return not_signed("this kernel", is_signed, root);
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
