// SPDX-License-Identifier: MIT
// What the kernel selftests' bench would print on this machine, for the comparison in docs/methodology.md:
//   selftests_loop rawtp|uprobe-nop|uprobe-nop5 [MILLISECONDS]
// prints million hits per second of one producer, as counted by the BPF program, and leaves nothing attached.
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <trigger.skel.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string_view>

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint32_t kBatch = 1000;
constexpr std::size_t kOffsetOfNoSymbol = 0;

struct Deleter {
  void operator()(trigger* skeleton) const { trigger::destroy(skeleton); }
  void operator()(bpf_link* link) const { bpf_link__destroy(link); }
};

extern "C" {
[[gnu::noinline, gnu::aligned(64)]] void uprobe_target_nop() {
  asm volatile("nop");
}
[[gnu::noinline, gnu::aligned(64)]] void uprobe_target_nop5() {
  asm volatile(".byte 0x0f, 0x1f, 0x44, 0x00, 0x00");
}
}

std::uint64_t hits_of(const trigger& skeleton) {
  std::uint64_t sum = 0;
  for (const auto count : skeleton.bss->hits) sum += count;
  return sum;
}

void run_driver(int program) {
  LIBBPF_OPTS(bpf_test_run_opts, options);
  bpf_prog_test_run_opts(program, &options);
}

void call_batch(void (*target)()) {
  for (std::uint32_t i = 0; i < kBatch; ++i) target();
}

struct Kind {
  std::string_view name;
  bool in_kernel;
  const char* function;
  void (*target)();
};

constexpr std::array kKinds{Kind{"rawtp", true, nullptr, nullptr},
                            Kind{"uprobe-nop", false, "uprobe_target_nop", uprobe_target_nop},
                            Kind{"uprobe-nop5", false, "uprobe_target_nop5", uprobe_target_nop5}};

const Kind* kind_named(std::string_view name) {
  for (const auto& kind : kKinds) {
    if (kind.name == name) return &kind;
  }
  return nullptr;
}

std::unique_ptr<trigger, Deleter> load(const Kind& kind) {
  std::unique_ptr<trigger, Deleter> skeleton(trigger::open());
  if (!skeleton) return nullptr;
  skeleton->rodata->batch_iters = kBatch;
  bpf_program__set_autoload(skeleton->progs.trigger_driver, kind.in_kernel);
  bpf_program__set_autoload(skeleton->progs.count_rawtp, kind.in_kernel);
  bpf_program__set_autoload(skeleton->progs.count_uprobe, !kind.in_kernel);
  if (trigger::load(skeleton.get()) != 0) return nullptr;
  return skeleton;
}

std::unique_ptr<bpf_link, Deleter> attach(const trigger& skeleton, const Kind& kind) {
  if (kind.in_kernel) {
    return std::unique_ptr<bpf_link, Deleter>(bpf_program__attach(skeleton.progs.count_rawtp));
  }
  LIBBPF_OPTS(bpf_uprobe_opts, options);
  options.func_name = kind.function;
  return std::unique_ptr<bpf_link, Deleter>(bpf_program__attach_uprobe_opts(
      skeleton.progs.count_uprobe, 0, "/proc/self/exe", kOffsetOfNoSymbol, &options));
}

// As the bench does: one producer that never looks at a clock within a batch.
double million_hits_per_second(const trigger& skeleton, const std::function<void()>& batch,
                               std::chrono::milliseconds length) {
  for (int i = 0; i < 10; ++i) batch();
  const auto hits = hits_of(skeleton);
  const auto begin = Clock::now();
  auto end = begin;
  for (; end - begin < length; end = Clock::now()) batch();
  const std::chrono::duration<double, std::micro> took = end - begin;
  return static_cast<double>(hits_of(skeleton) - hits) / took.count();
}

}  // namespace

int main(int argc, char** argv) {
  const auto* kind = argc > 1 ? kind_named(argv[1]) : nullptr;
  if (kind == nullptr) {
    std::fputs("selftests_loop: expected rawtp, uprobe-nop or uprobe-nop5\n", stderr);
    return 2;
  }
  const std::chrono::milliseconds length{argc > 2 ? std::strtol(argv[2], nullptr, 10) : 1000};
  const auto skeleton = load(*kind);
  const auto link = skeleton ? attach(*skeleton, *kind) : nullptr;
  if (!link) {
    std::perror("selftests_loop: load and attach");
    return 69;
  }
  const int driver = bpf_program__fd(skeleton->progs.trigger_driver);
  const auto batch = kind->in_kernel ? std::function<void()>([driver] { run_driver(driver); })
                                     : [kind] { call_batch(kind->target); };
  const double rate = million_hits_per_second(*skeleton, batch, length);
  std::printf("%.3f\n", rate);
  return rate > 0 ? 0 : 1;  // a probe that nobody hits is no measurement
}
