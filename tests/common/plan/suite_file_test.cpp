// SPDX-License-Identifier: MIT
#include "plan/suite_file.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "temporary_directory.h"

namespace probebench::plan {
namespace {

constexpr const char* kSuite = R"(
name = "small"
handler = "checklist"
[[group]]
workloads = ["stat", "byte-io"]
functions = ["vfs_statx", "vfs_read"]
)";

std::string error_of(std::string text, const std::string& from, const std::string& to) {
  text.replace(text.find(from), from.size(), to);
  const auto suite = parse_suite(text, "x.toml");
  return suite ? "" : suite.error().message();
}

TEST(SuiteFile, IsReadAsItSays) {
  const auto suite = parse_suite(kSuite, "x.toml");
  ASSERT_TRUE(suite) << suite.error().message();
  EXPECT_EQ(suite->name, "small");
  EXPECT_EQ(suite->handler.id, Handler::checklist);
  ASSERT_EQ(suite->groups.size(), 1u);
  EXPECT_EQ(suite->groups[0].workloads, (std::vector{WorkloadId::stat, WorkloadId::byte_io}));
}

TEST(SuiteFile, SaysWhetherItIsForPruning) {
  EXPECT_FALSE(parse_suite(kSuite, "x.toml")->prune);
  const auto pruned = parse_suite("prune = true\n" + std::string(kSuite), "x.toml");
  ASSERT_TRUE(pruned) << pruned.error().message();
  EXPECT_TRUE(pruned->prune);
  const auto wrong = parse_suite("prune = \"yes\"\n" + std::string(kSuite), "x.toml");
  ASSERT_FALSE(wrong);
  EXPECT_NE(wrong.error().message().find("`prune`"), std::string::npos);
}

TEST(SuiteFile, RefusesWhatItDoesNotUnderstand) {
  const auto has = [](const std::string& error, const char* text) {
    return error.starts_with("suite x.toml: ") && error.find(text) != std::string::npos;
  };
  EXPECT_TRUE(has(error_of(kSuite, "name =", "nmae ="), "unknown key 'nmae'"));
  EXPECT_TRUE(has(error_of(kSuite, "\"small\"", "\"\""), "`name` is missing"));
  EXPECT_TRUE(has(error_of(kSuite, "checklist", "checklost"), "unknown handler 'checklost'"));
  EXPECT_TRUE(has(error_of(kSuite, "\"stat\"", "\"stats\""), "did you mean stat?"));
  EXPECT_TRUE(has(error_of(kSuite, "\"stat\"", "\"command\""), "unknown workload 'command'"));
  EXPECT_TRUE(has(error_of(kSuite, "\"byte-io\"", "\"stat\""), "workload 'stat' is there twice"));
  EXPECT_TRUE(has(error_of(kSuite, "\"vfs_read\"", "\"vfs_statx\""), "'vfs_statx' is there twice"));
  EXPECT_TRUE(has(error_of(kSuite, "\"vfs_read\"", "3"), "has no `functions`"));
  EXPECT_TRUE(has(error_of(kSuite, "[[group]]", "[group]"), "no [[group]] entry"));
  EXPECT_TRUE(has(error_of(kSuite, "[[group]]", "[[group"), "line "));
}

TEST(SuiteFile, TheProjectsOwnAreRead) {
  const auto suites = load_suites(PROBEBENCH_SOURCE_DIR "/suites");
  ASSERT_TRUE(suites) << suites.error().message();
  std::size_t workloads = 0;
  for (const auto& suite : *suites) {
    for (const auto& group : suite.groups) workloads += group.workloads.size();
  }
  const auto own = std::ranges::count_if(
      kWorkloads, [](const auto& info) { return !info.single && info.id != WorkloadId::command; });
  EXPECT_EQ(workloads, 2 * static_cast<std::size_t>(own)) << "each workload in both suites";
}

TEST(SuiteFile, ChoosesByName) {
  auto suites = load_suites(PROBEBENCH_SOURCE_DIR "/suites");
  ASSERT_TRUE(suites);
  const auto chosen = choose_suites(*suites, "hot-path", "stat,byte-io");
  ASSERT_TRUE(chosen);
  ASSERT_EQ(chosen->size(), 1u);
  EXPECT_EQ(chosen->front().groups.size(), 2u);
  EXPECT_NE(choose_suites(*suites, "hot-paht", "").error().message().find("did you mean hot-path?"),
            std::string::npos);
  EXPECT_FALSE(choose_suites(*suites, "", "statt"));
}

TEST(SuiteFile, ChoosesAFileOfTheUsers) {
  const TemporaryDirectory directory;
  const auto mine = directory.write("mine.toml", kSuite).string();
  const auto chosen = suites_asked_for(PROBEBENCH_SOURCE_DIR "/suites", "hot-path," + mine, "");
  ASSERT_TRUE(chosen) << chosen.error().message();
  ASSERT_EQ(chosen->size(), 2u);
  EXPECT_EQ(chosen->back().name, "small");
  const auto said = [&](const std::string& names) {
    const auto suites = suites_asked_for(PROBEBENCH_SOURCE_DIR "/suites", names, "");
    return suites ? "" : suites.error().message();
  };
  EXPECT_NE(said("./none.toml").find("./none.toml"), std::string::npos);
  EXPECT_NE(said(PROBEBENCH_SOURCE_DIR "/suites/recipes.toml").find("has recipes"), std::string::npos);
}

}  // namespace
}  // namespace probebench::plan
