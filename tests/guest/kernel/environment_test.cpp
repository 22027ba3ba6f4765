// SPDX-License-Identifier: MIT
// What is read from /proc, /sys and tracefs, on captured text.
#include "kernel/environment.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/file.h"
#include "kernel/evidence.h"
#include "kernel/kallsyms.h"
#include "kernel/put_back.h"
#include "pb_abi.h"

namespace probebench::kernel {
namespace {

class Root : public testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::temp_directory_path() / ("environment_test." + std::to_string(::getpid()));
    fs::create_directories(root_);
  }
  void TearDown() override { fs::remove_all(root_); }

  void put(const std::string& path, std::string_view content) {
    fs::create_directories((root_ / path).parent_path());
    ASSERT_TRUE(write_file_atomic(root_ / path, content));
  }
  std::string get(const std::string& path) { return *read_file(root_ / path); }

  fs::path root_;
};

constexpr const char* kList =
    "ffffffffc0201030  k  pb_site_mid_step+0x10  probebench \n"
    "ffffffffc0201010  k  pb_site_mid+0x10  probebench [OPTIMIZED]\n";

TEST(KernelFlags, FindsTheSymbolAsAWholeWord) {
  EXPECT_EQ(line_naming(kList, "pb_site_mid"), "k pb_site_mid+0x10 probebench [OPTIMIZED]");
  EXPECT_EQ(line_naming(kList, "pb_site_mid_step"), "k pb_site_mid_step+0x10 probebench");
  EXPECT_EQ(line_naming(kList, "pb_site"), "");
}

TEST(KernelFlags, KeepsLinesThatBeginWithTheSymbol) {
  EXPECT_EQ(line_naming("pb_site_entry [probebench] (1) R\ttramp: 0x1\n", "pb_site_entry"),
            "pb_site_entry [probebench] (1) R tramp: 0x1");
}

TEST_F(Root, KernelFlagsComeFromTheListOfTheMechanism) {
  put("sys/kernel/debug/kprobes/list", kList);
  put("sys/kernel/tracing/enabled_functions", "pb_site_entry [probebench] (1)\n");
  EXPECT_EQ(kernel_flags(cells_of(ProbeType::kprobe_optimized, Handler::nop).front(), root_),
            "k pb_site_mid+0x10 probebench [OPTIMIZED]");
  EXPECT_EQ(kernel_flags(cells_of(ProbeType::ftrace, Handler::nop).front(), root_),
            "pb_site_entry [probebench] (1)");
  EXPECT_EQ(kernel_flags(cells_of(ProbeType::tracepoint, Handler::nop).front(), root_), "");
}

TEST_F(Root, EnvironmentReadsWhatIsThereAndNothingElse) {
  put("proc/sys/kernel/osrelease", "6.12.1-test\n");
  put("proc/cmdline", "quiet mitigations=off\n");
  put("proc/cpuinfo",
      "processor\t: 0\nvendor_id\t: AuthenticAMD\nmodel name\t: QEMU TCG CPU\n"
      "flags\t\t: fpu hypervisor\n\nprocessor\t: 1\nmodel name\t: other\n");
  put("sys/devices/system/cpu/vulnerabilities/spectre_v2", "Mitigation: Retpolines\n");
  put("sys/kernel/debug/kprobes/list", kList);
  const auto facts = read_environment(root_);
  EXPECT_EQ(facts.at("kernel.release"), "6.12.1-test");
  EXPECT_EQ(facts.at("kernel.cmdline"), "quiet mitigations=off");
  EXPECT_EQ(facts.at("cpu.model"), "QEMU TCG CPU");
  EXPECT_EQ(facts.at("hypervisor"), "yes");
  EXPECT_EQ(facts.at("mitigations.spectre_v2"), "Mitigation: Retpolines");
  EXPECT_EQ(facts.at("kprobes.foreign"), "2");
  EXPECT_FALSE(facts.contains("governor"));
}

TEST_F(Root, SettingIsRestored) {
  put("proc/sys/debug/kprobes-optimization", "1\n");
  {
    const auto setting = set_optimization(Optimization::off, root_);
    ASSERT_TRUE(setting);
    EXPECT_EQ(get("proc/sys/debug/kprobes-optimization")[0], '0');
  }
  EXPECT_EQ(get("proc/sys/debug/kprobes-optimization")[0], '1');
}

