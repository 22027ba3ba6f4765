// SPDX-License-Identifier: MIT
// From the functions of a suite to the places in this kernel's text where they can be probed.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "kernel/function_table.h"
#include "verify/x86/site_choice.h"

namespace probebench::experiment {

struct SuiteSite {
  std::string function;
  std::uint64_t entry = 0;
  std::uint64_t mid = 0;
  std::string obstacle;  // to a jump at `mid`, as its text tells; empty: none seen
};

struct SuiteSites {
  std::vector<SuiteSite> sites;
  std::map<std::string, std::string> refusals;  // by function: why it has no site

  std::vector<std::string> functions() const;
  std::vector<std::uint64_t> addresses(bool past_entry) const;
};

// Why a function may not be probed: the path of a hit, the patching of text and what they call would be
// probed by themselves. Empty: it may.
std::string probe_path_refusal(const std::string& function);

// What find_kernel_functions() must be asked for.
std::set<std::string> symbols_wanted(const std::vector<std::string>& functions);

SuiteSites find_sites(const std::vector<std::string>& functions, const kernel::FunctionTable& table);

}  // namespace probebench::experiment
