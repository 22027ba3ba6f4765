// SPDX-License-Identifier: MIT
#include "plan/question_file.h"

#include <gtest/gtest.h>

namespace probebench::plan {
namespace {

constexpr const char* kQuestions = R"(
[[question]]
name = "reads"
probes = ["kprobe:vfs_read", "uprobe:libc:read"]
handler = "nop"
timeout_s = 5
command = ["./mine", ""]
[[question]]
name = "own"
bpf_object = "my.bpf.o"
workload = "pread"
command = ["true"]
)";

std::string refusal_of_questions(const std::string& what, const std::string& by) {
  std::string text = kQuestions;
  text.replace(text.find(what), what.size(), by);
  const auto read = parse_questions(text, "dir/q.toml");
  if (read) return {};
  EXPECT_EQ(read.error().fault, Fault::usage);
  return read.error().message();
}

TEST(QuestionFile, HasWhatTheCommandLineHas) {
  const auto read = parse_questions(kQuestions, "dir/q.toml");
  ASSERT_TRUE(read) << read.error().message();
  ASSERT_EQ(read->size(), 2u);
  EXPECT_EQ(read->front().probes, (std::vector<std::string>{"kprobe:vfs_read", "uprobe:libc:read"}));
  EXPECT_EQ(read->front().command, (std::vector<std::string>{"./mine", ""}));
  EXPECT_EQ(read->front().handler, "nop");
  EXPECT_EQ(read->front().timeout_s, 5);
  EXPECT_EQ(read->back().bpf_object, "dir/my.bpf.o");
  EXPECT_EQ(read->back().workload, "pread");
}

TEST(QuestionFile, SaysWhatIsWrong) {
  EXPECT_NE(refusal_of_questions("\"own\"", "\"reads\"").find("question reads is there twice"),
            std::string::npos);
  EXPECT_NE(refusal_of_questions("\"own\"", "\"../x\"").find("name '../x'"), std::string::npos);
  EXPECT_NE(refusal_of_questions("probes =", "probe =").find("unknown key 'probe'; did you mean"),
            std::string::npos);
  EXPECT_NE(refusal_of_questions("[\"true\"]", "\"true\"").find("`command` is no list of texts"),
            std::string::npos);
  EXPECT_NE(refusal_of_questions("timeout_s = 5", "timeout_s = -5").find("no number of seconds"),
            std::string::npos);
  EXPECT_NE(refusal_of_questions("[[question]]", "[[questions]]").find("unknown key 'questions'"),
            std::string::npos);
  EXPECT_NE(parse_questions("", "q.toml").error().message().find("no [[question]]"), std::string::npos);
  EXPECT_NE(parse_questions("a = ", "q.toml").error().message().find("line 1"), std::string::npos);
}

}  // namespace
}  // namespace probebench::plan
