// SPDX-License-Identifier: MIT
#include "kernel/bpf_text.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <text.skel.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <utility>

#include "base/text.h"
#include "kernel/kallsyms.h"

namespace probebench::kernel {
namespace {

constexpr int kNotSupported = 524;  // the kernel's internal ENOTSUPP, which it lets out of bpf(2)

// The first warning since the last error: libbpf begins with the cause and ends with what followed from it.
std::string& first_warning() {
  static std::string text;
  return text;
}

int keep(libbpf_print_level level, const char* format, va_list arguments) {
  if (level != LIBBPF_WARN || !first_warning().empty()) return 0;
  char line[256];
  const int length = std::vsnprintf(line, sizeof line, format, arguments);
  if (length > 0) first_warning() = line;
  return length;
}

std::string one_line(std::string_view text) {
  std::string line(trimmed(text));
  std::ranges::replace(line, '\n', ' ');
  return line;
}

bool means_unsupported(int err) {
  return err == EPERM || err == EOPNOTSUPP || err == kNotSupported || err == ENOSYS;
}

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
  const auto listing = first_listing();
  const auto address = listing ? address_in_kallsyms(*listing, symbol) : 0;
  if (address != 0) return address;
  return Error{Fault::unsupported, "find " + symbol + " in /proc/kallsyms", ENOENT, {}};
}

}  // namespace

std::string reason_in_warning(std::string_view warning, int err) {
  constexpr std::string_view kName = "libbpf: ";
  if (err == EPERM || err == EACCES) return {};  // it speaks of RLIMIT_MEMLOCK and of how kernels are built
  auto line = one_line(warning);
  if (line.starts_with(kName)) line.erase(0, kName.size());
  return line;
}

void keep_bpf_warnings() {
  libbpf_set_print(keep);
}

Error bpf_error(std::string what, int err) {
  const int positive = std::abs(err);
  Error error{means_unsupported(positive) ? Fault::unsupported : Fault::cell, std::move(what),
              positive == kNotSupported ? EOPNOTSUPP : positive,
              reason_in_warning(first_warning(), positive)};
  first_warning().clear();
  return error;
}

void BpfTextReader::Deleter::operator()(::text* skeleton) const {
  text::destroy(skeleton);
}

Result<BpfTextReader> BpfTextReader::load() {
  keep_bpf_warnings();
  BpfTextReader loaded;
  loaded.skeleton_.reset(text::open_and_load());
  if (!loaded.skeleton_) return bpf_error("load the BPF program that reads kernel text", errno);
  return loaded;
}

Result<Bytes> BpfTextReader::read(std::uint64_t address, std::size_t length) const {
  skeleton_->bss->address = address;
  LIBBPF_OPTS(bpf_test_run_opts, options);
  const int err = bpf_prog_test_run_opts(bpf_program__fd(skeleton_->progs.read_text), &options);
  if (err != 0) return bpf_error("run the BPF program that reads kernel text", err);
  if (skeleton_->data->result != 0) {
    return bpf_error(fmt::format("read kernel text at {:#x}", address),
                     static_cast<int>(skeleton_->data->result));
  }
  const auto* first = reinterpret_cast<const std::uint8_t*>(skeleton_->bss->text);
  return Bytes(first, first + std::min(length, kMaxTextBytes));
}

const BpfTextReader* kept_text_reader() {
  static const auto kReader = BpfTextReader::load();
  return kReader ? &*kReader : nullptr;
}

Result<Bytes> read_kernel_text_by_bpf(std::uint64_t address, std::size_t length) {
  const auto reader = TRY(BpfTextReader::load());
  return reader.read(address, length);
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
