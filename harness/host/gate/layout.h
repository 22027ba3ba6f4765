// SPDX-License-Identifier: MIT
// One side's programs of the same source, laid out anew: what a cost owes to where code happens to lie
// differs from layout to layout, what it owes to the source does not.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/result.h"
#include "gate/side_program.h"

namespace probebench::gate {

// How a build links its agent.
struct LinkPlan {
  std::filesystem::path build;  // where the command runs
  std::string command;          // for a shell
  std::string agent;            // what it makes, as the command calls it
};

// Asks the build's ninja. The error is one line that says why this side cannot be laid out anew.
Result<LinkPlan> plan_link(const SideProgram& side);

// The command with `agent` in place of what it makes, the libraries in another order, and `padding`, a source
// of assembler, in front of them.
std::string relinking_command(const LinkPlan& plan, const std::filesystem::path& agent,
                              const std::filesystem::path& padding, std::uint64_t seed);

// The Kbuild of the module with its objects in another order. Empty: it does not list them.
std::string shuffled_kbuild(const std::string& kbuild, std::uint64_t seed);

// A side in a directory of its own, which goes with it. Equal seeds give equal layouts.
class Layout {
 public:
  static Result<Layout> make(const SideProgram& side, const LinkPlan& plan, bool with_module,
                             std::uint64_t seed, const std::filesystem::path& directory);

  Layout(Layout&& other) noexcept;
  Layout& operator=(Layout&& other) = delete;
  ~Layout();

  const SideProgram& side() const { return side_; }

 private:
  Layout(SideProgram side, std::filesystem::path directory);
  Status link_agent(const LinkPlan& plan, std::uint64_t seed);
  Status link_others(const std::filesystem::path& built);
  Status lay_out_module(std::uint64_t seed);

  SideProgram side_;
  std::filesystem::path directory_;
};

}  // namespace probebench::gate