TEST_F(Root, SettingWithTheRightValueIsLeftAlone) {
  put("proc/sys/debug/kprobes-optimization", "1\n");
  { ASSERT_TRUE(set_optimization(Optimization::on, root_)); }
  EXPECT_EQ(get("proc/sys/debug/kprobes-optimization"), "1\n");
}

TEST_F(Root, KernelsWithoutTheSettingAreOff) {
  EXPECT_TRUE(set_optimization(Optimization::off, root_));
  const auto on = set_optimization(Optimization::on, root_);
  ASSERT_FALSE(on);
  EXPECT_EQ(on.error().err, ENOENT);
}

// The tables' order is the ABI's: a cell is sent as the index of its row.
TEST(Tables, FollowTheModulesNumbers) {
  EXPECT_EQ(static_cast<int>(Mechanism::tracepoint), PB_MECH_TRACEPOINT);
  EXPECT_EQ(static_cast<int>(Mechanism::kprobe_post), PB_MECH_KPROBE_POST);
  EXPECT_EQ(static_cast<int>(Mechanism::fprobe_exit), PB_MECH_FPROBE_EXIT);
  EXPECT_EQ(static_cast<int>(SiteId::tracepoint), PB_SITE_TRACEPOINT);
  EXPECT_EQ(static_cast<int>(SiteId::mid_emulated), PB_SITE_MID_EMULATED);
  EXPECT_EQ(static_cast<int>(SiteId::user_nop), PB_NR_SITES) << "the agent's own sites follow the module's";
  EXPECT_EQ(static_cast<int>(Handler::count), PB_HANDLER_COUNT);
  EXPECT_EQ(kHandlers.size(), static_cast<size_t>(PB_NR_HANDLERS));
  for (size_t i = 0; i < kProbeTypes.size(); ++i) EXPECT_EQ(static_cast<size_t>(kProbeTypes[i].id), i);
  for (size_t i = 0; i < kCapabilities.size(); ++i) EXPECT_EQ(static_cast<size_t>(kCapabilities[i].id), i);
  for (size_t i = 0; i < kProbeStates.size(); ++i) EXPECT_EQ(static_cast<size_t>(kProbeStates[i].id), i);
  for (size_t i = 0; i < kSites.size(); ++i) EXPECT_EQ(static_cast<size_t>(kSites[i].id), i);
}

constexpr const char* kListing =
    "ffffffff81000000 T _stext\n"
    "ffffffff81000090 t __pfx_do_one_initcall\n"
    "ffffffff810000a0 t do_one_initcall\n"
    "ffffffff82000000 D init_task\n"
    "ffffffffc0201000 t pb_open\t[probebench]\n"
    "ffffffffc0202000 d pb_device\t[probebench]\n"
    "ffffffffc0300000 t ftrace_trampoline\t[__builtin__ftrace]\n"
    "ffffffffc0301000 t bpf_prog_6deef7357e7b4530_x\t[bpf]\n";

TEST(TextSymbols, AreFunctionsWithoutTheirPadding) {
  EXPECT_EQ(text_symbols(kListing, SymbolSet::all),
            "ffffffff81000000 _stext\n"
            "ffffffff810000a0 do_one_initcall\n"
            "ffffffffc0201000 pb_open\t[probebench]\n"
            "ffffffffc0300000 ftrace_trampoline\t[__builtin__ftrace]\n"
            "ffffffffc0301000 bpf_prog_6deef7357e7b4530_x\t[bpf]\n");
}

TEST(TextSymbols, PassingOnesAreThoseMadeAtRunTime) {
  EXPECT_EQ(text_symbols(kListing, SymbolSet::passing),
            "ffffffffc0300000 ftrace_trampoline\t[__builtin__ftrace]\n"
            "ffffffffc0301000 bpf_prog_6deef7357e7b4530_x\t[bpf]\n");
  EXPECT_EQ(text_symbols("", SymbolSet::all), "");
  EXPECT_EQ(text_symbols("cut off", SymbolSet::all), "");
}

}  // namespace

}  // namespace probebench::kernel
