// SPDX-License-Identifier: MIT
#include "attach/trampoline_check.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>

#include <array>
#include <memory>
#include <optional>

#include "base/text.h"
#include "base/unique_fd.h"
#include "kernel/bpf_text.h"

namespace probebench::attach {
namespace {

// A module's types, and the descriptor by which the kernel is told that they are meant.
struct ModuleTypes {
  UniqueFd fd;
  std::uint32_t id = 0;
};

std::optional<bpf_attach_type> attach_type_of(ProbeType probe_type) {
  switch (probe_type) {
    case ProbeType::fentry:
      return BPF_TRACE_FENTRY;
    case ProbeType::fexit:
      return BPF_TRACE_FEXIT;
    case ProbeType::fmod_ret:
      return BPF_MODIFY_RETURN;
    default:
      return std::nullopt;
  }
}

std::optional<ModuleTypes> types_of_module(const std::string& module) {
  std::uint32_t id = 0;
  while (bpf_btf_get_next_id(id, &id) == 0) {
    UniqueFd fd(bpf_btf_get_fd_by_id(id));
    std::array<char, 64> name{};
    bpf_btf_info info{};
    info.name = reinterpret_cast<std::uintptr_t>(name.data());
    info.name_len = name.size();
    std::uint32_t size = sizeof info;
    if (!fd || bpf_obj_get_info_by_fd(fd.get(), &info, &size) != 0) continue;
    if (info.kernel_btf != 0 && module == name.data()) return ModuleTypes{std::move(fd), id};
  }
  return std::nullopt;
}

// What the verifier says last, before its statistics.
std::string verdict_in(std::string_view log) {
  std::string_view verdict;
  for (const auto line : split(log, '\n')) {
    if (!trimmed(line).empty() && !line.starts_with("processed ")) verdict = trimmed(line);
  }
  return std::string(verdict);
}

Status load(const std::string& what, bpf_attach_type type, std::uint32_t function, int module_fd) {
  std::array<bpf_insn, 2> nothing{};
  nothing[0].code = BPF_ALU64 | BPF_MOV | BPF_K;  // r0 = 0
  nothing[1].code = BPF_JMP | BPF_EXIT;
  std::array<char, 4096> log{};
  bpf_prog_load_opts options{};
  options.sz = sizeof options;
  options.expected_attach_type = type;
  options.attach_btf_id = function;
  if (module_fd >= 0) options.attach_btf_obj_fd = static_cast<std::uint32_t>(module_fd);
  options.log_buf = log.data();
  options.log_size = log.size();
  options.log_level = 1;
  const UniqueFd program(
      bpf_prog_load(BPF_PROG_TYPE_TRACING, "nothing", "GPL", nothing.data(), nothing.size(), &options));
  if (program) return Done{};
  const int err = errno;
  const auto verdict = verdict_in(log.data());
  if (err == EPERM && verdict.empty()) return kernel::bpf_error(what, err);
  return Error{Fault::cell, what, verdict.empty() ? err : 0,
               verdict.empty() ? "" : "the kernel says: " + verdict};
}

}  // namespace

bool uses_trampoline(ProbeType probe_type) {
  return attach_type_of(probe_type).has_value();
}

Status check_trampoline(ProbeType probe_type, const std::string& owner, const std::string& function) {
  const auto what = fmt::format("attach {} to {}", info_of(probe_type).name, function);
  kernel::keep_bpf_warnings();
  const kernel::OwnedTypes own(btf__load_vmlinux_btf());
  if (!own) return kernel::bpf_error("read the kernel's BTF", errno);
  const auto module = owner == "vmlinux" ? std::nullopt : types_of_module(owner);
  const kernel::OwnedTypes others(module ? btf__load_from_kernel_by_id_split(module->id, own.get())
                                         : nullptr);
  if (owner != "vmlinux" && !others) {
    return Error{Fault::cell, what, 0, fmt::format("the kernel has no BTF of the module {}", owner)};
  }
  const auto id = btf__find_by_name_kind(others ? others.get() : own.get(), function.c_str(), BTF_KIND_FUNC);
  if (id < 0) return Error{Fault::cell, what, 0, "the kernel's BTF does not know that function"};
  return load(what, *attach_type_of(probe_type), static_cast<std::uint32_t>(id),
              module ? module->fd.get() : -1);
}

}  // namespace probebench::attach
