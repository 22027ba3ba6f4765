// SPDX-License-Identifier: MIT
// The loops of the kernel selftests' bench (tools/testing/selftests/bpf, benchs/bench_trigger.c and
// progs/trigger_bench.c), with its programs that add to a counter of their CPU in each hit.
#pragma once

#include <bpf/libbpf.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

struct trigger;

namespace probebench::selftests {

// What the loop calls.
enum class Called { helper, function, user };

struct Kind {
  std::string_view name;     // the bench's own
  std::string_view program;  // in bpf/trigger.bpf.c
  Called called;
  void (*target)() = nullptr;  // of Called::user
  bool at_return = false;
  std::string_view cell;  // of ours that measures the same mechanism: probe type, driver and site
};

std::span<const Kind> kinds();
const Kind* kind_named(std::string_view name);

// One kind on the running kernel. The first refusal is told by problem(), and nothing stays attached.
class Trigger {
 public:
  static constexpr std::uint32_t kBatch = 1000;

  explicit Trigger(const Kind& kind);

  // Empty: all is well so far.
  const std::string& problem() const { return problem_; }
  void attach();
  // Calls so many times as the bench does: one producer, that looks at no clock meanwhile.
  void batch() const;
  std::uint64_t hits() const;

 private:
  struct Deleter {
    void operator()(trigger* skeleton) const;
    void operator()(bpf_link* link) const;
  };
  void load();
  bpf_link* link_user_function() const;
  void fail(std::string_view what, int err);

  const Kind& kind_;
  std::unique_ptr<trigger, Deleter> skeleton_;
  std::unique_ptr<bpf_link, Deleter> link_;
  int driver_ = -1;
  std::string problem_;
};

}  // namespace probebench::selftests
