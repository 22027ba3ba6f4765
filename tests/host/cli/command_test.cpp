// SPDX-License-Identifier: MIT
#include "cli/command.h"

#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/gate_command.h"
#include "cli/list_command.h"
#include "cli/reproduce_command.h"
#include "cli/run_command.h"

namespace probebench::cli {
namespace {

// What follows the name of one subcommand.
template <class Options>
Options parsed(Arguments arguments) {
  Options options;
  CLI::App app;
  add_options(app, options);
  const auto end = std::ranges::find(arguments, "--");
  const Arguments passed(end == arguments.end() ? end : end + 1, arguments.end());
  arguments.erase(end, arguments.end());
  std::ranges::reverse(arguments);
  app.parse(arguments);
  const auto taken = take_options(passed, options);
  if (!taken) ADD_FAILURE() << taken.error().message();
  return options;
}

std::string error_of(const Arguments& arguments) {
  const auto result = parse_command_line(arguments);
  if (result) return "no error";
  EXPECT_EQ(result.error().fault, Fault::usage);
  const auto message = result.error().message();
  EXPECT_EQ(message.find('\n'), std::string::npos) << "one line: " << message;
  return message;
}

TEST(ParseOptions, NothingAtAllMeansARunOfEverything) {
  const auto options = parsed<RunOptions>({});
  EXPECT_EQ(options.plan.probe_types, "all");
  EXPECT_EQ(options.plan.handlers, "nop");
  EXPECT_EQ(options.kernels, "auto");
  EXPECT_EQ(options.accel, "auto");
  EXPECT_FALSE(options.plan.rounds);
}

TEST(ParseOptions, Run) {
  const auto options =
      parsed<RunOptions>({"--probe-type", "kprobe", "--probe-type=ftrace", "--handler", "count", "--rounds",
                          "5", "--seed=7", "--kernel", "6.1", "--json", "-", "--output", "a b", "--quiet"});
  EXPECT_EQ(options.plan.probe_types, "kprobe,ftrace");
  EXPECT_EQ(options.plan.rounds, 5);
  EXPECT_EQ(options.plan.seed, 7u);
  EXPECT_EQ(options.kernels, "6.1");
  EXPECT_EQ(options.json, "-");
  EXPECT_EQ(options.output, "a b");
  EXPECT_TRUE(options.quiet);
}

TEST(ParseOptions, SeveralKernels) {
  const auto options = parsed<RunOptions>({"--kernel", "5.10,6.1", "--kernel", "/k/vmlinuz", "--headers",
                                           "/k/h", "--jobs", "3", "--kernel-arg", "mitigations=off",
                                           "--kernel-arg=nosmt preempt=none", "--kernels-file", "mine.toml"});
  EXPECT_EQ(options.kernels, "5.10,6.1,/k/vmlinuz");
  EXPECT_EQ(options.headers, "/k/h");
  EXPECT_EQ(options.jobs, 3u);
  EXPECT_EQ(options.kernel_args, (Arguments{"mitigations=off", "nosmt preempt=none"}));
  EXPECT_EQ(options.kernels_file, "mine.toml");
  EXPECT_NE(error_of({"--kernel", "/a,/b", "--headers", "/h"}).find("2 given"), std::string::npos);
  EXPECT_NE(error_of({"--kernel", "6.1", "--headers", "/h"}).find("0 given"), std::string::npos);
  EXPECT_EQ(parsed<RunOptions>({"--kernel", ".", "--headers", "/h"}).headers,
            "/h");  // lies here, without a slash
  EXPECT_NE(error_of({"--jobs", "0"}).find("--jobs"), std::string::npos);
  EXPECT_NE(error_of({"--kernel-arg", " "}).find("--kernel-arg"), std::string::npos);
  EXPECT_NE(error_of({"info", "--kernel", "6.1,6.12"}).find("one kernel"), std::string::npos);
  EXPECT_NE(error_of({"--target", "native", "--kernel", "6.1"}).find("native"), std::string::npos);
}

TEST(ParseOptions, Subcommands) {
  for (const Arguments& arguments : {Arguments{"list", "--json"},
                                     {"info", "--kernel", "6.1"},
                                     {"compare", "a", "b", "--format", "csv"},
                                     {"baseline", "update", "r", "--reason", "new"}}) {
    EXPECT_EQ(error_of(arguments), "no error");
  }
}

TEST(ParseOptions, Gate) {
  const auto gated =
      parsed<GateOptions>({"--export", "junit=j.xml,bmf=b.json", "--may-differ", "cpu.model", "a", "b"});
  EXPECT_EQ(gated.comparison.exports, (Arguments{"junit=j.xml", "bmf=b.json"}));
  EXPECT_EQ(gated.comparison.a, "a");
  const auto measured =
      parsed<GateOptions>({"--base", "kernel=6.1", "--base", "arg=mitigations=off", "--base", "arg=nosmt",
                           "--pairs", "9", "--probe-type", "kprobe"});
  ASSERT_TRUE(measured.measures());
  EXPECT_EQ(measured.base.kernel, "6.1");
  EXPECT_EQ(measured.base.kernel_args, "mitigations=off nosmt");
  EXPECT_NE(error_of({"gate", "--head", "kernel="}).find("kernel=NAME"), std::string::npos);
  EXPECT_NE(error_of({"gate", "--head", "kernel=6.1", "--pairs", "8"}).find("--pairs"), std::string::npos);
  EXPECT_NE(error_of({"gate", "a", "b", "--", "--benchmark_filter=x"}).find("only what measures"),
            std::string::npos);
  EXPECT_NE(error_of({"gate", "a", "b", "c"}).find("'c'"), std::string::npos);
  EXPECT_NE(error_of({"--no-plain"}).find("--kernel-arg"), std::string::npos);
}

TEST(RequestFor, SaysWhatTheOptionsSay) {
  const auto options =
      parsed<RunOptions>({"--kernel", "6.1,newest", "--kernel-arg", "nosmt", "--no-plain", "--accel", "tcg",
                          "--clock", "tsc", "--jobs", "2", "--output", "there", "--handler", "count"});
  const auto request = request_for(options, {"probebench", "--kernel"});
  EXPECT_EQ(request.targets.kernels, "6.1,newest");
  EXPECT_EQ(request.targets.kernel_args, Arguments{"nosmt"});
  EXPECT_TRUE(request.targets.no_plain);
  EXPECT_FALSE(request.targets.native);
  EXPECT_EQ(request.accel, vm::Accel::tcg);
  EXPECT_EQ(request.clock, vm::ClockWish::tsc);
  EXPECT_EQ(request.jobs, 2u);
  EXPECT_EQ(request.output, "there");
  EXPECT_EQ(request.plan.handlers, "count");
  EXPECT_EQ(request.command, (Arguments{"probebench", "--kernel"}));
  EXPECT_FALSE(request.records_paths);
  EXPECT_TRUE(request_for(parsed<RunOptions>({"--target", "native"}), {}).targets.native);
}

TEST(ParseOptions, GoogleBenchmarkFlags) {
  const auto options = parsed<RunOptions>({"--rounds", "3", "--", "--benchmark_filter=mid",
                                           "--benchmark_out=/tmp/b.json", "--benchmark_out_format=json"});
  EXPECT_EQ(options.plan.benchmark_args, Arguments{"--benchmark_filter=mid"});
  EXPECT_EQ(options.benchmark_out, "/tmp/b.json");
  EXPECT_NE(error_of({"--", "--benchmark_out_format=csv"}).find("only json"), std::string::npos);
  EXPECT_NE(error_of({"--", "--benchmark_out="}).find("file name"), std::string::npos);
  EXPECT_NE(error_of({"list", "--", "--benchmark_filter=x"}).find("only what measures"), std::string::npos);
}

TEST(ParseOptions, BadInputNamesItselfAndAWayOut) {
  EXPECT_EQ(error_of({"--probe-typ", "all"}), "unknown argument '--probe-typ'; did you mean --probe-type?");
  EXPECT_EQ(error_of({"--kernal=6.1"}), "unknown argument '--kernal'; did you mean --kernel?");
  EXPECT_EQ(error_of({"lits"}), "unknown argument 'lits'; did you mean list?");
  EXPECT_NE(error_of({"--rounds", "many"}).find("many"), std::string::npos);
  EXPECT_NE(error_of({"--rounds"}).find("--rounds"), std::string::npos);
  EXPECT_NE(error_of({"--seed", "-1"}).find("--seed"), std::string::npos);
  EXPECT_EQ(
      error_of({"--rounds", "99999999999999999999"}),
      "--rounds: '99999999999999999999': expected a number of at most 18 digits; see ./run-bench --help");
  EXPECT_EQ(error_of({"compare"}), "A is required; see ./run-bench compare --help");
  EXPECT_EQ(error_of({"baseline", "update"}), "RUN is required; see ./run-bench baseline update --help");
  EXPECT_NE(error_of({"gate", "--base", "kernel"}).find("for example kernel=VALUE"), std::string::npos);
  EXPECT_NE(error_of({"--output", ""}).find("expected a folder's name"), std::string::npos);
  EXPECT_NE(error_of({"--accel", "xen"}).find("kvm"), std::string::npos);
  EXPECT_NE(error_of({"--target", "moon"}).find("vm"), std::string::npos);
}

TEST(ParseOptions, AnEmptyPartOfAListIsASlip) {
  for (const Arguments& arguments : {Arguments{"--probe-type", ","},
                                     {"--threads", "1,,2", "--dry-run"},
                                     {"--handler=nop,"},
                                     {"reproduce", "--kernel", ",6.1"}}) {
    EXPECT_NE(error_of(arguments).find(": an empty part, expected comma-separated names"), std::string::npos);
  }
}

TEST(ParseOptions, Contradictions) {
  EXPECT_NE(error_of({"--target", "native", "--accel", "tcg"}).find("not emulated"), std::string::npos);
  EXPECT_NE(error_of({"--keep-addresses"}).find("--target native"), std::string::npos);
  EXPECT_TRUE(parsed<RunOptions>({"--keep-addresses", "--target", "native"}).keep_addresses);
  EXPECT_NE(error_of({"--clock", "instructions", "--accel", "kvm"}).find("--accel tcg"), std::string::npos);
  EXPECT_NE(error_of({"--headers", "/usr/src/x"}).find("--kernel"), std::string::npos);
  EXPECT_EQ(parsed<RunOptions>({"--kernel", "./vmlinuz", "--headers", "/usr/src/x"}).headers, "/usr/src/x");
}

TEST(ParseOptions, HelpFitsOneScreenAndHasExamplesAndExitCodes) {
  for (const Arguments& arguments : {Arguments{"--help"},
                                     {"list", "--help"},
                                     {"info", "--help"},
                                     {"anatomy", "--help"},
                                     {"reproduce", "--help"},
                                     {"predict", "--help"},
                                     {"cost", "--help"},
                                     {"compare", "--help"},
                                     {"gate", "--help"},
                                     {"bisect", "--help"},
                                     {"contribute", "--help"},
                                     {"series", "--help"},
                                     {"configs", "--help"},
                                     {"kernel-config", "--help"},
                                     {"manual", "--help"},
                                     {"kernels", "list", "--help"},
                                     {"kernels", "export", "--help"},
                                     {"kernels", "import", "--help"},
                                     {"baseline", "update", "--help"}}) {
    const auto result = parse_command_line(arguments);
    ASSERT_TRUE(result);
    const auto& text = std::get<HelpText>(*result).text;
    EXPECT_LE(std::ranges::count(text, '\n'), 64);
    const auto examples = text.find("\nExamples:\n");
    ASSERT_NE(examples, std::string::npos) << arguments.front();
    EXPECT_NE(text.find("/run-bench ", text.find("/run-bench ", examples) + 1), std::string::npos)
        << arguments.front() << " has fewer than two examples";
    EXPECT_NE(text.find("Exit: 0 "), std::string::npos) << arguments.front();
  }
}

TEST(ParseOptions, Version) {
  const auto result = parse_command_line({"--version"});
  ASSERT_TRUE(result);
  EXPECT_TRUE(std::get<HelpText>(*result).text.starts_with("probebench "));
}

TEST(List, NamesEverythingInTheTables) {
  const auto text = list_text();
  const auto document = nlohmann::json::parse(list_json());
  for (const auto& info : kProbeTypes) EXPECT_NE(text.find(info.summary), std::string::npos) << info.name;
  for (const auto& info : kHandlers) EXPECT_NE(text.find(info.summary), std::string::npos) << info.name;
  EXPECT_EQ(document["probe_types"].size(), kProbeTypes.size());
  EXPECT_EQ(document["groups"]["all"].size() + document["groups"]["all-functions"].size(),
            kProbeTypes.size());
  EXPECT_EQ(document["handlers"].size(), kHandlers.size());
  for (const auto& info : kProbeSources) EXPECT_NE(text.find(info.summary), std::string::npos) << info.name;
  EXPECT_EQ(document["external"]["name"], kExternalType);
  EXPECT_EQ(document["external"]["sources"].size(), kProbeSources.size());
}

TEST(ParseOptions, ReproduceHasAllPartsAndItsOwnCells) {
  const auto options = parsed<ReproduceOptions>({"--kernel", "5.10,6.12"});
  EXPECT_NE(options.plan.probe_types, "all");
  EXPECT_FALSE(options.plan.experiment.surface.empty());
  EXPECT_TRUE(options.plan.experiment.kretprobe_misses);
  EXPECT_TRUE(options.plan.experiment.traps);
  EXPECT_TRUE(options.runs_workloads);
}

TEST(ParseOptions, ReproduceTakesParts) {
  const auto per_hit = parsed<ReproduceOptions>({"--part", "per-hit"});
  EXPECT_TRUE(per_hit.plan.experiment.surface.empty());
  EXPECT_FALSE(per_hit.runs_workloads);
  const auto surface = parsed<ReproduceOptions>({"--part", "surface", "--target", "native"});
  EXPECT_FALSE(surface.plan.experiment.surface.empty());
  EXPECT_FALSE(surface.plan.experiment.traps);
  EXPECT_NE(error_of({"reproduce", "--part", "surfaces"}).find("did you mean"), std::string::npos);
}

// A step of it takes minutes on a busy machine; who names a deadline knows better.
TEST(RequestFor, ReproduceIsPatient) {
  const auto patience = [](Arguments words) {
    words.insert(words.end(), {"--part", "traps"});
    const auto request = reproduce_request(parsed<ReproduceOptions>(words), {});
    return request ? request->silence_deadline : std::chrono::seconds(0);
  };
  EXPECT_EQ(patience({}), std::chrono::seconds(300));
  EXPECT_EQ(patience({"--deadline", "900"}), std::chrono::seconds(900));
  EXPECT_EQ(patience({"--deadline", "5", "--target", "native"}), std::chrono::seconds(5));
}

TEST(ParseOptions, ReproducePrunesToALine) {
  const auto line_of = [](Arguments words) {
    return parsed<ReproduceOptions>(std::move(words)).plan.experiment.workloads.line_percent;
  };
  EXPECT_EQ(line_of({"--part", "pruning"}), 5);
  EXPECT_EQ(line_of({"--part", "pruning", "--line", "2.5%"}), 2.5);
  EXPECT_EQ(line_of({"--part", "pruning", "--line", "10"}), 10);
  EXPECT_EQ(line_of({"--part", "workloads"}), 0) << "nothing is pruned";
  for (const auto* wrong : {"0", "-1%", "five", "5x", "", "nan", "1e9"}) {
    EXPECT_NE(error_of({"reproduce", "--line", wrong}).find("expected a percentage"), std::string::npos)
        << wrong;
  }
}

TEST(ParseOptions, ReproduceTakesAWorkloadBehindTwoDashes) {
  const auto options = parsed<ReproduceOptions>({"--", "/bin/ls", "-l"});
  EXPECT_EQ(options.plan.experiment.workloads.command, (Arguments{"/bin/ls", "-l"}));
  EXPECT_TRUE(options.plan.benchmark_args.empty());
  EXPECT_NE(error_of({"reproduce", "--part", "surface", "--", "ls"}).find("--part leaves workloads out"),
            std::string::npos);
}

}  // namespace

}  // namespace probebench::cli
