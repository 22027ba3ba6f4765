// SPDX-License-Identifier: MIT
// Paths that the plugin recorded on Linux 6.12.117, three turns of each loop, with the guest's own symbols
// (recorded/): what is told of them, and that what does not add up is refused.
#include "anatomy/anatomy.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>
#include <sstream>

#include "anatomy/anatomy_json.h"
#include "anatomy/path.h"
#include "base/file.h"
#include "text/anatomy_text.h"

namespace probebench::anatomy {
namespace {

constexpr std::uint32_t kArrivals = 4;  // at the loop's head

std::string recorded_file(const std::string& name) {
  const auto text = read_file(fs::path(PROBEBENCH_SOURCE_DIR "/tests/host/anatomy/recorded") / name);
  EXPECT_TRUE(text) << name;
  return text ? *text : "";
}

SymbolTable symbols_of(const std::string& type, std::vector<NamedRange> ranges) {
  const auto kernel = SymbolTable::parse(recorded_file(type + ".symbols"));
  return *kernel->with("", std::move(ranges));
}

std::vector<Path> paths_of(const std::string& type) {
  const auto paths = parse_paths(recorded_file(type + ".path"));
  EXPECT_TRUE(paths);
  return paths ? *paths : std::vector<Path>(2);
}

Result<Anatomy> dissected(const std::vector<Path>& paths, const SymbolTable& symbols) {
  return dissect({paths.at(0), paths.at(1), kArrivals}, symbols);
}

Anatomy anatomy_of(const std::string& type, std::vector<NamedRange> ranges = {}) {
  auto anatomy = dissected(paths_of(type), symbols_of(type, std::move(ranges)));
  EXPECT_TRUE(anatomy) << (anatomy ? "" : anatomy.error().message());
  if (!anatomy) return {};
  anatomy->cell = type + "/module/nop";
  anatomy->target = "vm-tcg-6.12.117";
  return *anatomy;
}

// The addresses are those of the evidence of the same run.
Anatomy stepped() {
  return anatomy_of("kprobe-stepped", {{0xffffffffc021d000, 0xffffffffc021d010, std::string(kSlotName)}});
}
Anatomy optimized() {
  return anatomy_of("kprobe-optimized", {{0xffffffffc021f07c, 0xffffffffc021f27c, std::string(kDetourName)}});
}
Anatomy returning() {
  return anatomy_of("kretprobe-ftrace");
}

std::uint64_t count_in(const Anatomy& anatomy, std::string_view symbol) {
  std::uint64_t sum = 0;
  for (const auto& run : anatomy.runs) sum += run.symbol == symbol ? run.count : 0;
  return sum;
}

// Each function once, at its first appearance.
std::vector<std::string> order_of(const Anatomy& anatomy) {
  std::vector<std::string> names;
  for (const auto& run : anatomy.runs) {
    if (std::ranges::find(names, run.symbol) == names.end()) names.push_back(run.symbol);
  }
  return names;
}

bool in_order(const std::vector<std::string>& names, const std::vector<std::string>& wanted) {
  auto at = names.begin();
  for (const auto& name : wanted) {
    at = std::find(at, names.end(), name);
    if (at == names.end()) return false;
  }
  return true;
}

TEST(SymbolTable, NamesTheFunctionThatHoldsAnAddress) {
  const auto table = SymbolTable::parse(
      "ffffffff81000000 _stext\nffffffff81000100 second\nffffffffc0201000 pb_open\t[probebench]\n");
  ASSERT_TRUE(table);
  EXPECT_EQ(table->name_of(0xffffffff81000000), "_stext");
  EXPECT_EQ(table->name_of(0xffffffff810000ff), "_stext");
  EXPECT_EQ(table->name_of(0xffffffff81000100), "second");
  EXPECT_EQ(table->name_of(0xffffffffc0201010), "pb_open [probebench]");
  EXPECT_EQ(table->name_of(0xffffffff80ffffff), kNoSymbol);
  EXPECT_EQ(table->name_of(0x401000), kUserSpace);
}

TEST(SymbolTable, KnowsWhereFunctionsBegin) {
  const auto table = SymbolTable::parse("0000000000001000 first\n0000000000002000 second\t[module]\n");
  ASSERT_TRUE(table);
  EXPECT_TRUE(table->begins_at(0x1000));
  EXPECT_TRUE(table->begins_at(0x2000));
  EXPECT_FALSE(table->begins_at(0x1004));
  EXPECT_FALSE(table->begins_at(0x3000));
}

TEST(SymbolTable, TakesThePlainestOfSeveralNames) {
  const auto table =
      SymbolTable::parse("ffffffff81000000 __x_b\nffffffff81000000 x_long\nffffffff81000000 x_a\n");
  EXPECT_EQ(table->name_of(0xffffffff81000000), "x_a");
}

TEST(SymbolTable, NamesOfBpfTextAreTheSameInEveryBoot) {
  const auto table = SymbolTable::parse(
      "ffffffffc0000000 bpf_prog_bcf7977d3b93787c_nop_fentry\t[bpf]\n"
      "ffffffffc0001000 bpf_trampoline_6442536467_1\t[bpf]\n"
      "ffffffffc0002000 bpf_prog_free\n");
  EXPECT_EQ(table->name_of(0xffffffffc0000001), "bpf_prog_nop_fentry [bpf]");
  EXPECT_EQ(table->name_of(0xffffffffc0001001), "bpf_trampoline [bpf]");
  EXPECT_EQ(table->name_of(0xffffffffc0002001), "bpf_prog_free");
}

TEST(SymbolTable, WhatIsAddedComesFirst) {
  const auto kernel = SymbolTable::parse("ffffffffc021d000 kprobe_insn_page\t[__builtin__kprobes]\n");
  const auto table =
      kernel->with("ffffffffc0300000 late\t[bpf]\n", {{0xffffffffc021d010, 0xffffffffc021d020, "slot"}});
  ASSERT_TRUE(table);
  EXPECT_EQ(table->name_of(0xffffffffc021d010), "slot");
  EXPECT_EQ(table->name_of(0xffffffffc021d020), "kprobe_insn_page [__builtin__kprobes]");
  EXPECT_EQ(table->name_of(0xffffffffc0300000), "late [bpf]");
  EXPECT_EQ(kernel->name_of(0xffffffffc0300000), "kprobe_insn_page [__builtin__kprobes]");
}

TEST(SymbolTable, ALineThatIsNoneIsRefused) {
  for (const auto* line : {"ffffffff81000000", "x name", "ffffffff81000000 ", " name"}) {
    const auto table = SymbolTable::parse(std::string(line) + "\n");
    ASSERT_FALSE(table) << line;
    EXPECT_NE(table.error().message().find(line), std::string::npos);
  }
}

// rep movsb four times, then twice at another place; a jump to itself repeats nothing.
TEST(Path, OnlyStringInstructionsRepeat) {
  const Step rep{0x1000, {0xf3, 0xa4}}, other{0x2000, {0xf3, 0xa4}}, turn{0x3000, {0xeb, 0xfe}};
  EXPECT_EQ(repetitions({}), 0U);
  const Path path{rep, rep, rep, rep, other, other, turn, turn, rep};
  EXPECT_EQ(repetitions(path), 4U);
}

TEST(Anatomy, OfASteppedKprobe) {
  const auto anatomy = stepped();
  EXPECT_EQ(anatomy.total(), 497u);
  EXPECT_EQ(anatomy.baseline, 12u);
  EXPECT_EQ(anatomy.per_hit(), 485u);
  EXPECT_EQ(anatomy.exceptions, 2u);
  EXPECT_EQ(anatomy.of_phase(Phase::call), 12u);
  EXPECT_EQ(anatomy.of_phase(Phase::handler), 3u);
  EXPECT_EQ(count_in(anatomy, "error_entry"), 90u);
  EXPECT_EQ(count_in(anatomy, std::string(kSlotName)), 2u);
  EXPECT_TRUE(
      in_order(order_of(anatomy),
               {"pb_site_mid_step [probebench]", "asm_exc_int3", "error_entry", "poke_int3_handler",
                "get_kprobe", "pb_nop_kprobe_pre [probebench]", "setup_singlestep", std::string(kSlotName)}));
}

TEST(Anatomy, OfAnOptimizedKprobe) {
  const auto anatomy = optimized();
  EXPECT_EQ(anatomy.per_hit(), 103u);
  EXPECT_EQ(anatomy.exceptions, 0u);
  EXPECT_EQ(anatomy.of_phase(Phase::entry), 23u);
  EXPECT_EQ(anatomy.of_phase(Phase::lookup), 0u);
  EXPECT_EQ(anatomy.of_phase(Phase::exit), 22u);
}

TEST(Anatomy, OfAReturnProbe) {
  const auto anatomy = returning();
  EXPECT_EQ(anatomy.per_hit(), 435u);
  EXPECT_EQ(count_in(anatomy, "get_kprobe"), 11u);
  EXPECT_TRUE(
      in_order(order_of(anatomy), {"kprobe_ftrace_handler", "rethook_try_get", "arch_rethook_trampoline",
                                   "rethook_trampoline_handler", "pb_nop_kretprobe [probebench]"}));
}

TEST(Anatomy, PhasesAddUpToTheTotal) {
  for (const auto& anatomy : {stepped(), optimized(), returning()}) {
    std::uint64_t sum = 0;
    for (const auto& phase : kPhases) sum += anatomy.of_phase(phase.id);
    EXPECT_EQ(sum, anatomy.total()) << anatomy.cell;
  }
}

TEST(Anatomy, MustHaveWhatTheWindowsCounted) {
  const auto anatomy = stepped();
  EXPECT_TRUE(check_totals(anatomy, {485, 12}));
  for (const auto& wrong :
       {Counted{484, 12}, Counted{486, 12}, Counted{485.5, 12}, Counted{485, 13}, Counted{486, 11}}) {
    EXPECT_FALSE(check_totals(anatomy, wrong)) << wrong.instructions_per_hit;
  }
  EXPECT_NE(
      check_totals(anatomy, {484, 12}).error().message().find("497 instructions, its windows counted 496"),
      std::string::npos);
}

// One instruction that the plugin did not see, in every turn: the totals tell, or the walk does.
TEST(Anatomy, AMissingStepIsNoticed) {
  const auto symbols = symbols_of("kprobe-optimized", {});
  const auto whole = paths_of("kprobe-optimized");
  const std::size_t length = 115;
  for (std::size_t missing = 1; missing < length; ++missing) {
    auto paths = whole;
    for (std::size_t turn = 3; turn-- > 0;) {
      paths[1].erase(paths[1].begin() + static_cast<std::ptrdiff_t>(turn * length + missing));
    }
    const auto anatomy = dissected(paths, symbols);
    EXPECT_FALSE(anatomy && check_totals(*anatomy, {103, 12})) << missing;
  }
}

TEST(Anatomy, AStepMissingInOneTurnIsNoticed) {
  auto paths = paths_of("kprobe-optimized");
  paths[1].erase(paths[1].begin() + 200);
  EXPECT_FALSE(dissected(paths, symbols_of("kprobe-optimized", {})));
}

TEST(Difference, AddsUpToThatOfTheTotals) {
  const auto first = optimized();
  const auto second = returning();
  const auto rows = difference(first, second);
  const auto sum =
      std::accumulate(rows.begin(), rows.end(), std::int64_t{0},
                      [](std::int64_t so_far, const auto& row) { return so_far + row.change(); });
  EXPECT_EQ(sum, static_cast<std::int64_t>(second.total()) - static_cast<std::int64_t>(first.total()));
  EXPECT_EQ(rows.front(), (SymbolDifference{"pb_site_mid_loop [probebench]", 5, 0}));
  const auto thunk = std::ranges::find(rows, "__x86_indirect_thunk_rax", &SymbolDifference::symbol);
  ASSERT_NE(thunk, rows.end());
  EXPECT_EQ(thunk->first, 3u);
  EXPECT_EQ(thunk->second, 9u);
}

TEST(Difference, OfAPathAndItselfIsNothing) {
  for (const auto& row : difference(stepped(), stepped())) EXPECT_EQ(row.change(), 0) << row.symbol;
}

TEST(Dissection, CountsTheUnprobedCallByFunction) {
  const auto anatomy = stepped();
  std::uint64_t sum = 0;
  for (const auto& [function, count] : anatomy.steps.unprobed) sum += count;
  EXPECT_EQ(sum, anatomy.baseline);
  EXPECT_TRUE(anatomy.steps.bpf.empty());
}

TEST(AnatomyJson, ReadsWhatItWrites) {
  std::vector<Anatomy> all{stepped(), returning()};
  for (auto& one : all) one.steps = {};
  const auto read = read_anatomies(write_anatomies(all));
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, all);
}

TEST(AnatomyJson, RefusesWhatIsNotItsOwn) {
  for (const auto* text :
       {"", "[]", "{\"schema_version\": 2, \"anatomies\": []}", "{\"schema_version\": 1}"}) {
    EXPECT_FALSE(read_anatomies(text)) << text;
  }
}

TEST(AnatomyJson, ADifferenceHasItsSum) {
  const auto json = nlohmann::json::parse(write_difference(optimized(), returning()));
  int sum = 0;
  for (const auto& row : json.at("symbols")) sum += row.at("change").get<int>();
  EXPECT_EQ(json.at("instructions").at("change"), sum);
  EXPECT_EQ(sum, 331);
}

TEST(Folded, EveryInstructionIsInOneStack) {
  std::istringstream lines(folded({stepped()}));
  std::uint64_t sum = 0;
  bool handler_seen = false;
  for (std::string line; std::getline(lines, line);) {
    const auto blank = line.rfind(' ');
    EXPECT_TRUE(line.starts_with("vm-tcg-6.12.117;kprobe-stepped/module/nop;pb_site_mid_step_loop")) << line;
    sum += std::stoull(line.substr(blank + 1));
    handler_seen = handler_seen || line.substr(0, blank).ends_with(
                                       ";asm_exc_int3;exc_int3;kprobe_int3_handler;pb_nop_kprobe_pre "
                                       "[probebench]");
  }
  EXPECT_EQ(sum, 497u);
  EXPECT_TRUE(handler_seen);
}

std::size_t longest_line(const std::string& text) {
  std::istringstream lines(text);
  std::size_t longest = 0;
  for (std::string line; std::getline(lines, line);) longest = std::max(longest, line.size());
  return longest;
}

TEST(AnatomyText, SaysWhatACounterWouldShow) {
  auto anatomy = stepped();
  EXPECT_EQ(text::anatomy_text({anatomy}).find("counter"), std::string::npos);
  anatomy.repetitions = 27;
  EXPECT_NE(text::anatomy_text({anatomy}).find(
                "A CPU's counter would count 458 per hit: 27 repeat a string instruction.\n\n insns"),
            std::string::npos)
      << text::anatomy_text({anatomy});
  const auto again = read_anatomies(write_anatomies({anatomy}));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->front().repetitions, 27);
}

TEST(AnatomyText, FitsATerminal) {
  auto deep = stepped();
  deep.runs[3].depth = 40;
  deep.cell = std::string(100, 'x') + " " + std::string(30, 'y');
  EXPECT_LE(longest_line(text::anatomy_text({stepped(), returning()})), 80u);
  EXPECT_LE(longest_line(text::difference_text(stepped(), returning())), 80u);
  const auto text = text::anatomy_text({deep});
  EXPECT_NE(text.find("..."), std::string::npos);
}

TEST(AnatomyText, MarksExceptionsAndTheirReturns) {
  const auto text = text::anatomy_text({stepped()});
  EXPECT_NE(text.find("485 instructions per hit and 12 of the unprobed call; 2 exceptions per hit\n"),
            text.npos);
  EXPECT_NE(text.find("    13  entry         ! asm_exc_int3\n"), text.npos);
  EXPECT_NE(text.find("     2  slot        < instruction slot\n"), text.npos);
  EXPECT_NE(text.find("   497  in all\n"), text.npos);
}

}  // namespace

}  // namespace probebench::anatomy
