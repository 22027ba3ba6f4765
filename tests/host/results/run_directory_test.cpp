// SPDX-License-Identifier: MIT
#include "results/run_directory.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "results/benchmark_json.h"
#include "results/results_json.h"
#include "sample_run.h"
#include "temporary_directory.h"

namespace probebench::results {
namespace {

const auto kStarted = std::chrono::system_clock::from_time_t(1'706'702'400);

class RunDirectoryTest : public testing::Test {
 protected:
  const TemporaryDirectory directory_;
  const fs::path root_ = directory_.path();
};

TEST_F(RunDirectoryTest, IsNamedAfterTimeAndProcess) {
  const auto directory = RunDirectory::create_under(root_ / "results", kStarted);
  ASSERT_TRUE(directory) << directory.error().message();
  EXPECT_EQ(directory->path(), root_ / "results" / ("20240131T120000Z-" + std::to_string(::getpid())));
  EXPECT_TRUE(fs::is_directory(directory->path()));
}

TEST_F(RunDirectoryTest, TwoOfOneSecondAreTwo) {
  const auto one = RunDirectory::create_under(root_, kStarted);
  const auto other = RunDirectory::create_under(root_, kStarted);
  ASSERT_TRUE(one && other);
  EXPECT_NE(one->path(), other->path());
}

TEST_F(RunDirectoryTest, LatestPointsAtTheNewestRunWithResults) {
  auto first = RunDirectory::create_under(root_, kStarted);
  ASSERT_TRUE(first && first->write(sample_run()));
  EXPECT_EQ(fs::read_symlink(root_ / "latest"), first->path().filename());
  auto second = RunDirectory::create_under(root_, kStarted);
  ASSERT_TRUE(second);
  EXPECT_EQ(fs::read_symlink(root_ / "latest"), first->path().filename());  // second has nothing to show yet
  ASSERT_TRUE(second->write(sample_run()));
  EXPECT_EQ(fs::read_symlink(root_ / "latest"), second->path().filename());
}

TEST_F(RunDirectoryTest, OneThatIsRemovedIsMadeAgain) {
  const auto place = root_ / "run";
  auto directory = RunDirectory::create_at(place);
  ASSERT_TRUE(directory && directory->write(sample_run()));
  EXPECT_FALSE(directory->was_removed());
  fs::remove_all(place);
  const auto written = directory->write(sample_run());
  ASSERT_TRUE(written) << written.error().message();
  EXPECT_TRUE(directory->was_removed());
  EXPECT_TRUE(fs::exists(directory->results_path()));
  EXPECT_FALSE(RunDirectory::create_at(place));  // it is locked as the first one was
  fs::remove_all(root_);
  const auto refused = directory->write(sample_run());
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message().find("which was removed during the run"), std::string::npos);
  fs::create_directories(root_);
}

TEST_F(RunDirectoryTest, ResultsAreReplacedAsCellsFinish) {
  auto directory = RunDirectory::create_under(root_, kStarted);
  ASSERT_TRUE(directory);
  RunRecord run = sample_run();
  ASSERT_TRUE(directory->write(run));
  run.cells.pop_back();
  ASSERT_TRUE(directory->write(run));
  const auto text = read_file(directory->results_path());
  ASSERT_TRUE(text);
  const auto again = read_results(*text, "results.json");
  ASSERT_TRUE(again);
  EXPECT_EQ(*again, run);
  EXPECT_EQ(std::distance(fs::directory_iterator(directory->path()), {}), 1);  // no partial file is left
}

TEST_F(RunDirectoryTest, LatestThatIsNoLinkIsReported) {
  fs::create_directories(root_ / "latest" / "mine");
  auto directory = RunDirectory::create_under(root_, kStarted);
  ASSERT_TRUE(directory);
  const auto status = directory->write(sample_run());
  ASSERT_FALSE(status);
  EXPECT_NE(status.error().message().find("latest"), std::string::npos);
  EXPECT_TRUE(fs::exists(root_ / "latest" / "mine"));
  EXPECT_TRUE(fs::exists(directory->results_path()));
}

TEST_F(RunDirectoryTest, OutputIsTheDirectoryItself) {
  auto directory = RunDirectory::create_at(root_ / "a" / "b");
  ASSERT_TRUE(directory && directory->write(sample_run()));
  EXPECT_EQ(directory->results_path(), root_ / "a" / "b" / "results.json");
  EXPECT_TRUE(fs::exists(directory->results_path()));
  EXPECT_FALSE(fs::exists(root_ / "a" / "latest"));
}

TEST_F(RunDirectoryTest, OutputDropsTheEarlierRunAndNothingElse) {
  for (const auto* name : {"results.json", "benchmark.json", "guest.log", "notes.txt"}) {
    ASSERT_TRUE(write_file_atomic(root_ / name, "old"));
  }
  ASSERT_TRUE(RunDirectory::create_at(root_));
  EXPECT_EQ(std::distance(fs::directory_iterator(root_), {}), 1);
  EXPECT_TRUE(fs::exists(root_ / "notes.txt"));
}

TEST_F(RunDirectoryTest, OneRunAtATimeWritesADirectory) {
  {
    const auto first = RunDirectory::create_at(root_ / "out");
    ASSERT_TRUE(first);
    ASSERT_TRUE(write_file_atomic(first->results_path(), "the first run's"));
    const auto copy = *first;  // as the run's outcome has it
    const auto second = RunDirectory::create_at(root_ / "out");
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().fault, Fault::infra);
    EXPECT_EQ(
        second.error().message(),
        "write to " + (root_ / "out").string() +
            ": another run is writing there; wait for it to end, or choose another directory for --output");
    fs::create_directory_symlink("out", root_ / "link");
    EXPECT_FALSE(RunDirectory::create_at(root_ / "link"));
    EXPECT_TRUE(RunDirectory::create_at(root_ / "out/part"));  // a gate's sides
    EXPECT_EQ(*read_file(first->results_path()), "the first run's");
  }
  EXPECT_TRUE(RunDirectory::create_at(root_ / "out"));
}

TEST_F(RunDirectoryTest, ARunUnderResultsCannotBeTakenByAnOutput) {
  const auto running = RunDirectory::create_under(root_, kStarted);
  ASSERT_TRUE(running);
  EXPECT_FALSE(RunDirectory::create_at(running->path()));
}

TEST_F(RunDirectoryTest, ADirectoryThatWasRemovedIsNotHeld) {
  auto first = RunDirectory::create_at(root_ / "out");
  fs::remove(root_ / "out");  // it left nothing
  const auto second = RunDirectory::create_at(root_ / "out");
  ASSERT_TRUE(second);
  EXPECT_FALSE(RunDirectory::create_at(root_ / "out"));
}

TEST_F(RunDirectoryTest, WhatIsNoFileOfARunIsLeftAlone) {
  ASSERT_TRUE(write_file_atomic(root_ / "precious", "precious"));
  for (const char* name : {"results.json", "guest-6.1.log", "benchmark.json", "paths.txt", "report.md"}) {
    for (const char* target : {"precious", "/dev/null", "nowhere"}) {
      ASSERT_TRUE(write_file_atomic(root_ / "predict.json", "an earlier run's"));
      fs::create_symlink(target, root_ / name);
      const auto directory = RunDirectory::create_at(root_);
      ASSERT_FALSE(directory) << name;
      EXPECT_EQ(directory.error().message(),
                "write " + (root_ / name).string() +
                    ": it is there, and is no regular file; choose another directory "
                    "for --output");
      EXPECT_EQ(directory.error().fault, Fault::usage);
      EXPECT_TRUE(fs::is_symlink(root_ / name));
      EXPECT_TRUE(fs::exists(root_ / "predict.json"));
      fs::remove(root_ / name);
    }
  }
  ASSERT_EQ(::mkfifo((root_ / "results.json").c_str(), 0600), 0);
  EXPECT_FALSE(RunDirectory::create_at(root_));
  EXPECT_TRUE(fs::is_fifo(root_ / "results.json"));
  EXPECT_EQ(*read_file(root_ / "precious"), "precious");
}

TEST_F(RunDirectoryTest, ALinkInTheWayOfATemporaryIsNotFollowed) {
  ASSERT_TRUE(write_file_atomic(root_ / "precious", "precious"));
  const auto id = std::to_string(::getpid());
  for (const auto& name : {"results.json.partial." + id, "latest.partial." + id, ".partial-" + id}) {
    fs::create_symlink("precious", root_ / name);
  }
  auto directory = RunDirectory::create_at(root_);
  ASSERT_TRUE(directory && directory->write(sample_run()));
  EXPECT_EQ(*read_file(root_ / "precious"), "precious");
  EXPECT_FALSE(fs::is_symlink(directory->results_path()));
  auto under = RunDirectory::create_under(root_, kStarted);
  ASSERT_TRUE(under && under->write(sample_run()));
  EXPECT_TRUE(fs::is_symlink(root_ / ("latest.partial." + id)));
}

TEST_F(RunDirectoryTest, WhatCannotBeWrittenIsOneLineWithTheWayOut) {
  ASSERT_TRUE(write_file_atomic(root_ / "file", ""));
  const auto under = RunDirectory::create_under(root_ / "file", kStarted);
  ASSERT_FALSE(under);
  EXPECT_EQ(under.error().fault, Fault::infra);
  EXPECT_NE(under.error().message().find("pass --output DIR"), std::string::npos);
  const auto at = RunDirectory::create_at(root_ / "file");
  ASSERT_FALSE(at);
  EXPECT_EQ(at.error().fault, Fault::usage);
  EXPECT_EQ(at.error().message(), "create " + (root_ / "file").string() +
                                      ": Not a directory; choose another directory for --output");
}

TEST_F(RunDirectoryTest, DirectoryOfTheKernelCannotBeWritten) {
  const auto at = RunDirectory::create_at("/proc/probebench");
  ASSERT_FALSE(at);
  EXPECT_NE(at.error().err, 0);
}

constexpr const char* kContext =
    "{\n  \"context\": {\n    \"date\": \"x\",\n    \"caches\": [\n    ]\n  },\n  \"benchmarks\": [\n";
constexpr const char* kOne = "    {\n      \"name\": \"a\",\n      \"iterations\": 3\n    }";
constexpr const char* kHalf = ",\n    {\n      \"name\": \"b\",\n      \"itera";

std::size_t benchmarks_in(const std::string& text) {
  return nlohmann::json::parse(text).at("benchmarks").size();
}

TEST(BenchmarkJson, AWholeTextStaysAsItIs) {
  const std::string whole = std::string(kContext) + kOne + "\n  ]\n}\n";
  EXPECT_EQ(*complete_benchmark_json(whole), whole);
}

TEST(BenchmarkJson, ARunThatWasCutOffIsClosed) {
  const auto text = complete_benchmark_json(std::string(kContext) + kOne);
  ASSERT_TRUE(text);
  EXPECT_EQ(*text, std::string(kContext) + kOne + "\n  ]\n}\n");
}

TEST(BenchmarkJson, HalfABenchmarkIsDropped) {
  const auto text = complete_benchmark_json(std::string(kContext) + kOne + kHalf);
  ASSERT_TRUE(text);
  EXPECT_EQ(benchmarks_in(*text), 1u);
  const auto first = complete_benchmark_json(std::string(kContext) + (kHalf + 2));
  ASSERT_TRUE(first);
  EXPECT_EQ(benchmarks_in(*first), 0u);
}

TEST(JoinedBenchmarks, AreThoseOfOneGuestInThePlansOrder) {
  const auto part = [](const std::string& entries) {
    return R"({"context": {"date": "today"}, "benchmarks": [)" + entries + "]}";
  };
  const auto entry = [](const std::string& name, int index) {
    return fmt::format(R"({{"name": "{}", "family_index": {}, "real_time": 1}})", name, index);
  };
  const auto joined = join_benchmark_json({part(entry("c", 0) + "," + entry("a", 1)), part(entry("b", 0))},
                                          std::vector<std::string>{"a", "b", "x", "c"});
  ASSERT_TRUE(joined) << joined.error().message();
  EXPECT_EQ(nlohmann::json::parse(*joined),
            nlohmann::json::parse(part(entry("a", 0) + "," + entry("b", 1) + "," + entry("c", 2))));
  EXPECT_FALSE(join_benchmark_json({"{", part("")}, std::vector<std::string>{"a"}));
}

TEST(BenchmarkJson, CutAnywhereItParsesOrSaysWhy) {
  const std::string whole = std::string(kContext) + kOne + ",\n" + kOne + "\n  ]\n}\n";
  const std::size_t list = std::string(kContext).size();
  for (std::size_t length = 0; length <= whole.size(); ++length) {
    const auto text = complete_benchmark_json(whole.substr(0, length));
    EXPECT_EQ(text.ok(), length >= list) << length;
    if (!text) continue;
    EXPECT_LE(benchmarks_in(*text), 2u);
  }
}

TEST(BenchmarkJson, WhatIsNotJsonIsRefused) {
  const auto text =
      complete_benchmark_json(std::string(kContext) + "    {\n      \"real_time\": nan\n    }\n  ]\n}\n");
  ASSERT_FALSE(text);
  EXPECT_NE(text.error().message().find("not JSON"), std::string::npos);
}

TEST_F(RunDirectoryTest, BenchmarkTextBecomesAFile) {
  const auto directory = RunDirectory::create_under(root_, kStarted);
  ASSERT_TRUE(directory && directory->write_benchmark(std::string(kContext) + kOne, ClockKind::tsc));
  const auto text = read_file(directory->benchmark_path());
  ASSERT_TRUE(text);
  EXPECT_EQ(benchmarks_in(*text), 1u);
  EXPECT_FALSE(directory->write_benchmark("nothing", ClockKind::tsc));
}

nlohmann::json readable(const std::string& benchmarks, ClockKind clock) {
  const auto text = readable_benchmark_json(R"({"context": {}, "benchmarks": [)" + benchmarks + "]}", clock);
  EXPECT_TRUE(text);
  return text ? nlohmann::json::parse(*text)["benchmarks"] : nlohmann::json();
}

constexpr const char* kTimed =
    R"({"name": "a", "run_type": "iteration", "real_time": 103.00000000000001, "cpu_time": 9e5, "time_unit": "ns"})";
constexpr const char* kFailed =
    R"({"name": "b", "run_type": "iteration", "error_occurred": true, "error_message": "skipped: why",)"
    R"( "real_time": 0.0, "cpu_time": 0.0, "time_unit": "ns"})";

TEST(ReadableBenchmarkJson, CountsHaveTheirUnit) {
  const auto counted = readable(kTimed, ClockKind::instructions)[0];
  EXPECT_EQ(counted["real_time"], 103.0);
  EXPECT_EQ(counted["cpu_time"], 103.0);
  EXPECT_EQ(counted["time_unit"], "insns");
  EXPECT_EQ(counted["run_type"], "aggregate");
  EXPECT_EQ(counted["aggregate_name"], "mean");
}

TEST(ReadableBenchmarkJson, TimesStayAsTheyAre) {
  EXPECT_EQ(readable(kTimed, ClockKind::tsc)[0], nlohmann::json::parse(kTimed));
}

TEST(ReadableBenchmarkJson, WhatWasNotMeasuredHasNoTime) {
  for (const auto clock : {ClockKind::tsc, ClockKind::instructions}) {
    const auto failed = readable(kFailed, clock)[0];
    EXPECT_FALSE(failed.contains("real_time") || failed.contains("cpu_time")) << failed;
    EXPECT_EQ(failed["error_occurred"], true);
    EXPECT_EQ(failed["error_message"], "skipped: why");
    EXPECT_EQ(failed["time_unit"], "none");
  }
}

TEST(ReadableBenchmarkJson, ATargetMaySendAnything) {
  EXPECT_EQ(readable(R"(1, {}, {"run_type": 5, "error_occurred": "x", "real_time": []}, null)",
                     ClockKind::instructions)
                .size(),
            4u);
  EXPECT_FALSE(readable_benchmark_json(R"({"benchmarks": )", ClockKind::tsc));
  EXPECT_FALSE(readable_benchmark_json("[]", ClockKind::tsc));
}

}  // namespace
}  // namespace probebench::results
