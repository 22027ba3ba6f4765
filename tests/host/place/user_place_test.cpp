// SPDX-License-Identifier: MIT
#include "place/user_place.h"

#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <sstream>

#include "base/file.h"
#include "place/library_name.h"
#include "temporary_directory.h"

// A function of this very program, and what holds it off being inlined.
extern "C" [[gnu::noinline, gnu::used]] int probebench_place_test(int x) {
  __asm__ volatile("" ::: "memory");
  return x + 1;
}

namespace probebench::place {
namespace {

// The layout of tests/programs/probed.S: at fixed addresses, which are no offsets.
constexpr std::uint64_t kLoadedAt = 0x400000;

ProgramFile probed() {
  auto file = ProgramFile::read(PROBED_PROGRAM);
  EXPECT_TRUE(file) << file.error().message();
  return std::move(*file);
}

std::uint64_t offset_of(const ProgramFile& file, const std::string& function) {
  for (const auto& symbol : file.symbols()) {
    if (symbol.name == function) return file.offset_of(symbol.address).value_or(0);
  }
  ADD_FAILURE() << function;
  return 0;
}

plan::AskedProbe asked(const std::string& text) {
  auto probe = plan::read_probe(text);
  EXPECT_TRUE(probe) << text;
  return probe ? *probe : plan::AskedProbe{};
}

std::string said_of(const ProgramFile& file, const std::string& text) {
  const auto points = points_in(file, asked(text));
  return points ? "" : points.error().message();
}

bool says(const ProgramFile& file, const std::string& text, const std::string& words) {
  const auto said = said_of(file, text);
  return said.find(words) != std::string::npos ||
         (ADD_FAILURE() << text << ": " << said << ", not: " << words, false);
}

std::string hex(std::uint64_t number) {
  std::ostringstream text;
  text << "0x" << std::hex << number;
  return text.str();
}

TEST(UserPlace, OfAFunctionIsItsOffsetInTheFile) {
  const auto file = probed();
  const auto work = offset_of(file, "work");
  EXPECT_EQ(*points_in(file, asked("uprobe:x:work")), (std::vector{FilePoint{work}}));
  EXPECT_EQ(*points_in(file, asked("uprobe:x:work+1")), (std::vector{FilePoint{work + 1}}));
  EXPECT_EQ(*points_in(file, asked("uprobe:x+" + hex(work))), (std::vector{FilePoint{work}}));
  EXPECT_EQ(*points_in(file, asked("uretprobe:x:work")), (std::vector{FilePoint{work}}));
}

TEST(UserPlace, OfAMarkerHasItsSemaphore) {
  const auto file = probed();
  const auto points = points_in(file, asked("usdt:x:probed:tick"));
  ASSERT_TRUE(points) << points.error().message();
  ASSERT_EQ(points->size(), 1u);
  const auto tick = offset_of(file, "tick");
  EXPECT_EQ(file.bytes()[points->front().offset], '\x90');  // its nop
  EXPECT_GT(points->front().offset, tick);
  EXPECT_LT(points->front().offset, tick + 16);
  EXPECT_FALSE(file.is_code(points->front().semaphore));
  EXPECT_NE(points->front().semaphore, 0u);
}

TEST(UserPlace, IsNoPlaceInTheMidstOfAnInstruction) {
  const auto file = probed();
  const auto work = offset_of(file, "work");
  says(file, "uprobe:x:work+2", "is inside an instruction; it begins at " + hex(work + 1));
  says(file, "uprobe:x+" + hex(work + 3), "is inside an instruction; it begins at " + hex(work + 1));
  says(file, "uprobe:x:work+6", "work is 6 bytes long");
}

TEST(UserPlace, IsNotAnAddress) {
  const auto file = probed();
  const auto work = offset_of(file, "work");
  says(file, "uprobe:x+" + hex(work + kLoadedAt),
       hex(work + kLoadedAt) + " is an address; its offset in the file is " + hex(work));
}

TEST(UserPlace, IsNotInData) {
  const auto file = probed();
  says(file, "uprobe:x+0", "there is no code at 0x0");
  says(file, "uprobe:x+" + hex(*file.offset_of(0x402000)), "there is no code at");
  says(file, "uprobe:x+0xffffff", "bytes long");
}

TEST(UserPlace, OfAReturnProbeIsAnEntry) {
  const auto file = probed();
  const auto work = offset_of(file, "work");
  EXPECT_EQ(said_of(file, "uretprobe:x+" + hex(work)), "");
  says(file, "uretprobe:x+" + hex(work + 1), "is not the beginning of a function");
}

TEST(UserPlace, SuggestsNames) {
  const auto file = probed();
  says(file, "uprobe:x:wrok", "did you mean work?");
  says(file, "usdt:x:probed:tock", "has no marker probed:tock; did you mean probed:tick?");
}

TEST(UserPlace, OfARelocatedProgramIsFoundByItsName) {
  const auto place = find_place(asked("uprobe:/proc/self/exe:probebench_place_test"));
  ASSERT_TRUE(place) << place.error().message();
  std::ifstream program(place->file, std::ios::binary);
  program.seekg(static_cast<std::streamoff>(place->points.front().offset));
  char first[4]{};
  program.read(first, sizeof first);
  EXPECT_EQ(std::memcmp(first, reinterpret_cast<const void*>(&probebench_place_test), sizeof first), 0);
}

TEST(UserPlace, OfALibraryIsWhereThatIsAndNotWhereItIsCalled) {
  const auto there = find_place(asked("uprobe:libc:malloc"));
  ASSERT_TRUE(there) << there.error().message();
  EXPECT_NE(there->file.filename().string().find("libc"), std::string::npos);
  const auto called = find_place(asked("uprobe:/bin/ls:malloc"));
  ASSERT_FALSE(called);
  EXPECT_NE(called.error().message().find("in another file; name the library"), std::string::npos);
}

TEST(UserPlace, IsInAWholeProgramOrLibrary) {
  const TemporaryDirectory scratch;
  const auto whole = *read_file(PROBED_PROGRAM);
  const auto said = [&](const std::string& content) {
    const auto file = ProgramFile::parse(content);
    return file ? "" : file.error().message();
  };
  EXPECT_EQ(said(whole), "");
  EXPECT_NE(said(whole.substr(0, 200)), "");
  EXPECT_NE(said(whole.substr(0, 0x1010)).find("not a whole ELF file"), std::string::npos);
  EXPECT_NE(said("#!/bin/sh\n").find("not an ELF file"), std::string::npos);
  auto other = whole;
  other[18] = 40;  // e_machine: Arm
  EXPECT_NE(said(other).find("not an x86-64 ELF file"), std::string::npos);
}

// Any bytes may follow the header.
TEST(UserPlace, SurvivesDamage) {
  const auto whole = *read_file(PROBED_PROGRAM);
  for (std::size_t at = 24; at < std::min<std::size_t>(whole.size(), 0x1100); ++at) {
    auto damaged = whole;
    damaged[at] = static_cast<char>(~damaged[at]);
    const auto file = ProgramFile::parse(damaged);
    if (!file) continue;
    static_cast<void>(points_in(*file, asked("uprobe:x:work")));
    static_cast<void>(points_in(*file, asked("usdt:x:probed:tick")));
  }
}

TEST(FileNames, OfOneFileAreOneFile) {
  const TemporaryDirectory scratch;
  const auto program = scratch.path() / "bin" / "probed program";
  fs::create_directories(scratch.path() / "bin" / "deeper");
  fs::copy_file(PROBED_PROGRAM, program);
  fs::create_symlink(program, scratch.path() / "link");
  fs::create_symlink("link", scratch.path() / "link to link");
  fs::create_directory_symlink("bin", scratch.path() / "sbin");
  fs::create_hard_link(program, scratch.path() / "bin" / "twin");
  const auto was = fs::current_path();
  fs::current_path(scratch.path() / "bin");
  const auto absolute = program.string();
  const auto root = scratch.path().string();
  const std::vector<std::string> spellings{absolute,
                                           "/" + absolute,
                                           "//" + absolute,
                                           "probed program",
                                           "./probed program",
                                           ".//probed program",
                                           "././probed program",
                                           "../bin/probed program",
                                           "../bin/../bin/probed program",
                                           "deeper/../probed program",
                                           "../link",
                                           "../link to link",
                                           "../sbin/probed program",
                                           "../sbin/deeper/../probed program",
                                           root + "/link",
                                           root + "/link to link",
                                           root + "//bin///probed program",
                                           root + "/./bin/./probed program",
                                           root + "/sbin/probed program",
                                           "/proc/self/cwd/probed program"};
  for (const auto& spelling : spellings) {
    const auto place = find_place(asked("uprobe:" + spelling + ":work"));
    ASSERT_TRUE(place) << spelling << ": " << place.error().message();
    EXPECT_EQ(place->file, fs::canonical(program)) << spelling;
    const auto at = find_place(asked("uprobe:" + spelling + "+" + hex(place->points.front().offset)));
    ASSERT_TRUE(at) << spelling;
    EXPECT_EQ(at->points, place->points) << spelling;
  }
  fs::current_path(was);
}

TEST(FileNames, WithoutAPathAreLibrariesAndPrograms) {
  const auto library = find_file("libc.so.6");
  ASSERT_TRUE(library);
  EXPECT_EQ(find_file("libc"), library);
  EXPECT_EQ(find_file("ls"), fs::canonical(*find_file("/bin/ls")));
  EXPECT_FALSE(find_file("no-such-program-or-library"));
  EXPECT_FALSE(find_file("./libc.so.6"));
}

TEST(LibraryCache, ThatIsDamagedHasNothing) {
  const auto cache = *read_file("/etc/ld.so.cache");
  EXPECT_TRUE(library_in_cache(cache, "libc.so.6"));
  EXPECT_FALSE(library_in_cache(cache, "libc.so.7"));
  EXPECT_FALSE(library_in_cache("", "libc.so.6"));
  for (std::size_t size = 0; size < 200; ++size) {
    static_cast<void>(library_in_cache(cache.substr(0, size), "libc.so.6"));
  }
}

}  // namespace

}  // namespace probebench::place
