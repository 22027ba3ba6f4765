// SPDX-License-Identifier: MIT
#include "kernel/bpf_text.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <text.skel.h>

#include <fstream>
#include <memory>

#include "kernel/bpf_error.h"
#include "kernel/kernel_text.h"

namespace probebench::kernel {
namespace {

struct SkeletonDeleter {
  void operator()(text* skeleton) const { text::destroy(skeleton); }
};
using Skeleton = std::unique_ptr<text, SkeletonDeleter>;

// With the program that looks symbols up, and no other.
Result<Skeleton> load_symbol_finder() {
  keep_bpf_warnings();
  Skeleton skeleton(text::open());
  if (!skeleton) return bpf_error("open the BPF program that finds symbols", errno);
  bpf_program__set_autoload(skeleton->progs.read_text, false);
  bpf_program__set_autoload(skeleton->progs.find_symbol, true);
  const int err = text::load(skeleton.get());
  if (err != 0) return bpf_error("load the BPF program that finds symbols", err);
  return skeleton;
}

Result<std::uint64_t> address_in_listing(const std::string& symbol) {
  std::ifstream listing("/proc/kallsyms");
  const auto address = address_in_kallsyms(listing, symbol);
  if (address != 0) return address;
  return Error{Fault::unsupported, "find " + symbol + " in /proc/kallsyms", ENOENT, {}};
}

}  // namespace

Result<Bytes> read_kernel_text_by_bpf(std::uint64_t address, std::size_t length) {
  keep_bpf_warnings();
  const Skeleton skeleton(text::open_and_load());
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

Result<std::uint64_t> kernel_symbol_address(const std::string& symbol) {
  const auto finder = load_symbol_finder();
  if (!finder) return address_in_listing(symbol);  // before Linux 5.16 there is only the long way
  const Skeleton& skeleton = *finder;
  symbol.copy(skeleton->bss->symbol, sizeof skeleton->bss->symbol - 1);
  LIBBPF_OPTS(bpf_test_run_opts, options);
  const int err = bpf_prog_test_run_opts(bpf_program__fd(skeleton->progs.find_symbol), &options);
  if (err != 0) return bpf_error("look up " + symbol, err);
  if (skeleton->bss->symbol_address != 0) return static_cast<std::uint64_t>(skeleton->bss->symbol_address);
  return Error{Fault::unsupported, "this kernel has no " + symbol, 0, {}};
}

}  // namespace probebench::kernel
