// SPDX-License-Identifier: MIT
#include "base/digest.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "base/file.h"

namespace probebench {
namespace {

TEST(Digest, IsTheOneOfTheStandard) {
  EXPECT_EQ(sha256_text("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Digest, OfAFileInPiecesIsTheOneOfItsText) {
  const std::string text(700'001, 'x');  // not a multiple of what is read at once
  const auto file = memory_file("text", text);
  ASSERT_TRUE(file);
  ASSERT_EQ(::lseek(file->get(), 0, SEEK_SET), 0);
  EXPECT_EQ(*sha256_fd(file->get(), "text"), sha256_text(text));
  EXPECT_EQ(*sha256_fd(file->get(), "text"), sha256_text({})) << "it reads on from where it is";
}

TEST(Digest, OfAFileThatIsNotThereNamesIt) {
  const auto digest = sha256_file("/nowhere/at/all");
  ASSERT_FALSE(digest);
  EXPECT_EQ(digest.error().err, ENOENT);
  EXPECT_NE(digest.error().message().find("/nowhere/at/all"), std::string::npos);
}

}  // namespace
}  // namespace probebench
