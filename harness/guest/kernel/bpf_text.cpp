// SPDX-License-Identifier: MIT
#include "kernel/bpf_text.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <text.skel.h>

#include <memory>

#include "kernel/bpf_error.h"

namespace probebench::kernel {
namespace {

struct SkeletonDeleter {
  void operator()(text* skeleton) const { text::destroy(skeleton); }
};

}  // namespace

Result<Bytes> read_kernel_text_by_bpf(std::uint64_t address, std::size_t length) {
  keep_bpf_warnings();
  const std::unique_ptr<text, SkeletonDeleter> skeleton(text::open_and_load());
  if (!skeleton) return bpf_error("load the BPF program that reads kernel text", errno);
  skeleton->bss->address = address;
  LIBBPF_OPTS(bpf_test_run_opts, options);
  const int err = bpf_prog_test_run_opts(bpf_program__fd(skeleton->progs.read_text), &options);
  if (err != 0) return bpf_error("run the BPF program that reads kernel text", err);
  if (skeleton->data->result != 0) {
    return bpf_error(fmt::format("read kernel text at {:#x}", address),
                     static_cast<int>(skeleton->data->result));
  }
  const auto* first = reinterpret_cast<const std::uint8_t*>(skeleton->bss->text);
  return Bytes(first, first + std::min(length, kMaxTextBytes));
}

}  // namespace probebench::kernel
