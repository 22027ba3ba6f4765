// SPDX-License-Identifier: MIT
// One loaded BPF program of bpf: a handler in the shape that an attachment needs.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "model/handler.h"

struct bpf_prog_info;
struct bpf_program;
struct programs;
struct ring_buffer;

namespace probebench::attach {

// What the kernel tells of the program behind a descriptor.
Result<bpf_prog_info> info_of_program(int fd);

struct BpfProgramSpec {
  std::string kind;  // the second part of the program's name
  Handler handler = Handler::nop;
  std::uint32_t attach_type = 0;  // expected_attach_type; 0: the one of the program's section
  std::string target;             // function or tracepoint found by BTF; empty: none
  std::uint32_t delay_ns = 0;     // Handler::delay only
};

// The kernel's own figures on a program (struct bpf_prog_info).
struct BpfRuns {
  std::uint64_t runs = 0;    // grows while run statistics are on
  std::uint64_t missed = 0;  // refused because it ran already on that CPU; Linux 5.12
};

class BpfProgram {
 public:
  static Result<BpfProgram> load(const BpfProgramSpec& spec);

  bpf_program* get() const { return program_; }
  int fd() const;
  Result<BpfRuns> runs() const;
  // The counting handler's hits so far, by CPU.
  Result<std::vector<std::uint64_t>> hits() const;
  // Takes what the recording handler wrote out of its ring, which drops what does not fit. Returns how much
  // it was.
  Result<std::uint64_t> drain() const;
  // "prog 12 nop_kprobe tag 8a5e... jited 64"
  std::string description() const;

 private:
  struct Deleter {
    void operator()(programs* skeleton) const;
  };
  struct RingDeleter {
    void operator()(ring_buffer* ring) const;
  };
  static Result<BpfProgram> load_once(const BpfProgramSpec& spec);
  Status open_ring();

  std::unique_ptr<programs, Deleter> skeleton_;
  std::unique_ptr<ring_buffer, RingDeleter> ring_;  // Handler::record only
  bpf_program* program_ = nullptr;
};

// While the descriptor is open the kernel counts the runs of every BPF program.
Result<UniqueFd> enable_bpf_run_statistics();

}  // namespace probebench::attach
