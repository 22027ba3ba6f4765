// SPDX-License-Identifier: MIT
#include "results/results_json.h"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>

#include "base/file.h"
#include "results/fingerprint.h"
#include "results/timestamp.h"
#include "sample_run.h"
#include "wire/json_value.h"

namespace probebench::results {
namespace {

std::string error_of(const Result<RunRecord>& result) {
  return result ? "" : result.error().message();
}

TEST(ResultsJson, RoundTripLosesNothing) {
  const RunRecord run = sample_run();
  const auto again = read_results(write_results(run), "results.json");
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_EQ(*again, run);
}

TEST(ResultsJson, RoundTripOfAnEmptyRun) {
  const auto again = read_results(write_results(RunRecord{}), "results.json");
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_EQ(*again, RunRecord{});
}

// Between two writes a cell may come, change, or move behind those of another target.
TEST(ResultsJson, ARunThatGrowsIsWrittenAsIfItWereTheFirstTime) {
  RunRecord run = sample_run();
  GrowingResults results;
  EXPECT_EQ(results.text(run), write_results(run));
  auto cell = run.cells.front();
  cell.target = "another";
  run.cells.insert(run.cells.begin(), cell);
  EXPECT_EQ(results.text(run), write_results(run));
  run.cells.back().result.reason = "it changed";
  EXPECT_EQ(results.text(run), write_results(run));
  EXPECT_EQ(*read_results(results.text(run), "results.json"), run);
  run.cells.clear();
  EXPECT_EQ(*read_results(results.text(run), "results.json"), run);
}

TEST(ResultsJson, HasTheMembersOfTheSchemaDocument) {
  const wire::Json cell = wire::Json::parse(write_results(sample_run())).at("cells").at(0);
  const std::string text = cell.dump();
  for (
      const std::string part : {
          R"("name":"kprobe-optimized/module/mid/nop/threads:1")",
          R"("instructions_per_hit":{"value":105,"class":"exact","low":105,"high":105,"spread":0,"low_quantile":105,"n":3,)",
          R"("cycles_per_hit":null)",
          R"("no_metric_reason":"instructions are counted, not time")",
          R"("armed":"e9 62 31 01 00 c0 01 c3")",
          R"("site":"0xffffffffc0201010")",
          R"("hits":{"expected":9000,"counted":9000,"elsewhere":0,"missed":0,"per_cpu":{"0":9000}})",
          R"("cold_hit":{"overhead":388,)",
      }) {
    EXPECT_NE(text.find(part), std::string::npos) << part;
  }
}

TEST(ResultsJson, TextThatIsNotUtf8IsWrittenAllTheSame) {
  RunRecord run = sample_run();
  run.cells[0].result.evidence.kernel_flags = "\xff[OPTIMIZED]";
  EXPECT_TRUE(read_results(write_results(run), "results.json"));
}

TEST(ResultsJson, WhatIsNoNumberIsNull) {
  EXPECT_TRUE(wire::json_of_number(std::numeric_limits<double>::quiet_NaN()).is_null());
  EXPECT_TRUE(wire::json_of_number(std::numeric_limits<double>::infinity()).is_null());
  EXPECT_EQ(wire::json_of_number(105).dump(), "105");
  EXPECT_EQ(wire::json_of_number(0.5).dump(), "0.5");
}

TEST(ResultsJson, RefusesWhatIsNotResults) {
  EXPECT_EQ(error_of(read_results("{\"schema_ver", "x.json")),
            "read results x.json: not a JSON object; pass a results.json of probebench");
  EXPECT_EQ(error_of(read_results("[]", "x.json")),
            "read results x.json: not a JSON object; pass a results.json of probebench");
  EXPECT_EQ(error_of(read_results("{\"schema_version\": 2}", "x.json")),
            "read results x.json: schema_version is not 1; use the version of probebench that wrote it, or "
            "run it again");
}

TEST(ResultsJson, NamesWhatIsDamaged) {
  wire::Json run = wire::Json::parse(write_results(sample_run()));
  wire::Json unknown = run;
  unknown["cells"][0]["probe_type"] = "jprobe";
  EXPECT_NE(error_of(read_results(unknown.dump(), "x.json")).find("'jprobe' not found"), std::string::npos);
  wire::Json missing = run;
  missing["cells"][0].erase("samples");
  EXPECT_NE(error_of(read_results(missing.dump(), "x.json")).find("'samples' not found"), std::string::npos);
  wire::Json bytes = run;
  bytes["cells"][0]["evidence"]["armed"] = "zz";
  EXPECT_NE(error_of(read_results(bytes.dump(), "x.json")), "");
  wire::Json cut = run;
  cut["cells"][0]["samples"][0]["armed"]["n"]["site_before"] = "e9 62";
  EXPECT_NE(error_of(read_results(cut.dump(), "x.json")), "");
}

template <typename Table>
std::set<std::string> names_of(const Table& table) {
  std::set<std::string> names;
  for (const auto& row : table) names.emplace(row.name);
  return names;
}

TEST(ResultsSchema, EnumsAreThoseOfTheTables) {
  const auto text = read_file(PROBEBENCH_SOURCE_DIR "/harness/host/results/results.schema.json");
  ASSERT_TRUE(text);
  const auto defs = nlohmann::json::parse(*text).at("$defs");
  const auto& cell = defs.at("cell").at("properties");
  using Names = std::set<std::string>;
  const std::regex type(cell.at("probe_type").at("pattern").get<std::string>());
  for (const auto& info : kProbeTypes)
    EXPECT_TRUE(std::regex_match(std::string(info.name), type)) << info.name;
  Names metrics;
  for (const auto& [name, schema] : cell.at("metrics").at("properties").items()) metrics.insert(name);
  EXPECT_EQ(metrics, names_of(kMetrics));
  const auto& own = defs.at("own_cell").at("properties");
  EXPECT_EQ(own.at("driver").at("enum").get<Names>(), names_of(kDrivers));
  EXPECT_EQ(own.at("site").at("enum").get<Names>(), names_of(kSites));
  const std::regex handler(own.at("handler").at("pattern").get<std::string>());
  for (const auto& info : kHandlers) {
    const HandlerChoice choice{info.id, info.id == Handler::delay ? 500u : 0u};
    EXPECT_TRUE(std::regex_match(name_of(choice), handler)) << info.name;
  }
  EXPECT_EQ(cell.at("status").at("enum").get<Names>(),
            Names(kCellStatusNames.begin(), kCellStatusNames.end()));
  const auto& external = defs.at("external_cell").at("properties");
  EXPECT_EQ(external.at("site").at("enum").get<Names>(), names_of(kWorkloads));
  const std::regex source(external.at("handler").at("pattern").get<std::string>());
  for (const auto& info : kProbeSources) {
    EXPECT_TRUE(std::regex_match(ExternalProbe{info.id, "my.bpf.o"}.handler(), source)) << info.name;
  }
  EXPECT_EQ(defs.at("evidence").at("properties").at("state").at("enum").get<Names>(), names_of(kProbeStates));
  EXPECT_EQ(defs.at("capability").at("enum").get<Names>(), names_of(kCapabilities));
}

TEST(Fingerprint, IsTheSameForTheSameTarget) {
  const TargetInfo target = sample_run().targets[0].info;
  EXPECT_EQ(fingerprint(target), fingerprint(target));
  EXPECT_EQ(fingerprint(target).size(), 16u);
}

TEST(Fingerprint, ChangesWithWhatChangesCosts) {
  const TargetInfo target = sample_run().targets[0].info;
  TargetInfo mitigated = target;
  mitigated.environment.facts["mitigations.spectre_v2"] = "Vulnerable";
  EXPECT_NE(fingerprint(mitigated), fingerprint(target));
  TargetInfo rebuilt = target;
  rebuilt.host["module.sha256"] = "feed";
  EXPECT_NE(fingerprint(rebuilt), fingerprint(target));
  TargetInfo accelerated = target;
  accelerated.accel = "kvm";
  EXPECT_NE(fingerprint(accelerated), fingerprint(target));
}

TEST(Fingerprint, DoesNotChangeWithWhatVariesFromBootToBoot) {
  const TargetInfo target = sample_run().targets[0].info;
  TargetInfo other_boot = target;
  other_boot.id = "another name";
  other_boot.host["qemu.memory_mb"] = "256";
  other_boot.environment.facts["cpu.mhz"] = "2399.998";
  other_boot.environment.tsc_khz += 17;
  EXPECT_EQ(fingerprint(other_boot), fingerprint(target));
}

TEST(Timestamp, IsUtc) {
  const auto when = std::chrono::system_clock::from_time_t(1'706'702'400);
  EXPECT_EQ(iso8601_utc(when), "2024-01-31T12:00:00Z");
  EXPECT_EQ(compact_utc(when), "20240131T120000Z");
}

}  // namespace
}  // namespace probebench::results
