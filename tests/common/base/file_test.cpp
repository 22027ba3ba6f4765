// SPDX-License-Identifier: MIT
#include "base/file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>

#include <cstdlib>
#include <cstring>
#include <thread>

#include "temporary_directory.h"

namespace probebench {
namespace {

class Output : public testing::Test {
 protected:
  std::string text_of(const fs::path& name) const {
    const auto text = read_file(root_ / name);
    return text ? *text : text.error().message();
  }
  // Root could replace the machine's own devices, so it has some of its own. Empty: it may not.
  fs::path device(const char* name, unsigned minor) const {
    if (::getuid() != 0) return fs::path("/dev") / name;
    const auto path = root_ / name;
    if (::mknod(path.c_str(), S_IFCHR | 0600, ::makedev(1, minor)) != 0) return {};
    return UniqueFd(::open(path.c_str(), O_WRONLY | O_CLOEXEC)) ? path : fs::path();
  }
  std::ptrdiff_t entries() const { return std::distance(fs::directory_iterator(root_), {}); }

  const TemporaryDirectory directory_;
  const fs::path root_ = directory_.path();
};

TEST_F(Output, AFileIsMadeAndReplacedInOneStep) {
  ASSERT_TRUE(write_output(root_ / "out", "one"));
  const UniqueFd reader(::open((root_ / "out").c_str(), O_RDONLY));
  ASSERT_TRUE(write_output(root_ / "out", "two"));
  std::array<char, 8> seen{};
  EXPECT_EQ(::read(reader.get(), seen.data(), seen.size()), 3);  // who had it open still has the old one
  EXPECT_STREQ(seen.data(), "one");
  EXPECT_EQ(text_of("out"), "two");
  EXPECT_EQ(entries(), 1);  // no temporary is left
}

TEST_F(Output, LinksAreFollowedAndStay) {
  ASSERT_TRUE(write_file_atomic(root_ / "file", "old"));
  fs::create_symlink("file", root_ / "link");
  fs::create_symlink(root_ / "link", root_ / "link2");
  fs::create_symlink("made", root_ / "dangling");
  ASSERT_TRUE(write_output(root_ / "link2", "new"));
  ASSERT_TRUE(write_output(root_ / "dangling", "made"));
  EXPECT_EQ(text_of("file"), "new");
  EXPECT_EQ(text_of("made"), "made");
  for (const char* name : {"link", "link2", "dangling"}) EXPECT_TRUE(fs::is_symlink(root_ / name)) << name;
  fs::create_symlink("round", root_ / "round");
  EXPECT_EQ(write_output(root_ / "round", "x").error().err, ELOOP);
  EXPECT_TRUE(fs::is_symlink(root_ / "round"));
}

TEST_F(Output, DevicesAreWrittenInto) {
  const auto null = device("null", 3);
  const auto full = device("full", 7);
  if (null.empty() || full.empty()) GTEST_SKIP() << "no devices here";
  fs::create_symlink(null, root_ / "to-null");
  fs::create_symlink(full, root_ / "to-full");
  EXPECT_TRUE(write_output(root_ / "to-null", "x"));
  EXPECT_TRUE(write_output(null, "x"));
  EXPECT_EQ(write_output(root_ / "to-full", "x").error().message(),
            "write " + full.string() + ": No space left on device");
  EXPECT_TRUE(check_output(root_ / "to-null"));
  for (const auto& path : {null, full}) EXPECT_TRUE(fs::is_character_file(path)) << path;
  for (const char* link : {"to-null", "to-full"}) EXPECT_TRUE(fs::is_symlink(root_ / link)) << link;
}

TEST_F(Output, AFifosReaderGetsIt) {
  ASSERT_EQ(::mkfifo((root_ / "fifo").c_str(), 0600), 0);
  std::string got;
  std::jthread reader([&] { got = text_of("fifo"); });
  EXPECT_TRUE(write_output(root_ / "fifo", "through"));
  reader.join();
  EXPECT_EQ(got, "through");
  EXPECT_TRUE(fs::is_fifo(root_ / "fifo"));
}

TEST_F(Output, ASocketStays) {
  const UniqueFd bound(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, (root_ / "socket").c_str(), sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(bound.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  EXPECT_EQ(write_output(root_ / "socket", "x").error().err, ENXIO);
  EXPECT_TRUE(fs::is_socket(root_ / "socket"));
}

// As `--export json=/dev/stdout >file` has it: what was printed before and after stays.
TEST_F(Output, ADescriptorIsWrittenWhereItStands) {
  const UniqueFd file(::open((root_ / "file").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  const auto path = "/proc/self/fd/" + std::to_string(file.get());
  fs::create_symlink(path, root_ / "link");
  ASSERT_TRUE(write_all(file.get(), "before ", "file"));
  ASSERT_TRUE(write_output(root_ / "link", "report "));
  ASSERT_TRUE(write_output("/dev/fd/" + std::to_string(file.get()), "again "));
  ASSERT_TRUE(write_all(file.get(), "after", "file"));
  EXPECT_EQ(text_of("file"), "before report again after");
  EXPECT_TRUE(fs::is_symlink(root_ / "link"));
}

TEST_F(Output, IsCheckedBeforehand) {
  fs::create_symlink("/nowhere/file", root_ / "lost");
  for (const auto& path : {root_ / "new", fs::path("/dev/null"), fs::path("new")}) {
    EXPECT_TRUE(check_output(path)) << path;
  }
  EXPECT_EQ(check_output(root_).error().err, EISDIR);
  EXPECT_FALSE(check_output("/proc/no-such-file"));  // where root may write, and nobody can
  EXPECT_EQ(check_output(root_ / "no/file").error().err, ENOENT);
  EXPECT_EQ(check_output(root_ / "lost").error().err, ENOENT);
}

TEST_F(Output, OwnFilesReplaceALink) {
  ASSERT_TRUE(write_file_atomic(root_ / "precious", "precious"));
  fs::create_symlink("precious", root_ / "results.json");
  ASSERT_TRUE(write_file_atomic(root_ / "results.json", "results"));
  EXPECT_EQ(text_of("precious"), "precious");
  EXPECT_FALSE(fs::is_symlink(root_ / "results.json"));
}

// Whoever could foresee a temporary's name could lay a link in its way.
TEST_F(Output, TemporariesCannotBeForeseen) {
  EXPECT_NE(temporary_name(), temporary_name());
  EXPECT_EQ(temporary_name().size(), kTemporaryPrefix.size() + 16);
  ASSERT_TRUE(write_file_atomic(root_ / "precious", "precious"));
  const auto foreseen = "results.json.partial." + std::to_string(::getpid());
  fs::create_symlink("precious", root_ / foreseen);
  ASSERT_TRUE(write_file_atomic(root_ / "results.json", "results"));
  EXPECT_EQ(text_of("precious"), "precious");
  EXPECT_EQ(text_of("results.json"), "results");
  EXPECT_TRUE(fs::is_symlink(root_ / foreseen));
}

}  // namespace

}  // namespace probebench
