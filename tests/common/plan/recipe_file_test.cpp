// SPDX-License-Identifier: MIT
#include "plan/recipe_file.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

namespace probebench::plan {
namespace {

constexpr const char* kRecipes = R"(
name = "small"
summary = "two"
[[recipe]]
name = "first"
workload = "pread"
note = "a module"
module = "modules/first.c"
[[recipe]]
name = "second"
workload = "open-close"
note = "a tool"
tracefs = ["kprobe_events=p:mine do_sys_openat2 name=+0(%si):ustring"]
command = ["perf", "stat", ""]
package = "linux-perf"
may_fail = true
)";

// Of the suite with one text in place of another.
std::string refusal_of(const std::string& from, const std::string& to) {
  std::string text = kRecipes;
  text.replace(text.find(from), from.size(), to);
  const auto suite = parse_recipes(text, "d/x.toml");
  if (suite) return "none";
  EXPECT_EQ(suite.error().fault, Fault::usage);
  return suite.error().message();
}

TEST(RecipeFile, IsReadAsItSays) {
  const auto suite = parse_recipes(kRecipes, "d/x.toml");
  ASSERT_TRUE(suite) << suite.error().message();
  EXPECT_EQ(suite->name, "small");
  ASSERT_EQ(suite->recipes.size(), 2u);
  const auto& first = suite->recipes[0];
  EXPECT_EQ(first.plan.source, ProbeSource::module);
  EXPECT_EQ(first.plan.workload, WorkloadId::pread);
  EXPECT_EQ(first.plan.file, "d/modules/first.c") << "named from the suite on";
  EXPECT_FALSE(first.may_fail);
  const auto& second = suite->recipes[1];
  EXPECT_EQ(second.plan.source, ProbeSource::command) << "lines may come before a command";
  EXPECT_EQ(second.plan.command, (std::vector<std::string>{"perf", "stat", ""}));
  const std::vector<TracefsLine> lines{{"kprobe_events", "p:mine do_sys_openat2 name=+0(%si):ustring"}};
  EXPECT_EQ(second.plan.setup, lines) << "split at the first =";
  EXPECT_EQ(second.package, "linux-perf");
  EXPECT_TRUE(second.may_fail);
}

TEST(RecipeFile, HasTheKernelsSamples) {
  const auto suite = parse_recipes(R"(
name = "x"
[[recipe]]
name = "one"
workload = "pread"
note = "a sample"
sample = "kprobes/kprobe_example.c"
parameters = "symbol=vfs_read"
)",
                                   "x.toml");
  ASSERT_TRUE(suite) << suite.error().message();
  EXPECT_EQ(suite->recipes[0].sample, "kprobes/kprobe_example.c");
  EXPECT_EQ(suite->recipes[0].plan.source, ProbeSource::module);
  EXPECT_EQ(suite->recipes[0].plan.parameters, "symbol=vfs_read");
}

TEST(RecipeFile, RefusesWhatItDoesNotUnderstandInOneLineThatNamesIt) {
  struct Case {
    const char* from;
    const char* to;
    const char* why;
  };
  const Case cases[] = {
      {"name = \"small\"", "nmae = \"small\"", "suite d/x.toml: unknown key 'nmae'"},
      {"\"small\"", "\"\"", "suite d/x.toml: `name` is missing"},
      {"\"first\"", "\"\"", "recipe 1: `name` is no text of one line"},
      {"name = \"first\"", "", "recipe 1: `name` is missing"},
      {"\"first\"", "\"a/b\"", "recipe 1: name 'a/b'"},
      {"\"first\"", "\"..\"", "recipe 1: name '..'"},
      {"\"first\"", "\"abcdefghijklmnopqrstuvwxy\"", "recipe 1: name 'abc"},
      {"\"second\"", "\"first\"", "recipe first is there twice"},
      {"module =", "modul =", "recipe first: unknown key 'modul'; did you mean module?"},
      {"\"pread\"", "\"preadd\"", "recipe first: unknown workload 'preadd'; did you mean pread?"},
      {"\"pread\"", "\"command\"", "recipe first: unknown workload 'command'"},
      {"\"pread\"", "3", "recipe first: `workload` is no text of one line"},
      {"note = \"a module\"", "", "recipe first: `note` is missing"},
      {"\"a module\"", "\"a\\nmodule\"", "recipe first: `note` is no text of one line"},
      {"module = \"modules/first.c\"", "", "recipe first: nothing arms a probe"},
      {"note = \"a module\"", "note = \"a\"\nbpf_object = \"b.o\"",
       "recipe first: several things arm a probe"},
      {"module = ", "package = \"p\"\nmodule = ", "recipe first: `package` goes with `command`"},
      {"[\"perf\", \"stat\", \"\"]", "\"perf stat\"", "recipe second: `command` is no list of texts"},
      {"[\"perf\", \"stat\", \"\"]", "[]", "recipe second: `command` is no list of texts"},
      {"[\"perf\", \"stat\", \"\"]", "[\"\"]", "recipe second: `command` is no list of texts"},
      {"[\"perf\", \"stat\", \"\"]", "[\"perf\", 3]", "recipe second: `command` is no list of texts"},
      {"kprobe_events=", "/etc/passwd=", "recipe second: `tracefs` '/etc/passwd="},
      {"kprobe_events=p:mine do_sys_openat2 name=+0(%si):ustring", "tracing_on",
       "recipe second: `tracefs` 'tracing_on': it names no file"},
      {"= true", "= 1", "recipe second: `may_fail` is not true or false"},
      {"[[recipe]]", "[[recipe", "suite d/x.toml: line "},
  };
  for (const auto& [from, to, why] : cases) {
    const auto refusal = refusal_of(from, to);
    EXPECT_NE(refusal.find(why), std::string::npos) << from << " -> " << to << ": " << refusal;
    EXPECT_EQ(refusal.find('\n'), std::string::npos) << refusal;
    EXPECT_TRUE(refusal.starts_with("suite d/x.toml: ")) << refusal;
  }
  EXPECT_NE(parse_recipes("name = \"none\"", "x").error().message().find("no [[recipe]]"), std::string::npos);
  EXPECT_NE(load_recipes("no/such.toml").error().message().find("no/such.toml"), std::string::npos);
}

TEST(RecipeFile, IsToldFromASuiteOfFunctions) {
  EXPECT_TRUE(has_recipes(kRecipes));
  EXPECT_FALSE(has_recipes("name = \"x\"\n[[group]]\n"));
  EXPECT_FALSE(has_recipes("[[recipe"));
}

TEST(RecipeFile, TheProjectsOwnIsRead) {
  const auto suite = load_recipes(PROBEBENCH_SOURCE_DIR "/suites/recipes.toml");
  ASSERT_TRUE(suite) << suite.error().message();
  for (const auto& recipe : suite->recipes) {
    if (recipe.plan.file.empty()) continue;
    EXPECT_TRUE(std::filesystem::exists(recipe.plan.file)) << recipe.name;
  }
}

}  // namespace
}  // namespace probebench::plan
