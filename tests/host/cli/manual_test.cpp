// SPDX-License-Identifier: MIT
#include "cli/manual.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/command.h"

namespace probebench::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::vector<CommandWords> some_words{
    {"",
     "measures",
     "",
     {{{"--kernel", "-k"}, "LIST", "a path", {"6.1", "newest"}}, {{"--quiet"}, "", "no notes"}}},
    {"cost",
     "what a hit's probe costs",
     "\nExample:\n  ./run-bench cost\n  .hidden\n",
     {{{"--from"}, "SUITE", "a: b"}}},
    {"baseline", "accept", "", {}},
    {"baseline update", "accept", "", {}}};

// What the parser itself has, and Python's.
std::string made(const std::string& form) {
  const auto parsed = parse_command_line({"manual", form});
  if (!parsed) return parsed.error().message();
  const auto result = std::get<Subcommand>(*parsed).perform({});
  return result ? result->output : result.error().message();
}

class Manual : public testing::Test {
 protected:
  void SetUp() override { setenv("PROBEBENCH_ROOT", PROBEBENCH_SOURCE_DIR, 1); }
};

TEST_F(Manual, HasEveryCommandAndOption) {
  for (const char* form : {"man", "bash", "zsh", "fish"}) {
    const auto text = made(form);
    for (const char* word : {"cost", "bisect", "report", "workload", "probe", "kernel", "sweep", "arch"}) {
      EXPECT_THAT(text, HasSubstr(word)) << form;
    }
    for (const char* word : {"ledger", "where", "bind", "engine"}) {
      EXPECT_THAT(text, HasSubstr(word)) << form << ": options of commands in Python";
    }
  }
}

TEST_F(Manual, HasNothingThatTheHelpHides) {
  for (const char* form : {"man", "bash", "zsh", "fish"}) {
    const auto text = made(form);
    for (const char* word : {"sysroot", "plain", "deal"}) {
      EXPECT_THAT(text, Not(HasSubstr(word))) << form;
    }
  }
}

TEST_F(Manual, GivesNoCommandTheExamplesOfAnother) {
  const auto parsed = parse_command_line({"--help"});
  const auto& help = std::get<HelpText>(*parsed).text;
  const auto examples = help.substr(help.find("Exit: "));
  for (const auto& name : {"list", "kernels", "baseline", "gate", "manual"}) {
    EXPECT_THAT(std::get<HelpText>(*parse_command_line({name, "--help"})).text, Not(HasSubstr(examples)))
        << name;
  }
  const auto page = made("man");
  const std::string example = "run\\-bench \\-\\-probe\\-type kmod \\-\\-handler nop,count";
  EXPECT_THAT(page, HasSubstr(example));
  EXPECT_EQ(page.find(example), page.rfind(example));
}

TEST_F(Manual, AnUnknownFormIsAUsageError) {
  EXPECT_THAT(made("bsh"), HasSubstr("manual 'bsh': unknown"));
}

TEST_F(Manual, NeedsNoPython) {
  setenv("PROBEBENCH_ROOT", "/nowhere", 1);
  const auto parsed = parse_command_line({"manual", "man"});
  const auto result = std::get<Subcommand>(*parsed).perform({});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->exit_code, ExitCode::fine);
  EXPECT_THAT(result->output, HasSubstr("run\\-bench serve"));
  EXPECT_THAT(result->problem, HasSubstr("no options of report, history, serve, sweep: "));
}

TEST(ManPage, EscapesWhatRoffWouldRead) {
  const auto page = man_page(some_words);
  EXPECT_THAT(page, HasSubstr("\\fB\\-\\-kernel, \\-k\\fR \\fILIST\\fR\na path\n"));
  EXPECT_THAT(page, HasSubstr(".SS run\\-bench cost\n"));
  EXPECT_THAT(page, HasSubstr("./run\\-bench cost\n  .hidden"));  // inside a line a dot is one
  EXPECT_THAT(page, Not(HasSubstr("\n.hidden")));
}

TEST(Completion, KnowsTheValuesOfAnOption) {
  EXPECT_THAT(bash_completion(some_words), HasSubstr("--kernel|-k) values='6.1 newest' ;;"));
  EXPECT_THAT(bash_completion(some_words), HasSubstr("cost) words='--from' ;;"));
  EXPECT_THAT(fish_completion(some_words), HasSubstr("-l kernel -s k -r -a '6.1 newest' -d 'a path'"));
  EXPECT_THAT(zsh_completion(some_words), HasSubstr("'--from:a\\: b'"));
}

TEST(Completion, OffersTheSecondWordAndTheOptionsBehindIt) {
  auto words = some_words;
  words.back().options.push_back({{"--reason"}, "TEXT", "why"});
  EXPECT_THAT(bash_completion(words), HasSubstr("baseline) words='update --reason' ;;"));
  EXPECT_THAT(zsh_completion(words), HasSubstr("baseline)\n    seconds=(update)\n"));
  EXPECT_THAT(fish_completion(words), HasSubstr("-n '__fish_seen_subcommand_from baseline' -a 'update'"));
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
