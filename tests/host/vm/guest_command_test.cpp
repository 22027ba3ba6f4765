// SPDX-License-Identifier: MIT
#include "vm/guest_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>

#include "temporary_directory.h"

namespace probebench::vm {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class UsersCommand : public testing::Test {
 protected:
  TemporaryDirectory scratch_;

  std::string made(const std::string& name, const std::string& content, mode_t mode = 0755) {
    scratch_.write(name, content);
    const auto file = (scratch_.path() / name).string();
    ::chmod(file.c_str(), mode);
    return file;
  }
  std::string refused(const std::vector<std::string>& argv) {
    const auto command = users_command(argv);
    if (command) return "none";
    EXPECT_EQ(command.error().fault, Fault::usage);
    return command.error().message();
  }
};

std::vector<std::string> places_of(const std::vector<GuestProgram>& files) {
  std::vector<std::string> places;
  for (const auto& one : files) places.push_back(one.place);
  return places;
}

std::string in_guest(const std::string& file) {
  return file.substr(1);
}

TEST_F(UsersCommand, AProgramIsOnTheGuestsPath) {
  const auto command = users_command({"true", "an argument"});
  ASSERT_TRUE(command) << command.error().message();
  EXPECT_THAT(command->argv, ElementsAre("/command/true", "an argument"));
  EXPECT_THAT(places_of(command->programs), ElementsAre("command/true"));
  EXPECT_TRUE(command->files.empty());
  EXPECT_EQ(command->own().filename(), "true");
}

TEST_F(UsersCommand, AScriptBringsItsInterpreter) {
  const auto script = made("trace.sh", "#! /bin/sh -e\ntrue\n");
  const auto command = users_command({script});
  ASSERT_TRUE(command) << command.error().message();
  EXPECT_THAT(command->argv, ElementsAre("/command/trace.sh"));
  EXPECT_THAT(places_of(command->programs), ElementsAre("bin/sh"));
  EXPECT_THAT(places_of(command->files), ElementsAre("command/trace.sh"));
  EXPECT_EQ(command->own(), script);
}

TEST_F(UsersCommand, EnvBringsWhatItLooksFor) {
  for (const auto* head : {"#!/usr/bin/env sh\n", "#!/usr/bin/env -S A=b sh -e\n"}) {
    const auto command = users_command({made("trace", head)});
    ASSERT_TRUE(command) << command.error().message();
    EXPECT_THAT(places_of(command->programs), ElementsAre("usr/bin/env", "command/sh"));
  }
}

TEST_F(UsersCommand, FilesAmongTheArgumentsGoWithIt) {
  const auto text = made("reads.bt", "kprobe:vfs_read {}\n", 0644);
  fs::create_symlink("/bin/true", scratch_.path() / "own");
  const auto own = (scratch_.path() / "own").string();
  const auto command = users_command({"true", text, own, "-o", "/dev/null", "/proc/version", "reads.bt"});
  ASSERT_TRUE(command) << command.error().message();
  EXPECT_THAT(places_of(command->files), ElementsAre(in_guest(text)));
  EXPECT_THAT(places_of(command->programs), ElementsAre("command/true", in_guest(own)));
  EXPECT_EQ(command->argv[1], text);
}

TEST_F(UsersCommand, ARelativeFileIsWhereItIsHere) {
  const auto text = made("reads.bt", "kprobe:vfs_read {}\n");
  const auto before = fs::current_path();
  fs::current_path(scratch_.path());
  const auto command = users_command({"true", "./reads.bt"});
  fs::current_path(before);
  ASSERT_TRUE(command) << command.error().message();
  EXPECT_EQ(command->argv[1], fs::canonical(scratch_.path()).string() + "/reads.bt");
}

TEST_F(UsersCommand, WhatCannotBeStartedSaysWhy) {
  EXPECT_THAT(refused({"no-such-program"}), HasSubstr("there is no such program"));
  EXPECT_THAT(refused({made("text", "not a script\n")}), HasSubstr("neither an ELF program nor a script"));
  EXPECT_THAT(refused({made("headless", "#!\n")}), HasSubstr("its first line names no interpreter"));
  EXPECT_THAT(refused({made("lost", "#!/no/such/shell\n")}),
              HasSubstr("its interpreter /no/such/shell is not here"));
  const auto script = made("script", "#!/bin/sh\n");
  EXPECT_THAT(refused({made("nested", "#!" + script + "\n")}), HasSubstr("is no ELF program"));
  EXPECT_THAT(refused({made("unset", "#!/bin/sh\n", 0644)}),
              HasSubstr("that file may not be executed; chmod +x"));
}

TEST_F(UsersCommand, MoreIsCarriedByName) {
  made("library/a.py", "1\n");
  made("library/deep/b.py", "2\n");
  auto command = users_command({"true"});
  ASSERT_TRUE(command);
  const auto library = (scratch_.path() / "library").string();
  ASSERT_TRUE(carry(library, *command));
  ASSERT_TRUE(carry("sh", *command));
  auto places = places_of(command->files);
  std::ranges::sort(places);
  EXPECT_THAT(places, ElementsAre(in_guest(library) + "/a.py", in_guest(library) + "/deep/b.py"));
  EXPECT_EQ(command->programs.back().source.filename(), "sh");
  const auto lost = carry("/no/such/file", *command);
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().fault, Fault::usage);
  EXPECT_THAT(lost.error().message(), HasSubstr("'/no/such/file'"));
}

}  // namespace
}  // namespace probebench::vm
