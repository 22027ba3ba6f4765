// SPDX-License-Identifier: MIT
#include "attach/bpf_program.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <programs.skel.h>

#include <algorithm>

#include "attach/short_address.h"
#include "kernel/bpf_text.h"
#include "kernel/control.h"
#include "kernel/kernel_types.h"

namespace probebench::attach {
namespace {

// Reading the clock takes longer than this, so a delay is over before its turns of the loop are.
constexpr std::uint32_t kLeastClockNs = 12;
// The verifier follows no more branches than 8192 at a time.
constexpr std::uint32_t kMostSpins = 8100;

// Everything that has to be said before the kernel sees the program.
void configure(programs& skeleton, bpf_program* program, const BpfProgramSpec& spec) {
  skeleton.rodata->user_string = reinterpret_cast<std::uintptr_t>(kernel::kUserString.data());
  skeleton.rodata->delay_ns = spec.delay_ns;
  skeleton.rodata->max_spins = std::min(spec.delay_ns / kLeastClockNs + 1, kMostSpins);
  bpf_map__set_autocreate(skeleton.maps.ring, spec.handler == Handler::record);
  bpf_map__set_autocreate(skeleton.maps.__bpf_usdt_specs, spec.kind == "usdt");
  bpf_map__set_autocreate(skeleton.maps.__bpf_usdt_ip_to_spec_id, spec.kind == "usdt");
  bpf_program__set_autoload(program, true);
  if (spec.attach_type != 0) {
    bpf_program__set_expected_attach_type(program, static_cast<bpf_attach_type>(spec.attach_type));
  }
}

Result<kernel::TypedTarget> target_of(const BpfProgramSpec& spec) {
  const auto what = "find " + spec.target + " in BTF";
  if (spec.attach_type != BPF_TRACE_RAW_TP)
    return kernel::find_typed_target(what, spec.target, BTF_KIND_FUNC);
  return kernel::find_typed_target(what, "btf_trace_" + spec.target, BTF_KIND_TYPEDEF);
}

// Of the program that is being loaded. One is at a time.
kernel::TypedTarget& loaded_target() {
  static kernel::TypedTarget target;
  return target;
}

int attach_by_type(bpf_program* program, bpf_prog_load_opts* options, long) {
  const auto& target = loaded_target();
  options->attach_btf_id = target.id;
  if (target.module) options->attach_btf_obj_fd = static_cast<std::uint32_t>(target.module.get());
  return bpf_program__set_type(program, BPF_PROG_TYPE_TRACING);
}

// libbpf reads all of the kernel's types for each tracing program that it loads itself. A section of our own
// has another type until the moment in which the program is loaded. The handler stays: libbpf 1.1 uses memory
// that it has freed when one comes after the last has gone (libbpf_unregister_prog_handler() shrinks its
// array to nothing).
Status load_by_type(kernel::TypedTarget target) {
  loaded_target() = std::move(target);
  static const int kHandler = [] {
    libbpf_prog_handler_opts options{};
    options.sz = sizeof options;
    options.prog_prepare_load_fn = attach_by_type;
    return libbpf_register_prog_handler("by_type", BPF_PROG_TYPE_RAW_TRACEPOINT, bpf_attach_type{}, &options);
  }();
  if (kHandler >= 0) return Done{};
  return kernel::bpf_error("tell libbpf how programs are attached by type", kHandler);
}

int ignore_record(void*, void*, std::size_t) {
  return 0;
}

}  // namespace

Result<bpf_prog_info> info_of_program(int fd) {
  bpf_prog_info info{};
  std::uint32_t size = sizeof info;
  const int err = bpf_obj_get_info_by_fd(fd, &info, &size);
  if (err != 0) return kernel::bpf_error("ask for a BPF program's info", err);
  return info;
}

void BpfProgram::Deleter::operator()(programs* skeleton) const {
  programs::destroy(skeleton);
}

// Those that are passed over stay until then: their memory would be the next one's.
Result<BpfProgram> BpfProgram::load(const BpfProgramSpec& spec) {
  std::vector<BpfProgram> passed_over;
  for (;;) {
    auto loaded = TRY(load_once(spec));
    if (passed_over.size() == kMostTries || !program_has_short_address(loaded.fd())) return loaded;
    passed_over.push_back(std::move(loaded));
  }
}

Result<BpfProgram> BpfProgram::load_once(const BpfProgramSpec& spec) {
  kernel::keep_bpf_warnings();
  if (!spec.target.empty()) {
    auto target = TRY(target_of(spec));
    TRY(load_by_type(std::move(target)));
  }
  const auto name = fmt::format("{}_{}", info_of(spec.handler).name, spec.kind);
  BpfProgram loaded;
  loaded.skeleton_.reset(programs::open());
  if (!loaded.skeleton_) return kernel::bpf_error("open the BPF programs", errno);
  loaded.program_ = bpf_object__find_program_by_name(loaded.skeleton_->obj, name.c_str());
  if (loaded.program_ == nullptr) return kernel::bpf_error("find BPF program " + name, ENOENT);
  configure(*loaded.skeleton_, loaded.program_, spec);
  if (const int err = programs::load(loaded.skeleton_.get()); err != 0) {
    return kernel::bpf_error("load BPF program " + name, err);
  }
  if (spec.handler == Handler::record) {
    TRY(loaded.open_ring());
  }
  return loaded;
}

void BpfProgram::RingDeleter::operator()(ring_buffer* ring) const {
  ring_buffer__free(ring);
}

Status BpfProgram::open_ring() {
  ring_.reset(ring_buffer__new(bpf_map__fd(skeleton_->maps.ring), ignore_record, nullptr, nullptr));
  if (!ring_) return kernel::bpf_error("open the ring of a BPF program", errno);
  return Done{};
}

Result<std::uint64_t> BpfProgram::drain() const {
  if (!ring_) return std::uint64_t{0};
  const int records = ring_buffer__consume(ring_.get());
  if (records < 0) return kernel::bpf_error("drain the ring of a BPF program", records);
  return static_cast<std::uint64_t>(records);
}

int BpfProgram::fd() const {
  return bpf_program__fd(program_);
}

Result<BpfRuns> BpfProgram::runs() const {
  const auto info = TRY(info_of_program(fd()));
  return BpfRuns{info.run_cnt, info.recursion_misses};
}

Result<std::vector<std::uint64_t>> BpfProgram::hits() const {
  std::vector<std::uint64_t> per_cpu(static_cast<std::size_t>(libbpf_num_possible_cpus()));
  const std::uint32_t key = 0;
  const int err = bpf_map__lookup_elem(skeleton_->maps.hits, &key, sizeof key, per_cpu.data(),
                                       per_cpu.size() * sizeof per_cpu[0], 0);
  if (err != 0) return kernel::bpf_error("read the hits of a BPF program", err);
  return per_cpu;
}

std::string BpfProgram::description() const {
  const auto info = info_of_program(fd());
  if (!info) return {};
  return fmt::format(
      "prog {} {} tag {:02x} {}", info->id, info->name, fmt::join(info->tag, ""),
      info->jited_prog_len != 0 ? fmt::format("jited {}", info->jited_prog_len) : std::string("interpreted"));
}

Result<UniqueFd> enable_bpf_run_statistics() {
  const int fd = bpf_enable_stats(BPF_STATS_RUN_TIME);
  if (fd < 0) return kernel::bpf_error("have the kernel count runs of BPF programs", fd);
  return UniqueFd(fd);
}

}  // namespace probebench::attach
