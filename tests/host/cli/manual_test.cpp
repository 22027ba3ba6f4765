// SPDX-License-Identifier: MIT
#include "cli/manual.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/command.h"

namespace probebench::cli {
namespace {

using testing::HasSubstr;

const std::vector<CommandWords> some_words{
    {"",
     "measures",
     "",
     {{{"--kernel", "-k"}, "LIST", "a path", {"6.1", "newest"}}, {{"--quiet"}, "", "no notes"}}},
    {"cost",
     "what a hit's probe costs",
     "\nExample:\n  ./run-bench cost\n  .hidden\n",
     {{{"--from"}, "SUITE", "a: b"}}},
    {"baseline update", "accept", "", {}}};

// What the parser itself has.
std::string made(const std::string& form) {
  const auto parsed = parse_command_line({"manual", form});
  if (!parsed) return parsed.error().message();
  return std::get<Subcommand>(*parsed).perform({})->output;
}

TEST(Manual, HasEveryCommandAndOption) {
  for (const char* form : {"man", "bash", "zsh", "fish"}) {
    const auto text = made(form);
    for (const char* word : {"cost", "bisect", "report", "workload", "probe", "kernel"}) {
      EXPECT_THAT(text, HasSubstr(word)) << form;
    }
  }
}

TEST(Manual, AnUnknownFormIsAUsageError) {
  EXPECT_THAT(made("bsh"), HasSubstr("manual 'bsh': unknown"));
}

TEST(ManPage, EscapesWhatRoffWouldRead) {
  const auto page = man_page(some_words);
  EXPECT_THAT(page, HasSubstr("\\fB\\-\\-kernel, \\-k\\fR \\fILIST\\fR\na path\n"));
  EXPECT_THAT(page, HasSubstr(".SS run\\-bench cost\n"));
  EXPECT_THAT(page, HasSubstr("./run\\-bench cost\n  .hidden"));  // inside a line a dot is one
  EXPECT_THAT(page, testing::Not(HasSubstr("\n.hidden")));
}

TEST(Completion, KnowsTheValuesOfAnOption) {
  EXPECT_THAT(bash_completion(some_words), HasSubstr("--kernel|-k) values='6.1 newest' ;;"));
  EXPECT_THAT(bash_completion(some_words), HasSubstr("cost) words='--from' ;;"));
  EXPECT_THAT(fish_completion(some_words), HasSubstr("-l kernel -s k -r -a '6.1 newest' -d 'a path'"));
  EXPECT_THAT(zsh_completion(some_words), HasSubstr("'--from:a\\: b'"));
}

TEST(ShortOptions, MeanTheLongOnes) {
  for (const char* line : {"-k", "-p", "-o", "-j"}) {
    const auto parsed = parse_command_line({line});
    ASSERT_FALSE(parsed);
    EXPECT_THAT(parsed.error().message(), HasSubstr("1 required")) << line;  // and is no unknown argument
  }
  EXPECT_TRUE(parse_command_line({"-q", "-k", "6.1", "-p", "kmod", "-o", "out", "-j", "2"}));
  EXPECT_FALSE(parse_command_line({"-k", "6.1,,6.12"}));
}

}  // namespace
}  // namespace probebench::cli
