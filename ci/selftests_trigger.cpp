// SPDX-License-Identifier: MIT
#include "selftests_trigger.h"

#include <bpf/bpf.h>
#include <trigger.skel.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <fstream>

namespace probebench::selftests {
namespace {

extern "C" {
// The first instruction is the one that is probed, as in the bench.
[[gnu::naked, gnu::noinline, gnu::aligned(64)]] void uprobe_target_nop() {
  asm volatile("nop\n\tret");
}
[[gnu::naked, gnu::noinline, gnu::aligned(64)]] void uprobe_target_nop5() {
  asm volatile(".byte 0x0f, 0x1f, 0x44, 0x00, 0x00\n\tret");
}
[[gnu::naked, gnu::noinline, gnu::aligned(64)]] void uprobe_target_push() {
  asm volatile("push %rax\n\tpop %rax\n\tret");
}
[[gnu::naked, gnu::noinline, gnu::aligned(64)]] void uprobe_target_ret() {
  asm volatile("ret");
}
}

constexpr std::array kKinds{
    Kind{.name = "kprobe",
         .program = "count_kprobe",
         .called = Called::helper,
         .cell = "bpf-kprobe/module/entry"},
    Kind{.name = "kretprobe",
         .program = "count_kretprobe",
         .called = Called::helper,
         .cell = "bpf-kretprobe/module/entry"},
    Kind{.name = "kprobe-multi",
         .program = "count_kprobe_multi",
         .called = Called::helper,
         .cell = "bpf-kprobe-multi/module/entry"},
    Kind{.name = "kretprobe-multi",
         .program = "count_kretprobe_multi",
         .called = Called::helper,
         .cell = "bpf-kretprobe-multi/module/entry"},
    Kind{.name = "fentry",
         .program = "count_fentry",
         .called = Called::helper,
         .cell = "fentry/test-run/helper"},
    Kind{
        .name = "fexit", .program = "count_fexit", .called = Called::helper, .cell = "fexit/test-run/helper"},
    Kind{.name = "fmodret",
         .program = "count_fmodret",
         .called = Called::function,
         .cell = "fmod-ret/test-run/modifiable"},
    Kind{.name = "tp", .program = "count_tp", .called = Called::function, .cell = "bpf-tp/module/tracepoint"},
    Kind{.name = "rawtp",
         .program = "count_rawtp",
         .called = Called::function,
         .cell = "raw-tp/test-run/trigger"},
    Kind{.name = "uprobe-nop",
         .program = "count_uprobe",
         .called = Called::user,
         .target = uprobe_target_nop,
         .cell = "uprobe/user/nop"},
    Kind{.name = "uprobe-nop5",
         .program = "count_uprobe",
         .called = Called::user,
         .target = uprobe_target_nop5,
         .cell = "uprobe/user/nop5"},
    Kind{.name = "uprobe-push",
         .program = "count_uprobe",
         .called = Called::user,
         .target = uprobe_target_push,
         .cell = "uprobe/user/push"},
    Kind{.name = "uprobe-ret",
         .program = "count_uprobe",
         .called = Called::user,
         .target = uprobe_target_ret,
         .cell = "uprobe/user/ret"},
    Kind{.name = "uretprobe-nop",
         .program = "count_uprobe",
         .called = Called::user,
         .target = uprobe_target_nop,
         .at_return = true,
         .cell = "uretprobe/user/nop"},
    Kind{.name = "uretprobe-nop5",
         .program = "count_uprobe",
         .called = Called::user,
         .target = uprobe_target_nop5,
         .at_return = true,
         .cell = "uretprobe/user/nop5"},
};

// Where the function is in our own file; 0: nowhere.
std::size_t offset_in_file(void (*function)()) {
  const auto address = reinterpret_cast<std::uintptr_t>(function);
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    std::uintptr_t begin = 0;
    std::uintptr_t end = 0;
    std::size_t offset = 0;
    const int read = std::sscanf(line.c_str(), "%" SCNxPTR "-%" SCNxPTR " %*s %zx", &begin, &end, &offset);
    if (read == 3 && begin <= address && address < end) return address - begin + offset;
  }
  return 0;
}

const char* driver_of(Called called) {
  return called == Called::helper ? "helper_driver" : "function_driver";
}

}  // namespace

std::span<const Kind> kinds() {
  return kKinds;
}

const Kind* kind_named(std::string_view name) {
  const auto found = std::ranges::find(kKinds, name, &Kind::name);
  return found == kKinds.end() ? nullptr : &*found;
}

void Trigger::Deleter::operator()(trigger* skeleton) const {
  trigger::destroy(skeleton);
}

void Trigger::Deleter::operator()(bpf_link* link) const {
  bpf_link__destroy(link);
}

void Trigger::fail(std::string_view what, int err) {
  if (problem_.empty()) problem_ = std::string(what) + ": " + std::strerror(err < 0 ? -err : err);
}

Trigger::Trigger(const Kind& kind) : kind_(kind), skeleton_(trigger::open()) {
  if (skeleton_) {
    load();
  } else {
    fail("open the programs", errno);
  }
}

void Trigger::load() {
  skeleton_->rodata->batch_iters = kBatch;
  auto* program = bpf_object__find_program_by_name(skeleton_->obj, std::string(kind_.program).c_str());
  bpf_program__set_autoload(program, true);
  auto* driver = bpf_object__find_program_by_name(skeleton_->obj, driver_of(kind_.called));
  bpf_program__set_autoload(driver, kind_.called != Called::user);
  if (const int err = trigger::load(skeleton_.get()); err != 0) return fail("load", err);
  driver_ = bpf_program__fd(driver);
}

bpf_link* Trigger::link_user_function() const {
  LIBBPF_OPTS(bpf_uprobe_opts, options, .retprobe = kind_.at_return);
  return bpf_program__attach_uprobe_opts(skeleton_->progs.count_uprobe, 0, "/proc/self/exe",
                                         offset_in_file(kind_.target), &options);
}

void Trigger::attach() {
  if (!problem_.empty()) return;
  const auto* program = bpf_object__find_program_by_name(skeleton_->obj, std::string(kind_.program).c_str());
  link_.reset(kind_.called == Called::user ? link_user_function() : bpf_program__attach(program));
  if (!link_) fail("attach", errno);
}

void Trigger::batch() const {
  if (kind_.called == Called::user) {
    for (std::uint32_t i = 0; i < kBatch; ++i) kind_.target();
    return;
  }
  LIBBPF_OPTS(bpf_test_run_opts, options);
  bpf_prog_test_run_opts(driver_, &options);
}

std::uint64_t Trigger::hits() const {
  std::uint64_t sum = 0;
  for (const auto count : skeleton_->bss->hits) sum += count;
  return sum;
}

}  // namespace probebench::selftests
