// SPDX-License-Identifier: MIT
#include "attach/fentry_set.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include <cstring>
#include <set>

#include "kernel/bpf_text.h"
#include "kernel/kernel_types.h"

namespace probebench::attach {
namespace {

// All at once: libbpf's own search goes through every type for each name.
Result<std::map<std::string, std::uint32_t>> ids_of(const std::vector<std::string>& functions) {
  const auto* types = TRY(kernel::kernel_types());
  const std::set<std::string, std::less<>> wanted(functions.begin(), functions.end());
  std::map<std::string, std::uint32_t> ids;
  for (std::uint32_t id = 1; id < btf__type_cnt(types); ++id) {
    const auto* type = btf__type_by_id(types, id);
    if (!btf_is_func(type)) continue;
    const std::string_view name = btf__name_by_offset(types, type->name_off);
    if (wanted.contains(name)) ids.emplace(name, id);
  }
  return ids;
}

template <typename Member>
Result<std::uint64_t> sum_over(const std::vector<UniqueFd>& programs, Member member) {
  std::uint64_t sum = 0;
  for (const auto& program : programs) {
    bpf_prog_info info{};
    std::uint32_t size = sizeof info;
    if (const int err = bpf_obj_get_info_by_fd(program.get(), &info, &size); err != 0) {
      return kernel::bpf_error("ask for a BPF program's info", err);
    }
    sum += member(info);
  }
  return sum;
}

}  // namespace

Result<FentrySet> FentrySet::attach(const std::vector<std::string>& functions, HandlerChoice handler) {
  if (functions.empty()) return Error{Fault::cell, "attach fentry to no function", 0, {}};
  const auto ids = TRY(ids_of(functions));
  if (ids.empty()) return Error{Fault::unsupported, "find any of the functions in BTF", ENOENT, {}};
  auto pattern = TRY(BpfProgram::load({.kind = "fentry",
                                       .handler = handler.id,
                                       .attach_type = BPF_TRACE_FENTRY,
                                       .target = ids.begin()->first,
                                       .delay_ns = handler.delay_ns}));
  FentrySet set(std::move(pattern));
  for (const auto& function : functions) {
    const auto id = ids.find(function);
    if (id == ids.end()) {
      set.refusals_[function] = "not in the kernel's BTF";
    } else if (const auto status = set.add(function, id->second); !status) {
      set.refusals_[function] = status.error().message();
    }
  }
  return set;
}

Status FentrySet::add(const std::string& function, std::uint32_t btf_id) {
  bpf_prog_load_opts options{};
  options.sz = sizeof options;
  options.expected_attach_type = BPF_TRACE_FENTRY;
  options.attach_btf_id = btf_id;
  UniqueFd program(bpf_prog_load(BPF_PROG_TYPE_TRACING, "fentry_set", "GPL",
                                 bpf_program__insns(pattern_.get()), bpf_program__insn_cnt(pattern_.get()),
                                 &options));
  if (!program) return kernel::bpf_error("load a fentry program for " + function, errno);
  UniqueFd link(bpf_raw_tracepoint_open(nullptr, program.get()));
  if (!link) return kernel::bpf_error("attach fentry to " + function, errno);
  programs_.push_back(std::move(program));
  links_.push_back(std::move(link));
  return Done{};
}

Result<std::uint64_t> FentrySet::hits() const {
  const auto by_cpu = TRY(pattern_.hits());
  std::uint64_t sum = 0;
  for (const auto hits : by_cpu) sum += hits;
  return sum;
}

Result<std::uint64_t> FentrySet::runs() const {
  return sum_over(programs_, [](const bpf_prog_info& info) { return info.run_cnt; });
}

Result<std::uint64_t> FentrySet::missed() const {
  return sum_over(programs_, [](const bpf_prog_info& info) { return info.recursion_misses; });
}

}  // namespace probebench::attach
