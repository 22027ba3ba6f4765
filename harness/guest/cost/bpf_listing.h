// SPDX-License-Identifier: MIT
// BPF programs and links as bpf(2) tells them, whoever loaded them, and how often programs ran.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "model/cost.h"

namespace probebench::cost {

inline constexpr std::string_view kProgramListing = "BPF programs";
inline constexpr std::string_view kLinkListing = "BPF links";

// "prog 12 kprobe my_program tag 8a5e... jited 64", "link 3 tracing 24 target 1/5678 prog 12"
std::vector<ListedProbe> list_bpf();

// Of a line of kProgramListing.
std::uint32_t id_of_program(const std::string& line);

// Of a line of kLinkListing: the kind and the place, without ids; empty where the kernel tells no place.
std::string place_of_link(const std::string& line);

// The runs of some programs, counted by the kernel while this lives.
class BpfRunCounter {
 public:
  // `programs`: lines of kProgramListing.
  static Result<BpfRunCounter> make(const std::vector<ListedProbe>& programs);

  struct Runs {
    std::string program;
    std::uint64_t runs = 0;
    std::uint64_t missed = 0;
    std::uint64_t ns = 0;
  };
  Result<std::vector<Runs>> read() const;

 private:
  struct Program {
    std::string name;
    UniqueFd fd;
  };
  std::vector<Program> programs_;
  UniqueFd statistics_;
};

}  // namespace probebench::cost
