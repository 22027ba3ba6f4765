// SPDX-License-Identifier: MIT
#include "cost/tracefs_setup.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "temporary_directory.h"

namespace probebench::cost {
namespace {

using Undos = std::vector<Undo>;

TEST(Definition, HasAnEvent) {
  EXPECT_EQ(event_of_definition("p:mine do_sys_openat2"), "kprobes/mine");
  EXPECT_EQ(event_of_definition("r:group/mine vfs_read ret=$retval"), "group/mine");
  EXPECT_EQ(event_of_definition("p vfs_read"), "");
}

TEST(Definition, HasAFunction) {
  EXPECT_EQ(function_of_definition("p:mine do_sys_openat2 name=+0(%si):ustring"), "do_sys_openat2");
  EXPECT_EQ(function_of_definition("r8:mine vfs_read+0x10"), "vfs_read");
  EXPECT_EQ(function_of_definition("p:mine ext4:ext4_sync_fs%return"), "ext4_sync_fs");
  EXPECT_EQ(function_of_definition("p:mine /bin/ls:0x4000"), "");
  EXPECT_EQ(function_of_definition("p:mine 0xffffffff81000000"), "");
  EXPECT_EQ(function_of_definition("-:mine"), "");
}

// A typo is the user's to mend; what other kernels have, this one lacks.
TEST(Tracer, IsMisspeltOrLacking) {
  const auto misspelt = why_no_tracer("functoin", "function_graph function nop\n");
  EXPECT_EQ(misspelt.fault, Fault::usage);
  EXPECT_NE(misspelt.message().find("did you mean function"), std::string::npos) << misspelt.message();
  EXPECT_EQ(why_no_tracer("function_graph", "function nop\n").fault, Fault::unsupported);
}

TEST(UseOfTracefs, IsWhatSomebodySwitchedOnOrRecorded) {
  TemporaryDirectory directory;
  const auto tracefs = directory.path().string() + "/";
  const auto with = [&](const char* file, const char* text) {
    EXPECT_TRUE(write_file_atomic(tracefs + file, text));
    return use_of_tracefs(tracefs);
  };
  EXPECT_EQ(with("current_tracer", "nop\n"), "");
  EXPECT_EQ(with("set_event", "\n"), "");
  EXPECT_EQ(with("trace", "# tracer: nop\n#\n"), "");
  EXPECT_EQ(with("trace", "# tracer: nop\n#\n  cat-1 [000] ...: mine\n"), "trace has cat-1 [000] ...: mine");
  EXPECT_EQ(with("set_event", "sched:sched_switch\n"), "set_event has sched:sched_switch");
  EXPECT_EQ(with("current_tracer", "function\n"), "current_tracer has function");
}

TEST(UndoOf, DeletesDefinitionsTheLastFirst) {
  EXPECT_EQ(undo_of("kprobe_events", "p:kprobes/old vfs_open\n", "p:kprobes/old vfs_open\n"), Undos{});
  EXPECT_EQ(undo_of("kprobe_events", "p:kprobes/old vfs_open\n",
                    "p:kprobes/old vfs_open\np:kprobes/a vfs_read\nr:mine/b vfs_read\n"),
            (Undos{{{"kprobe_events", "-:mine/b"}, false}, {{"kprobe_events", "-:kprobes/a"}, false}}));
}

TEST(UndoOf, PutsSetsAndValuesBack) {
  EXPECT_EQ(undo_of("set_ftrace_filter", "#### all functions enabled ####\n", "vfs_read\n"),
            (Undos{{{"set_ftrace_filter", ""}, true}}));
  EXPECT_EQ(undo_of("set_event", "sched:sched_switch\n", "sched:sched_switch\nsignal:signal_generate\n"),
            (Undos{{{"set_event", ""}, true}, {{"set_event", "sched:sched_switch"}, false}}));
  EXPECT_EQ(undo_of("current_tracer", "nop\n", "function\n"), (Undos{{{"current_tracer", "nop"}, false}}));
  EXPECT_EQ(undo_of("events/sched/enable", "0\n", "1\n"), (Undos{{{"events/sched/enable", "0"}, false}}));
}

}  // namespace
}  // namespace probebench::cost
