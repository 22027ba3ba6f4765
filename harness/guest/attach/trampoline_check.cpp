// SPDX-License-Identifier: MIT
#include "attach/trampoline_check.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>

#include <array>
#include <optional>

#include "base/text.h"
#include "base/unique_fd.h"
#include "kernel/bpf_text.h"
#include "kernel/kernel_types.h"

namespace probebench::attach {
namespace {

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

// What the verifier says last, before its statistics.
std::string verdict_in(std::string_view log) {
  std::string_view verdict;
  for (const auto line : split(log, '\n')) {
    if (!trimmed(line).empty() && !line.starts_with("processed ")) verdict = trimmed(line);
  }
  return std::string(verdict);
}

Status load(const std::string& what, bpf_attach_type type, const kernel::TypedTarget& function) {
  std::array<bpf_insn, 2> nothing{};
  nothing[0].code = BPF_ALU64 | BPF_MOV | BPF_K;  // r0 = 0
  nothing[1].code = BPF_JMP | BPF_EXIT;
  std::array<char, 4096> log{};
  bpf_prog_load_opts options{};
  options.sz = sizeof options;
  options.expected_attach_type = type;
  options.attach_btf_id = function.id;
  if (function.module) options.attach_btf_obj_fd = static_cast<std::uint32_t>(function.module.get());
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
  const auto target = TRY(kernel::find_typed_target(what, function, BTF_KIND_FUNC, owner));
  return load(what, *attach_type_of(probe_type), target);
}

}  // namespace probebench::attach
