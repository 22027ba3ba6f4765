// SPDX-License-Identifier: MIT
#include "offer/known_names.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "temporary_directory.h"

namespace probebench::offer {
namespace {

TEST(TracefsFile, IsMisspeltOrLacking) {
  const TemporaryDirectory root;
  std::filesystem::create_directories(root.path() / "events/kprobes/mine");
  std::ofstream(root.path() / "events/kprobes/mine/enable") << "0";
  std::ofstream(root.path() / "set_event") << "";
  const auto check = [&](const char* file) { return check_tracefs_file(file, root.path()); };
  EXPECT_TRUE(check("events/kprobes/mine/enable"));
  const auto event = check("events/kprobes/mien/enable");
  ASSERT_FALSE(event);
  EXPECT_EQ(event.error().fault, Fault::cell);
  EXPECT_NE(event.error().message().find("mien is not there; did you mean mine"), std::string::npos)
      << event.error().message();
  EXPECT_NE(check("set_evnt").error().message().find("did you mean set_event"), std::string::npos);
  EXPECT_NE(check("events/kprobes").error().message().find("is a directory"), std::string::npos);
  EXPECT_EQ(check("uprobe_events").error().fault, Fault::unsupported);
  EXPECT_EQ(check_tracefs_file("set_event", root.path() / "none").error().fault, Fault::unsupported);
}

TEST(ErrorLog, HasTheLastRefusal) {
  EXPECT_EQ(
      last_refusal("[  1.0] trace_kprobe: error: Invalid probed address or symbol\n  Command: p x\n"
                   "             ^\n[  2.5] trace_kprobe: error: Unknown type specified\n  Command: p y\n"),
      "trace_kprobe: error: Unknown type specified");
  EXPECT_EQ(last_refusal(""), "");
}

}  // namespace
}  // namespace probebench::offer
