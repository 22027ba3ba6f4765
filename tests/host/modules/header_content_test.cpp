// SPDX-License-Identifier: MIT
#include "modules/header_content.h"

#include <gtest/gtest.h>

#include "temporary_directory.h"

namespace probebench::modules {
namespace {

using std::chrono::system_clock;

class HeaderContent : public ::testing::Test {
 protected:
  HeaderContent() {
    write("Makefile", "all:");
    write("include/a.h", "#define A 1");
    fs::create_directories(kept_);
  }
  void write(const fs::path& file, std::string_view text) const { directory_.write("headers" / file, text); }
  std::string digest(system_clock::time_point now) const {
    const auto read = digest_of_headers(headers_, headers_ / "Makefile", kept_, now);
    return read ? *read : read.error().message();
  }
  // The files that hold what was read, all made to hold something else.
  int replace_kept(std::string_view text) const {
    int count = 0;
    for (const auto& entry : fs::directory_iterator(kept_)) {
      directory_.write("kept" / entry.path().filename(), text);
      ++count;
    }
    return count;
  }

  TemporaryDirectory directory_;
  const fs::path headers_ = directory_.path() / "headers";
  const fs::path kept_ = directory_.path() / "kept";
  const system_clock::time_point later_ = system_clock::now() + std::chrono::minutes(1);
  const std::string other_ = std::string(64, '0');
};

TEST_F(HeaderContent, IsReadOnce) {
  const auto read = digest(later_);
  EXPECT_EQ(read.size(), 64u);
  EXPECT_EQ(replace_kept(other_), 1);
  EXPECT_EQ(digest(later_), other_);
}

TEST_F(HeaderContent, IsReadAgainWhenAFileIsAnother) {
  const auto read = digest(later_);
  EXPECT_EQ(replace_kept(other_), 1);
  write("include/a.h", "#define A 2");
  const auto again = digest(later_);
  EXPECT_NE(again, read);
  EXPECT_NE(again, other_);
  write("include/b.h", "");
  EXPECT_NE(digest(later_), again);
}

TEST_F(HeaderContent, HasNoPartOfTimes) {
  const auto read = digest(later_);
  write("include/a.h", "#define A 2");
  EXPECT_NE(digest(later_), read);
  write("include/a.h", "#define A 1");
  EXPECT_EQ(digest(later_), read);
}

TEST_F(HeaderContent, OfFilesThatWereJustWrittenIsNotKept) {
  EXPECT_EQ(digest(system_clock::now()).size(), 64u);
  EXPECT_EQ(replace_kept(other_), 0);
}

TEST_F(HeaderContent, ThatIsKeptHalfIsReadAgain) {
  const auto read = digest(later_);
  EXPECT_EQ(replace_kept("12"), 1);
  EXPECT_EQ(digest(later_), read);
}

}  // namespace
}  // namespace probebench::modules
