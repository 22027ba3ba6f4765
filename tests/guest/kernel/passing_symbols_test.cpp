// SPDX-License-Identifier: MIT
#include "kernel/passing_symbols.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/perf_event.h>

#include <cstring>

namespace probebench::kernel {
namespace {

using testing::ElementsAre;
using testing::Pair;

std::string record(std::uint32_t type, std::string body) {
  body.resize((body.size() + 8) / 8 * 8, '\0');
  const perf_event_header header{type, 0, static_cast<std::uint16_t>(sizeof header + body.size())};
  return std::string(reinterpret_cast<const char*>(&header), sizeof header) + body;
}

std::string symbol(std::uint64_t address, std::uint16_t type, std::uint16_t flags, const std::string& name) {
  struct {
    std::uint64_t address;
    std::uint32_t length;
    std::uint16_t type, flags;
  } const head{address, 64, type, flags};
  return record(PERF_RECORD_KSYMBOL, std::string(reinterpret_cast<const char*>(&head), sizeof head) + name);
}

constexpr std::uint16_t kBpf = PERF_RECORD_KSYMBOL_TYPE_BPF;
constexpr std::uint16_t kOther = PERF_RECORD_KSYMBOL_TYPE_OOL;

TEST(PassingSymbols, AreThoseThatCameAndDidNotGo) {
  SymbolsAt symbols{{0x10, "bpf_prog_old\t[bpf]"}};
  const auto records =
      symbol(0x20, kBpf, 0, "bpf_prog_1a_first") + symbol(0x30, kOther, 0, "ftrace_trampoline") +
      symbol(0x40, kOther, 0, "kprobe_optinsn_page") + record(PERF_RECORD_COMM, "something else") +
      symbol(0x10, kBpf, PERF_RECORD_KSYMBOL_FLAGS_UNREGISTER, "bpf_prog_old");
  EXPECT_TRUE(take_symbol_records(records, symbols));
  EXPECT_THAT(symbols, ElementsAre(Pair(0x20, "bpf_prog_1a_first\t[bpf]"),
                                   Pair(0x30, "ftrace_trampoline\t[__builtin__ftrace]"),
                                   Pair(0x40, "kprobe_optinsn_page\t[__builtin__kprobes]")));
}

TEST(PassingSymbols, AreUnknownWhenRecordsWereLost) {
  SymbolsAt symbols;
  EXPECT_FALSE(take_symbol_records(
      record(PERF_RECORD_LOST, std::string(16, '\1')) + symbol(0x20, kBpf, 0, "after"), symbols));
  EXPECT_EQ(symbols.size(), 1u);
  EXPECT_FALSE(take_symbol_records(symbol(0x30, kBpf, 0, "cut").substr(0, 20), symbols));
  const perf_event_header empty{};
  EXPECT_FALSE(take_symbol_records({reinterpret_cast<const char*>(&empty), sizeof empty}, symbols));
}

}  // namespace
}  // namespace probebench::kernel
