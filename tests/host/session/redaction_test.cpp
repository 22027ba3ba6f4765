// SPDX-License-Identifier: MIT
#include "session/redaction.h"

#include <gtest/gtest.h>

#include <utility>

#include "valid_cell.h"
#include "wire/experiment_json.h"

namespace probebench::session {
namespace {

const HostSecrets kSecrets{.kallsyms =
                               "ffffffff81000000 T _text\n"
                               "ffffffff81f09b00 T do_getpgid\n"
                               "ffffffffc0201000 t pb_open\t[probebench]\n",
                           .host_name = "db7",
                           .command_line = "BOOT_IMAGE=/boot/vmlinuz root=UUID=1234-abcd ro quiet"};

TEST(Redaction, AnAddressBecomesAPlace) {
  const Redaction redaction(kSecrets);
  for (const auto& [told, kept] : {
           std::pair{"call 0xffffffff81f09bf7", "call do_getpgid+0xf7"},
           {"read ffffffff81f09b00: no", "read do_getpgid+0x0: no"},
           {"0xFFFFFFFF81F09B10,ffffffffc0201004", "do_getpgid+0x10,pb_open [probebench]+0x4"},
           {"at 0xffff888012345678", "at [kernel address]"},
           {"at 0xffffffffc0900000", "at [kernel address]"},  // nothing is near
           {"e8 f7 9b f0 81", "e8 f7 9b f0 81"},
           {"0x00005581f09bf7aa", "0x00005581f09bf7aa"},                // of a program
           {"sha256 ffffffff81f09bf7ab", "sha256 ffffffff81f09bf7ab"},  // no address has as many digits
           {"0x1 of 0xffff", "0x1 of 0xffff"},
           {"", ""},
       }) {
    EXPECT_EQ(redaction.text(told), kept);
  }
}

TEST(Redaction, WordsOfOursStayThatAreAHostsName) {
  const Redaction redaction({.kallsyms = "", .host_name = "vm", .command_line = ""});
  EXPECT_EQ(redaction.text("needs --target vm"), "needs --target vm");
}

TEST(Redaction, AHintOfOursKeepsItsWords) {
  const Redaction redaction({.kallsyms = "", .host_name = "machine", .command_line = ""});
  EXPECT_EQ(redaction.text("a key that the machine's owner has enrolled"),
            "a key that the machine's owner has enrolled");
}

TEST(Redaction, WithoutRightsNoAddressIsNamed) {
  const Redaction redaction(
      {.kallsyms = "0000000000000000 T _text\n0000000000000000 T x\n", .host_name = "", .command_line = ""});
  EXPECT_EQ(redaction.text("call 0xffffffff81f09bf7"), "call [kernel address]");
}

TEST(Redaction, HidesTheHostsNameAndItsBootLine) {
  const Redaction redaction(kSecrets);
  EXPECT_EQ(redaction.text("db7: cannot, db71 and mydb7 can"), "[host name]: cannot, db71 and mydb7 can");
  EXPECT_EQ(redaction.text("booted with " + kSecrets.command_line), "booted with [kernel command line]");
  Environment environment{.facts = {{"kernel.cmdline", kSecrets.command_line}, {"kernel.release", "6.1-db7"}},
                          .capabilities = {}};
  redaction.redact(environment);
  EXPECT_EQ(environment.facts["kernel.cmdline"].find("redacted, sha256 "), 0U);
  EXPECT_EQ(environment.facts["kernel.cmdline"].find("UUID"), std::string::npos);
  Environment another{.facts = {{"kernel.cmdline", "quiet"}}, .capabilities = {}};
  redaction.redact(another);
  EXPECT_NE(another.facts["kernel.cmdline"], environment.facts["kernel.cmdline"]);
}

TEST(Redaction, ACellKeepsWhatItsInstructionsSay) {
  auto cell = valid_cell();
  cell.evidence.site_address = 0xffffffff81f09bf7;
  cell.evidence.detour_address = 0xffffffffc0201000;
  cell.evidence.slot_address = 0x5581f09bf000;  // of a program
  cell.evidence.detour = {0x48, 0xbf};
  cell.evidence.decoded = "call 0xffffffff81000010";
  cell.evidence.kernel_flags = "ffffffff81f09bf7 k do_getpgid+0xf7 [FTRACE]";
  cell.reason = "at 0xffffffff81f09bf7";
  const auto armed = cell.evidence.armed;
  Redaction(kSecrets).redact(cell);
  EXPECT_EQ(cell.evidence.decoded, "call _text+0x10");
  EXPECT_EQ(cell.evidence.kernel_flags, "do_getpgid+0xf7 k do_getpgid+0xf7 [FTRACE]");
  EXPECT_EQ(cell.reason, "at do_getpgid+0xf7");
  EXPECT_EQ(cell.evidence.armed, armed);
  EXPECT_EQ(cell.evidence.site_address, 0U);
  EXPECT_EQ(cell.evidence.slot_address, 0x5581f09bf000U);
  EXPECT_EQ(cell.evidence.detour_address, 0U);
  EXPECT_TRUE(cell.evidence.detour.empty());
}

TEST(Redaction, AnExperimentStaysOne) {
  ExperimentRecord record = ExperimentStep{"probe 0xffffffff81f09b01"};
  Redaction(kSecrets).redact(record);
  EXPECT_EQ(std::get<ExperimentStep>(record).name, "probe do_getpgid+0x1");
}

TEST(Redaction, AUsersProbeKeepsItsPlaceWithoutTheAddress) {
  ProbeCost cost;
  cost.sites = {{.place = "vfs_read+0x4", .address = 0xffffffff81234567, .armed = {0xe8, 1, 2, 3, 4}}};
  cost.source_lines = {{0xffffffffc0123456, "mine.c", 3, "return 0;"}};
  ExperimentRecord record = cost;
  Redaction(kSecrets).redact(record);
  const auto& kept = std::get<ProbeCost>(record);
  EXPECT_EQ(kept.sites[0].place, "vfs_read+0x4");
  EXPECT_EQ(kept.sites[0].address, 0u);
  EXPECT_EQ(kept.sites[0].armed, cost.sites[0].armed);
  EXPECT_EQ(kept.source_lines[0].address, 0u);
}

TEST(Redaction, AnExperimentKeepsItsWordsWhateverTheHostIsCalled) {
  for (const auto* name : {"measured", "status", "surface", "optimized"}) {
    SurfacePoint point;
    point.state = ProbeState::optimized;
    point.status = CellStatus::measured;
    point.reason = std::string(name) + ": cannot";
    ExperimentRecord record = point;
    Redaction({.kallsyms = "", .host_name = name, .command_line = ""}).redact(record);
    const auto& kept = std::get<SurfacePoint>(record);
    EXPECT_EQ(kept.state, ProbeState::optimized) << name;
    EXPECT_EQ(kept.status, CellStatus::measured) << name;
    EXPECT_EQ(kept.reason, "[host name]: cannot");
  }
}

TEST(Redaction, AWorkloadIsNoHost) {
  Workload workload;
  workload.id = WorkloadId::stat;
  ExperimentRecord record = workload;
  Redaction({.kallsyms = "", .host_name = "stat", .command_line = ""}).redact(record);
  EXPECT_EQ(std::get<Workload>(record).id, WorkloadId::stat);
}

TEST(Redaction, AnExperimentsBootLineIsHiddenWhateverItQuotes) {
  ControlStep step{"fentry", 1, "arm", 5000, "clock"};
  step.note = "booted with quiet \"x\" ro";
  ExperimentRecord record = step;
  Redaction({.kallsyms = "", .host_name = "", .command_line = "quiet \"x\" ro"}).redact(record);
  EXPECT_EQ(std::get<ControlStep>(record).note, "booted with [kernel command line]");
}

TEST(Redaction, GoogleBenchmarksFileStaysJson) {
  const Redaction redaction(
      {.kallsyms = kSecrets.kallsyms, .host_name = "name", .command_line = "quiet \"x\""});
  const auto text = redaction.benchmark(
      R"({"context": {"host_name": "name", "line": "quiet \"x\""}, "benchmarks": [{"name": "ffffffff81f09b01"}]})");
  const auto json = wire::Json::parse(text);
  EXPECT_EQ(json.at("context").at("host_name"), "[host name]");
  EXPECT_EQ(json.at("context").at("line"), "[kernel command line]");
  EXPECT_EQ(json.at("benchmarks").at(0).at("name"), "do_getpgid+0x1");
}

}  // namespace
}  // namespace probebench::session
