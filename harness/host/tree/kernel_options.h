// SPDX-License-Identifier: MIT
// The one table of what a kernel has to be configured with: the fragment that `kernel-config` prints, and
// what the absence of an option costs.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace probebench::tree {

// Of a fragment's lines, and of what they are for.
enum class OptionPurpose { boots, probes, fast };

struct KernelOption {
  std::string_view name;   // without CONFIG_
  std::string_view value;  // "y", or "n": better not
  OptionPurpose purpose;
  // What is lost without it: names of capabilities, probe types and sites; "all": every row.
  std::string_view costs = {};
  int since = 0;  // the first Linux that has it, 100 * version + patch level; 0: all that are measured
};

struct OptionCost {
  std::string option;             // "CONFIG_PROC_KCORE=n"
  std::size_t rows = 0;           // of a run of everything, that are lost
  std::vector<std::string> lost;  // probe types, in the order of the table; empty: all
};

// An option as a .config has it: "CONFIG_SMP=y\n", "# CONFIG_SMP is not set\n".
std::string config_line(std::string_view name, std::string_view value);

// The fragment: what a kernel needs on top of tinyconfig to boot fast and to have every probe type.
std::string kernel_config_fragment();

// What each option costs that the .config text lacks, dearest first. `release` says which options there can
// be.
std::vector<OptionCost> costs_of_config(std::string_view config, std::string_view release);

// 612 of "6.12.117+deb12-cloud-amd64"; 0: it is no release.
int version_of_release(std::string_view release);

}  // namespace probebench::tree
