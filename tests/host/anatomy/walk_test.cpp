// SPDX-License-Identifier: MIT
// From what the plugin wrote to one turn of the loop, followed through calls and exceptions: on small made
// paths with known answers, and on broken ones that must be refused.
#include "anatomy/walk.h"

#include <gtest/gtest.h>

#include "anatomy/path.h"

namespace probebench::anatomy {
namespace {

constexpr std::uint64_t kLoop = 0xffffffff81000000;
constexpr std::uint64_t kSite = 0xffffffff81000100;
constexpr std::uint64_t kHandler = 0xffffffff81000200;
constexpr std::uint64_t kEntry = 0xffffffff81800000;
constexpr std::uint64_t kUserSite = 0x401000;

Step nop(std::uint64_t address) {
  return {address, {0x90}};
}
Step ret(std::uint64_t address) {
  return {address, {0xc3}};
}
Step int3(std::uint64_t address) {
  return {address, {0xcc}};
}
Step iret(std::uint64_t address) {
  return {address, {0x48, 0xcf}};
}

Step relative(std::uint8_t opcode, std::uint64_t address, std::uint64_t target) {
  Step step{address, {opcode}};
  const auto distance = static_cast<std::uint32_t>(target - (address + 5));
  for (int i = 0; i < 4; ++i) step.bytes.push_back(static_cast<std::uint8_t>(distance >> (8 * i)));
  return step;
}
Step call(std::uint64_t address, std::uint64_t target) {
  return relative(0xe8, address, target);
}
Step jump(std::uint64_t address, std::uint64_t target) {
  return relative(0xe9, address, target);
}

Result<std::vector<Visit>> walk_of(const Path& path, std::uint64_t next = kLoop) {
  return walk({path, next}, verify::Disassembler(ArchId::x86_64));
}

std::vector<std::size_t> depths_of(const Path& path, std::uint64_t next = kLoop) {
  std::vector<std::size_t> depths;
  const auto visits = walk_of(path, next);
  EXPECT_TRUE(visits) << (visits ? "" : visits.error().message());
  if (!visits) return depths;
  for (const auto& visit : *visits) depths.push_back(visit.depth);
  return depths;
}

// A jump back to the loop's head at address kLoop.
const Step kAgain = jump(kLoop + 5, kLoop);

TEST(PathFile, HoldsOnePathForEachLoop) {
  const auto paths = parse_paths("begin\nffffffff81000000 90\nend\nbegin\n401000 0f1f44\n401003 c3\nend\n");
  ASSERT_TRUE(paths);
  ASSERT_EQ(paths->size(), 2u);
  EXPECT_EQ((*paths)[0], Path{nop(kLoop)});
  EXPECT_EQ((*paths)[1].back(), ret(0x401003));
}

TEST(PathFile, ABrokenOneNamesItsLine) {
  const auto refusal = [](std::string_view text) {
    const auto paths = parse_paths(text);
    return paths ? std::string() : paths.error().message();
  };
  EXPECT_NE(refusal("begin\n401000 90\n").find("line 2 is the last"), std::string::npos);
  EXPECT_NE(refusal("401000 90\n").find("line 1 is out of order"), std::string::npos);
  EXPECT_NE(refusal("begin\nbegin\n").find("line 2 is out of order"), std::string::npos);
  EXPECT_NE(refusal("end\n").find("line 1 is out of order"), std::string::npos);
  for (const auto* line : {"401000", "401000 ", "401000 9", "401000 9g", "x 90", " 90"}) {
    EXPECT_NE(refusal(std::string("begin\n") + line + "\nend\n").find("line 2 is no instruction"),
              std::string::npos)
        << line;
  }
}

// Before the loop, `turns` whole turns, the last arrival at the loop's head, what is behind it.
Path loop_of(std::size_t turns) {
  Path path{nop(0x500)};
  for (std::size_t i = 0; i < turns; ++i) {
    path.insert(path.end(), {nop(kLoop), nop(kLoop + 1), nop(kLoop + 2)});
  }
  path.insert(path.end(), {nop(kLoop), nop(0x600)});
  return path;
}

TEST(LastTurn, IsWhatRepeats) {
  const auto path = loop_of(4);
  const auto turn = last_turn(path, 5);
  ASSERT_TRUE(turn);
  EXPECT_EQ(turn->steps.size(), 3u);
  EXPECT_EQ(turn->steps.front(), nop(kLoop));
  EXPECT_EQ(turn->next, kLoop);
  EXPECT_EQ(turn->steps.data(), path.data() + 10);
}

TEST(LastTurn, AFirstOneThatDiffersIsNotWarm) {
  auto path = loop_of(4);
  path.insert(path.begin() + 2, nop(0x700));
  EXPECT_TRUE(last_turn(path, 5));
}

TEST(LastTurn, OneOfTheLastThatDiffersIsRefused) {
  for (const std::size_t turn : {1, 2, 3}) {
    auto path = loop_of(4);
    path.insert(path.begin() + static_cast<std::ptrdiff_t>(2 + 3 * turn), nop(0x700));
    const auto found = last_turn(path, 5);
    ASSERT_FALSE(found) << turn;
    EXPECT_NE(found.error().message().find("different paths"), std::string::npos);
  }
  auto other = loop_of(4);
  other[8] = nop(0x700);  // as long as the others
  EXPECT_FALSE(last_turn(other, 5));
}

TEST(LastTurn, NeedsTheNumberOfCalls) {
  EXPECT_FALSE(last_turn(loop_of(4), 7));
  EXPECT_FALSE(last_turn(loop_of(2), 3));  // too few to compare
  EXPECT_FALSE(last_turn({}, 5));
}

TEST(Walk, FollowsCallsAndReturns) {
  const Path path{call(kLoop, kSite), nop(kSite),     call(kSite + 1, kHandler),
                  ret(kHandler),      ret(kSite + 6), kAgain};
  EXPECT_EQ(depths_of(path), (std::vector<std::size_t>{0, 1, 1, 2, 1, 0}));
}

TEST(Walk, ATailCallIsNoDeeper) {
  const Path path{call(kLoop, kSite), jump(kSite, kHandler), ret(kHandler), kAgain};
  EXPECT_EQ(depths_of(path), (std::vector<std::size_t>{0, 1, 1, 0}));
}

TEST(Walk, AnExceptionEndsWithItsReturnWhereverThatGoes) {
  const std::uint64_t slot = 0xffffffff81700000;
  const Path path{call(kLoop, kSite), int3(kSite), call(kEntry, kHandler), ret(kHandler),
                  iret(kEntry + 5),   nop(slot),   int3(slot + 1),         iret(kEntry),
                  ret(kSite + 1),     kAgain};
  EXPECT_EQ(depths_of(path), (std::vector<std::size_t>{0, 1, 2, 3, 2, 1, 1, 2, 1, 0}));
  const auto visits = walk_of(path);
  EXPECT_EQ((*visits)[2].arrival, Arrival::exception);
  EXPECT_EQ((*visits)[5].arrival, Arrival::exception_return);
  EXPECT_EQ((*visits)[7].arrival, Arrival::exception);
}

// The trap flag raises the debug exception behind an instruction that leads nowhere else (Linux before 5.13).
TEST(Walk, AnInstructionThatGoesElsewhereWasInterrupted) {
  const Path path{call(kLoop, kSite), nop(kSite), iret(kEntry), ret(kSite + 1), kAgain};
  const auto visits = walk_of(path);
  ASSERT_TRUE(visits);
  EXPECT_EQ((*visits)[2], (Visit{2, Arrival::exception}));
}

TEST(Walk, ARepeatedInstructionIsNoException) {
  const Step rep{kSite, {0xf3, 0xab}};  // rep stosd
  const Path path{call(kLoop, kSite), rep, rep, rep, ret(kSite + 2), kAgain};
  EXPECT_EQ(depths_of(path), (std::vector<std::size_t>{0, 1, 1, 1, 1, 0}));
}

// call 1f; int3; 1: mov %rax,(%rsp); ret
TEST(Walk, ARetpolineIsNoCallOfItsOwn) {
  const std::uint64_t thunk = 0xffffffff81600000;
  const Step mov{thunk + 6, {0x48, 0x89, 0x04, 0x24}};
  const Path path{call(kLoop, thunk), call(thunk, thunk + 6), mov, ret(thunk + 10), ret(kSite), kAgain};
  EXPECT_EQ(depths_of(path), (std::vector<std::size_t>{0, 1, 1, 1, 1, 0}));
}

// A return probe's: the function returns to the trampoline, which returns to the caller.
TEST(Walk, AReplacedReturnAddressLeavesTheCallWaiting) {
  const std::uint64_t trampoline = 0xffffffff81500000;
  const Path path{call(kLoop, kSite), ret(kSite),          call(trampoline, kHandler),
                  ret(kHandler),      ret(trampoline + 5), kAgain};
  EXPECT_EQ(depths_of(path), (std::vector<std::size_t>{0, 1, 1, 2, 1, 0}));
}

// A uprobe on a ret runs it out of line under the trap flag: it has left its call when the exception comes.
TEST(Walk, ASteppedReturnOfUserSpaceLeavesItsCall) {
  const std::uint64_t loop = 0x400000;
  const std::uint64_t slot = 0x7000'0000'0000;
  const Path path{call(loop, kUserSite), int3(kUserSite),     iret(kEntry), ret(slot),
                  iret(kEntry),          jump(loop + 5, loop)};
  EXPECT_EQ(depths_of(path, loop), (std::vector<std::size_t>{0, 1, 2, 1, 1, 0}));
}

// A uretprobe's trampoline is an int3 whose exception returns to the caller.
TEST(Walk, AnExceptionMayEndACall) {
  const std::uint64_t loop = 0x400000;
  const std::uint64_t trampoline = 0x7000'0000'0000;
  const Path path{call(loop, kUserSite), ret(kUserSite), int3(trampoline), iret(kEntry),
                  jump(loop + 5, loop)};
  EXPECT_EQ(depths_of(path, loop), (std::vector<std::size_t>{0, 1, 1, 2, 0}));
}

TEST(Walk, ASystemCallIsNoException) {
  const std::uint64_t loop = 0x400000;
  const Path path{{loop, {0x0f, 0x05}}, nop(kEntry), {kEntry + 1, {0x48, 0x0f, 0x07}}, jump(loop + 2, loop)};
  const auto visits = walk_of(path, loop);
  ASSERT_TRUE(visits) << visits.error().message();
  EXPECT_EQ((*visits)[1], (Visit{1, Arrival::system_call}));
  EXPECT_EQ((*visits)[3], (Visit{0, Arrival::exception_return}));
}

TEST(Walk, AMissingReturnIsRefused) {
  const auto visits = walk_of({call(kLoop, kSite), nop(kSite), kAgain});
  ASSERT_FALSE(visits);
  EXPECT_NE(visits.error().message().find("does not come back"), std::string::npos);
}

TEST(Walk, AMissingCallIsRefused) {
  EXPECT_FALSE(walk_of({nop(kLoop), nop(kSite), ret(kSite + 1), kAgain}));
}

TEST(Walk, AnExceptionWithoutReturnIsRefused) {
  EXPECT_FALSE(walk_of({call(kLoop, kSite), int3(kSite), nop(kEntry), kAgain}));
}

TEST(Walk, AReturnFromNoExceptionIsRefused) {
  const auto visits = walk_of({nop(kLoop), iret(kLoop + 1), kAgain});
  ASSERT_FALSE(visits);
  EXPECT_NE(visits.error().message().find("never took"), std::string::npos);
}

}  // namespace

}  // namespace probebench::anatomy
