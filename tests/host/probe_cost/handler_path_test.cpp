// SPDX-License-Identifier: MIT
#include "probe_cost/handler_path.h"

#include <gtest/gtest.h>

namespace probebench::cost {
namespace {

using anatomy::Anatomy;
using anatomy::Arrival;
using anatomy::Run;

Run run(const char* symbol, std::size_t depth, Arrival arrival, std::uint64_t count) {
  return {.symbol = symbol, .depth = depth, .arrival = arrival, .count = count};
}

// An operation of 100 instructions in vfs_read, whose hit adds 1 to it.
Anatomy hit() {
  Anatomy path;
  path.runs = {run("vfs_read", 1, Arrival::call, 50),
               run("kprobe_ftrace_handler", 2, Arrival::call, 20),
               run("__x86_indirect_thunk_rax", 3, Arrival::call, 2),
               run("bpf_prog_mine", 3, Arrival::jump, 10),
               run("bpf_ringbuf_output", 4, Arrival::call, 30),
               run("memcpy", 5, Arrival::call, 7),
               run("bpf_ringbuf_output", 4, Arrival::ret, 3),
               run("bpf_prog_mine", 3, Arrival::ret, 5),
               run("bpf_prog_mine_part", 4, Arrival::call, 4),
               run("bpf_get_current_comm", 5, Arrival::call, 6),
               run("bpf_prog_mine_part", 4, Arrival::ret, 1),
               run("__x86_return_thunk", 4, Arrival::jump, 1),
               run("bpf_prog_mine", 3, Arrival::ret, 1),
               run("__x86_return_thunk", 3, Arrival::jump, 1),
               run("kprobe_ftrace_handler", 2, Arrival::ret, 9),
               run("vfs_read", 1, Arrival::ret, 51)};
  path.baseline = 100;
  path.steps.unprobed = {{"vfs_read", 100}};
  return path;
}

TEST(HandlerPath, TellsTheProgramFromItsHelpersAndTheWayThere) {
  const std::vector<PathPart> parts{
      {"dispatch", 32}, {"program", 23}, {"bpf_ringbuf_output", 40}, {"bpf_get_current_comm", 6}};
  EXPECT_EQ(handler_path(hit()).parts, parts);
}

TEST(HandlerPath, AddsUpToWhatAHitAdds) {
  double parts = 0;
  std::int64_t functions = 0;
  const auto path = handler_path(hit());
  for (const auto& one : path.parts) parts += one.instructions;
  for (const auto& one : path.functions) functions += one.instructions;
  EXPECT_EQ(parts, hit().per_hit());
  EXPECT_EQ(functions, hit().per_hit());
  EXPECT_EQ(path.functions.front(), (FunctionPart{"vfs_read", "dispatch", 1}));
}

TEST(HandlerPath, AModulesFunctionsAreTheUsersOwn) {
  auto path = hit();
  for (auto& one : path.runs) {
    if (one.symbol.starts_with("bpf_prog_mine")) one.symbol = "my_handler [my_kprobe]";
  }
  EXPECT_EQ(handler_path(path, "my_kprobe").parts, handler_path(hit()).parts);
  EXPECT_FALSE(handler_path(path, "other").has_program());
  EXPECT_EQ(handler_path(path).parts, (std::vector<PathPart>{{"dispatch", 101}}));
}

TEST(HandlerPath, WhatTheAverageHasMoreIsAPart) {
  auto path = handler_path(hit());
  path.add_rest(101);
  EXPECT_EQ(path.parts, handler_path(hit()).parts);
  path.add_rest(103.5);
  EXPECT_EQ(path.parts.back(), (PathPart{"not in every hit", 2.5}));
}

TEST(HandlerPath, TellsTheLinesOfAProgramsSource) {
  auto path = hit();
  path.steps.bpf = {{0x1000, 1}, {0x1004, 1}, {0x1008, 2}, {0x100c, 2}, {0x1010, 1}};
  const std::vector<SourceLine> lines{
      {0x1004, "a.c", 3, "if (x)"}, {0x1008, "a.c", 4, "++n;"}, {0x1010, "a.c", 3, "if (x)"}};
  const std::vector<LinePart> parts{{"a.c", 3, "if (x)", 2}, {"a.c", 4, "++n;", 4}};
  EXPECT_EQ(handler_path(path, {}, lines).lines, parts);
}

}  // namespace
}  // namespace probebench::cost
