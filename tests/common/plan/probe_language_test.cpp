// SPDX-License-Identifier: MIT
#include "plan/probe_language.h"

#include <gtest/gtest.h>

#include "model/placement.h"

namespace probebench::plan {
namespace {

PredictSite site_of(const std::string& text) {
  const auto asked = read_probe(text);
  EXPECT_TRUE(asked) << text << ": " << (asked ? "" : asked.error().message());
  return asked ? asked->site : PredictSite{};
}

SpelledPlace place_of(const std::string& text) {
  const auto asked = read_probe(text);
  EXPECT_TRUE(asked && asked->in_file) << text << ": " << (asked ? "" : asked.error().message());
  return asked && asked->in_file ? *asked->in_file : SpelledPlace{};
}

TEST(ProbeLanguage, HasTheTypesAndTracersWords) {
  EXPECT_EQ(site_of("kprobe-optimized:vfs_read").probe_type, ProbeType::kprobe_optimized);
  EXPECT_EQ(site_of("kprobe:vfs_read").probe_type, ProbeType::bpf_kprobe);
  EXPECT_EQ(site_of("kretprobe:vfs_read").probe_type, ProbeType::bpf_kretprobe);
  EXPECT_EQ(site_of("fentry:vfs_read").probe_type, ProbeType::fentry);
  EXPECT_EQ(site_of("kfunc:vfs_read").probe_type, ProbeType::fentry);
  EXPECT_EQ(site_of("t:sched:sched_switch").probe_type, ProbeType::bpf_tp);
  EXPECT_EQ(site_of("tracepoint:sched:sched_switch").probe_type, ProbeType::tracepoint);
  EXPECT_EQ(site_of("uprobe:./x:main").probe_type, ProbeType::uprobe);
  EXPECT_EQ(site_of("ur:./x:main").probe_type, ProbeType::uretprobe);
  EXPECT_EQ(site_of("usdt:./x:p:n").probe_type, ProbeType::usdt);
}

TEST(ProbeLanguage, WordsHideNoType) {
  for (const auto& word : kProbeWords) EXPECT_FALSE(probe_type_from_name(word.word)) << word.word;
}

TEST(ProbeLanguage, ReadsKernelPlaces) {
  const auto plain = site_of("kprobe:vfs_read");
  EXPECT_EQ(plain.name, "vfs_read");
  EXPECT_EQ(plain.place, "vfs_read");
  EXPECT_FALSE(plain.offset);
  EXPECT_EQ(site_of("kprobe:vfs_read+0x1f").offset, 0x1fu);
  EXPECT_EQ(site_of("kprobe:vfs_read+18446744073709551615").offset, 18446744073709551615u);
  EXPECT_EQ(site_of("fentry:vfs_read+0").offset, 0u);
  const auto owned = site_of("kprobe-optimized:nf-nat:hook.isra.0+4");
  EXPECT_EQ(owned.module, "nf-nat");
  EXPECT_EQ(owned.name, "hook.isra.0");
  EXPECT_EQ(owned.offset, 4u);
  EXPECT_EQ(site_of("raw-tp:sched:sched_switch").name, "sched:sched_switch");
}

TEST(ProbeLanguage, ReadsPlacesInFiles) {
  EXPECT_EQ(place_of("uprobe:/bin/ls+0x4000"), (SpelledPlace{.file = "/bin/ls", .offset = 0x4000}));
  EXPECT_EQ(place_of("uprobe:/bin/ls:0x4000"), (SpelledPlace{.file = "/bin/ls", .offset = 0x4000}));
  EXPECT_EQ(place_of("perf-uprobe:libc:malloc"), (SpelledPlace{.file = "libc", .symbol = "malloc"}));
  EXPECT_EQ(place_of("uprobe:./x:f+4"), (SpelledPlace{.file = "./x", .symbol = "f", .offset = 4}));
  EXPECT_EQ(place_of("uprobe:/usr/bin/g++:main"), (SpelledPlace{.file = "/usr/bin/g++", .symbol = "main"}));
  EXPECT_EQ(place_of("uprobe:/usr/bin/g+++16"), (SpelledPlace{.file = "/usr/bin/g++", .offset = 16}));
  EXPECT_EQ(place_of("uprobe:/a:b/c+16"), (SpelledPlace{.file = "/a:b/c", .offset = 16}));
  EXPECT_EQ(place_of("usdt:/a:b/c:p:n"), (SpelledPlace{.file = "/a:b/c", .provider = "p", .marker = "n"}));
  EXPECT_EQ(place_of("usdt:./x+0x10"), (SpelledPlace{.file = "./x", .offset = 0x10}));
}

// Each with what the message has to say of it.
TEST(ProbeLanguage, RefusesWhatItDoesNotUnderstand) {
  const std::pair<const char*, const char*> cases[] = {
      {"vfs_read", "TYPE:PLACE"},
      {"kprobe:", "TYPE:PLACE"},
      {"kprobe-optimised:vfs_read", "did you mean kprobe-optimized?"},
      {"kprbe:vfs_read", "did you mean kprobe?"},
      {"kprobe:vfs_read+junk", "'junk' is no offset"},
      {"kprobe:vfs_read+", "'' is no offset"},
      {"kprobe:vfs_read+0x", "'0x' is no offset"},
      {"kprobe:vfs_read+5x", "'5x' is no offset"},
      {"kprobe:vfs_read+-4", "'-4' is no offset"},
      {"kprobe:vfs_read+ 4", "' 4' is no offset"},
      {"kprobe:vfs_read+4 ", "'4 ' is no offset"},
      {"kprobe:vfs_read+4+4", "'4+4' is no offset"},
      {"kprobe:vfs_read+99999999999999999999", "'99999999999999999999' is no offset"},
      {"kprobe:vfs_read-4", "'vfs_read-4' is no function"},
      {"kprobe: vfs_read", "' vfs_read' is no function"},
      {"kprobe:vfs_read%return", "kretprobe:FUNCTION"},
      {"kprobe:vfs_read@fs/read_write.c", "source files are not known"},
      {"kprobe:vfs_read:12", "lines of the source are not known"},
      {"kprobe:vfs_*", "patterns are not taken"},
      {"bpf-kprobe-multi-all:vfs_read", "not of all functions"},
      {"kprobe:0xffffffff81000000", "is no function"},
      {"fentry:vfs_read+8", "attached to whole functions"},
      {"kretprobe:vfs_read+8", "attached to whole functions"},
      {"raw-tp:sched_switch", "GROUP:EVENT"},
      {"t:sched:", "GROUP:EVENT"},
      {"t:a:b:c", "GROUP:EVENT"},
      {"uprobe:/bin/ls", "FILE:FUNCTION"},
      {"uprobe:+0x10", "FILE:FUNCTION"},
      {"uprobe:/bin/ls+main", "of a function: /bin/ls:main"},
      {"uprobe:/bin/ls:main+x", "'x' is no offset"},
      {"uprobe:/bin/ls:", "is no function"},
      {"uretprobe:/bin/ls:main+4", "not to a place in it"},
      {"usdt:/bin/ls:name", "FILE:PROVIDER:NAME"},
      {"usdt:/bin/ls", "FILE:PROVIDER:NAME"},
  };
  for (const auto& [text, says] : cases) {
    const auto asked = read_probe(text);
    ASSERT_FALSE(asked) << text;
    EXPECT_EQ(asked.error().fault, Fault::usage);
    EXPECT_NE(asked.error().message().find(std::string("--probe ") + text), std::string::npos) << text;
    EXPECT_NE(asked.error().message().find(says), std::string::npos) << asked.error().message();
  }
}

TEST(ProbeTypes, KnowWhereTheySit) {
  EXPECT_TRUE(goes_past_entry(ProbeType::kprobe_optimized));
  EXPECT_TRUE(goes_past_entry(ProbeType::kprobe_stepped));
  EXPECT_FALSE(goes_past_entry(ProbeType::kprobe_ftrace));
  EXPECT_FALSE(goes_past_entry(ProbeType::fentry));
  EXPECT_FALSE(goes_past_entry(ProbeType::kretprobe_int3));
}

// Where a type may be is where it is measured.
TEST(ProbeLanguage, TakesOffsetsOfTheTypesThatAreMeasuredPastTheEntry) {
  for (const auto& placement : kPlacements) {
    const bool past = placement.site == SiteId::mid || placement.site == SiteId::mid_step ||
                      placement.site == SiteId::mid_emulated;
    EXPECT_TRUE(!past || takes_offset(placement.probe_type)) << info_of(placement.probe_type).name;
  }
  EXPECT_FALSE(takes_offset(ProbeType::kprobe_ftrace));
  EXPECT_FALSE(takes_offset(ProbeType::fmod_ret));
  EXPECT_TRUE(needs_return(ProbeType::fexit));
  EXPECT_FALSE(needs_return(ProbeType::fmod_ret));
}

}  // namespace

}  // namespace probebench::plan
