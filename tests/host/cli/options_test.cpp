// SPDX-License-Identifier: MIT
#include "cli/options.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/list_command.h"

namespace probebench {
namespace {

using Arguments = std::vector<std::string>;

Options parsed(const Arguments& arguments) {
  const auto result = parse_options(arguments);
  if (!result) {
    ADD_FAILURE() << result.error().message();
    return {};
  }
  return std::get<Options>(*result);
}

std::string error_of(const Arguments& arguments) {
  const auto result = parse_options(arguments);
  if (result) return "no error";
  EXPECT_EQ(result.error().fault, Fault::usage);
  const auto message = result.error().message();
  EXPECT_EQ(message.find('\n'), std::string::npos) << "one line: " << message;
  return message;
}

TEST(ParseOptions, nothing_at_all_means_a_run_of_everything) {
  const auto options = parsed({});
  EXPECT_EQ(options.action, Action::run);
  EXPECT_EQ(options.plan.probe_types, "all");
  EXPECT_EQ(options.plan.handlers, "nop");
  EXPECT_EQ(options.kernels, "auto");
  EXPECT_EQ(options.accel, "auto");
  EXPECT_FALSE(options.plan.rounds);
}

TEST(ParseOptions, run) {
  const auto options =
      parsed({"--probe-type", "kprobe", "--probe-type=ftrace", "--handler", "count", "--rounds", "5",
              "--seed=7", "--kernel", "6.1", "--json", "-", "--output", "a b", "--quiet"});
  EXPECT_EQ(options.plan.probe_types, "kprobe,ftrace");
  EXPECT_EQ(options.plan.rounds, 5);
  EXPECT_EQ(options.plan.seed, 7u);
  EXPECT_EQ(options.kernels, "6.1");
  EXPECT_EQ(options.json, "-");
  EXPECT_EQ(options.output, "a b");
  EXPECT_TRUE(options.quiet);
}

TEST(ParseOptions, several_kernels) {
  const auto options = parsed({"--kernel", "5.10,6.1", "--kernel", "/k/vmlinuz", "--headers", "/k/h",
                               "--jobs", "3", "--kernel-arg", "mitigations=off",
                               "--kernel-arg=nosmt preempt=none", "--kernels-file", "mine.toml"});
  EXPECT_EQ(options.kernels, "5.10,6.1,/k/vmlinuz");
  EXPECT_EQ(options.headers, "/k/h");
  EXPECT_EQ(options.jobs, 3u);
  EXPECT_EQ(options.kernel_args, (Arguments{"mitigations=off", "nosmt preempt=none"}));
  EXPECT_EQ(options.kernels_file, "mine.toml");
  EXPECT_NE(error_of({"--kernel", "/a,/b", "--headers", "/h"}).find("2 given"), std::string::npos);
  EXPECT_NE(error_of({"--kernel", "6.1", "--headers", "/h"}).find("0 given"), std::string::npos);
  EXPECT_NE(error_of({"--jobs", "0"}).find("--jobs"), std::string::npos);
  EXPECT_NE(error_of({"--kernel-arg", " "}).find("--kernel-arg"), std::string::npos);
  EXPECT_NE(error_of({"info", "--kernel", "6.1,6.12"}).find("one kernel"), std::string::npos);
  EXPECT_NE(error_of({"--target", "native", "--kernel", "6.1"}).find("native"), std::string::npos);
}

TEST(ParseOptions, subcommands) {
  EXPECT_EQ(parsed({"list"}).action, Action::list);
  EXPECT_TRUE(parsed({"list", "--json"}).json_list);
  EXPECT_EQ(parsed({"info", "--kernel", "6.1"}).kernels, "6.1");
}

TEST(ParseOptions, compare_and_gate) {
  const auto compared = parsed({"compare", "a", "b", "--format", "csv"});
  EXPECT_EQ(compared.action, Action::compare);
  EXPECT_EQ(compared.gate.b, "b");
  const auto gated =
      parsed({"gate", "--export", "junit=j.xml,bmf=b.json", "--may-differ", "cpu.model", "a", "b"});
  EXPECT_EQ(gated.action, Action::gate);
  EXPECT_EQ(gated.gate.exports, (Arguments{"junit=j.xml", "bmf=b.json"}));
  EXPECT_EQ(gated.gate.a, "a");
  const auto measured = parsed({"gate", "--base", "kernel=6.1", "--base", "arg=mitigations=off", "--base",
                                "arg=nosmt", "--pairs", "9", "--probe-type", "kprobe"});
  ASSERT_TRUE(measured.gate.measures());
  const auto wish = side_wish("--base", measured.gate.base);
  ASSERT_TRUE(wish);
  EXPECT_EQ(wish->kernel, "6.1");
  EXPECT_EQ(wish->kernel_args, "mitigations=off nosmt");
  EXPECT_NE(error_of({"gate", "--head", "kernel="}).find("kernel=NAME"), std::string::npos);
  EXPECT_NE(error_of({"gate", "--head", "kernel=6.1", "--pairs", "8"}).find("--pairs"), std::string::npos);
  EXPECT_EQ(parsed({"baseline", "update", "r", "--reason", "new"}).action, Action::baseline_update);
  EXPECT_NE(error_of({"gate", "a", "b", "c"}).find("'c'"), std::string::npos);
  EXPECT_NE(error_of({"--no-plain"}).find("--kernel-arg"), std::string::npos);
}

TEST(ParseOptions, google_benchmark_flags) {
  const auto options = parsed({"--rounds", "3", "--", "--benchmark_filter=mid", "--benchmark_out=/tmp/b.json",
                               "--benchmark_out_format=json"});
  EXPECT_EQ(options.plan.benchmark_args, Arguments{"--benchmark_filter=mid"});
  EXPECT_EQ(options.benchmark_out, "/tmp/b.json");
  EXPECT_NE(error_of({"--", "--benchmark_out_format=csv"}).find("only json"), std::string::npos);
  EXPECT_NE(error_of({"--", "--benchmark_out="}).find("file name"), std::string::npos);
  EXPECT_NE(error_of({"list", "--", "--benchmark_filter=x"}).find("only what measures"), std::string::npos);
}

TEST(ParseOptions, bad_input_names_itself_and_a_way_out) {
  EXPECT_EQ(error_of({"--probe-typ", "all"}), "unknown argument '--probe-typ'; did you mean --probe-type?");
  EXPECT_EQ(error_of({"--kernal=6.1"}), "unknown argument '--kernal'; did you mean --kernel?");
  EXPECT_EQ(error_of({"lits"}), "unknown argument 'lits'; did you mean list?");
  EXPECT_NE(error_of({"--rounds", "many"}).find("many"), std::string::npos);
  EXPECT_NE(error_of({"--rounds"}).find("--rounds"), std::string::npos);
  EXPECT_NE(error_of({"--seed", "-1"}).find("--seed"), std::string::npos);
  EXPECT_NE(error_of({"--accel", "xen"}).find("kvm"), std::string::npos);
  EXPECT_NE(error_of({"--target", "moon"}).find("vm"), std::string::npos);
}

TEST(ParseOptions, contradictions) {
  EXPECT_NE(error_of({"--clock", "instructions", "--accel", "kvm"}).find("--accel tcg"), std::string::npos);
  EXPECT_NE(error_of({"--headers", "/usr/src/x"}).find("--kernel"), std::string::npos);
  EXPECT_EQ(parsed({"--kernel", "./vmlinuz", "--headers", "/usr/src/x"}).headers, "/usr/src/x");
}

TEST(ParseOptions, help_fits_one_screen_and_has_an_example) {
  for (const Arguments& arguments : {Arguments{"--help"},
                                     {"list", "--help"},
                                     {"info", "--help"},
                                     {"anatomy", "--help"},
                                     {"compare", "--help"},
                                     {"gate", "--help"},
                                     {"baseline", "update", "--help"}}) {
    const auto result = parse_options(arguments);
    ASSERT_TRUE(result);
    const auto& text = std::get<HelpText>(*result).text;
    EXPECT_LE(std::ranges::count(text, '\n'), 46);
    EXPECT_NE(text.find("./run-bench"), std::string::npos);
  }
}

TEST(ParseOptions, version) {
  const auto result = parse_options({"--version"});
  ASSERT_TRUE(result);
  EXPECT_TRUE(std::get<HelpText>(*result).text.starts_with("probebench "));
}

TEST(List, names_everything_in_the_tables) {
  const auto text = list_text();
  const auto document = nlohmann::json::parse(list_json());
  for (const auto& info : kProbeTypes) EXPECT_NE(text.find(info.summary), std::string::npos) << info.name;
  for (const auto& info : kHandlers) EXPECT_NE(text.find(info.summary), std::string::npos) << info.name;
  EXPECT_EQ(document["probe_types"].size(), kProbeTypes.size());
  EXPECT_EQ(document["groups"]["all"].size(), kProbeTypes.size());
  EXPECT_EQ(document["handlers"].size(), kHandlers.size());
}

TEST(ParseOptions, reproduce_has_all_parts_and_its_own_cells) {
  const auto options = parsed({"reproduce", "--kernel", "5.10,6.12"});
  EXPECT_EQ(options.action, Action::reproduce);
  EXPECT_NE(options.plan.probe_types, "all");
  EXPECT_FALSE(options.plan.experiment.surface.empty());
  EXPECT_TRUE(options.plan.experiment.kretprobe_misses);
  EXPECT_TRUE(options.reproduce.runs_workloads);
}

TEST(ParseOptions, reproduce_takes_parts) {
  const auto per_hit = parsed({"reproduce", "--part", "per-hit"});
  EXPECT_TRUE(per_hit.plan.experiment.surface.empty());
  EXPECT_FALSE(per_hit.reproduce.runs_workloads);
  const auto surface = parsed({"reproduce", "--part", "surface", "--target", "native"});
  EXPECT_FALSE(surface.plan.experiment.surface.empty());
  EXPECT_NE(error_of({"reproduce", "--part", "surfaces"}).find("did you mean"), std::string::npos);
}

TEST(ParseOptions, reproduce_takes_a_workload_behind_two_dashes) {
  const auto options = parsed({"reproduce", "--", "/bin/ls", "-l"});
  EXPECT_EQ(options.plan.experiment.workloads.command, (Arguments{"/bin/ls", "-l"}));
  EXPECT_TRUE(options.plan.benchmark_args.empty());
  EXPECT_NE(error_of({"reproduce", "--part", "surface", "--", "ls"}).find("--part leaves workloads out"),
            std::string::npos);
}

}  // namespace
}  // namespace probebench
