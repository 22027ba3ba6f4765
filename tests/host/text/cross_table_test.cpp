// SPDX-License-Identifier: MIT
#include "text/cross_table.h"

#include "golden.h"

namespace probebench::text {
namespace {

TargetRecord vm(const std::string& release, const std::string& args = {}) {
  TargetInfo info;
  info.id = "vm-tcg-" + release + (args.empty() ? "" : "+" + args);
  info.kind = "vm";
  info.accel = "tcg";
  info.clock = ClockKind::instructions;
  info.host = {{"qemu.version", "QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7)"}};
  if (!args.empty()) info.host["kernel.extra_args"] = args;
  info.environment.facts = {{"kernel.release", release}};
  return {.info = info, .fingerprint = "0123456789abcdef"};
}

Metric metric(double value, MetricClass metric_class = MetricClass::exact) {
  return {.value = value,
          .low = value,
          .high = value,
          .spread = 0,
          .n = 3,
          .metric_class = metric_class,
          .note = {}};
}

CellRecord cell(const TargetRecord& target, ProbeType type, CellStatus status,
                const std::string& reason = {}) {
  CellRecord record;
  record.target = target.info.id;
  record.result.cell = cells_of(type, Handler::nop).front();
  record.result.status = status;
  record.result.reason = reason;
  return record;
}

CellRecord measured(const TargetRecord& target, ProbeType type, double cost) {
  auto record = cell(target, type, CellStatus::measured);
  record.summary.instructions_per_hit = metric(cost);
  return record;
}

// Three kernels, one that never came up between them, and rows of every state.
RunRecord three_kernels() {
  const auto old = vm("5.10.0-46-cloud-amd64");
  const auto recent = vm("6.12.117+deb12-cloud-amd64");
  TargetRecord broken;
  broken.info.id = "vm-bad-vmlinuz";
  broken.info.kind = "vm";
  broken.info.host["kernel.name"] = "/tmp/bad-vmlinuz";
  broken.ended = "read kernel image /tmp/bad-vmlinuz: it is not a kernel; give an x86-64 vmlinuz (bzImage)";
  RunRecord record;
  record.targets = {old, broken, recent};
  record.ended = "vm-bad-vmlinuz: " + broken.ended;
  auto skipped = cell(old, ProbeType::fprobe_entry, CellStatus::skipped, "this kernel has CONFIG_FPROBE=n");
  skipped.result.provided_by = "a kernel with CONFIG_FPROBE=y: --kernel 6.12";
  record.cells = {
      measured(old, ProbeType::kprobe_stepped, 472),
      measured(old, ProbeType::kprobe_optimized, 96),
      measured(old, ProbeType::ftrace, 38),
      skipped,
      measured(recent, ProbeType::kprobe_stepped, 485),
      cell(recent, ProbeType::kprobe_optimized, CellStatus::invalid, "the site is stepped, not optimized"),
      measured(recent, ProbeType::ftrace, 38),
      measured(recent, ProbeType::fprobe_entry, 140)};
  return record;
}

TEST(CrossTable, ShowsCostsChangesAndWhatIsMissing) {
  const auto text = cross_table(three_kernels());
  EXPECT_EQ(text, golden("cross_table.txt"));
  expect_fits(text);
}

TEST(CrossTable, AKernelWithArgumentsIsComparedWithItself) {
  RunRecord record;
  record.targets = {vm("6.1.0-56-cloud-amd64"), vm("6.1.0-56-cloud-amd64", "mitigations=off"),
                    vm("6.12.117+deb12-cloud-amd64"), vm("6.12.117+deb12-cloud-amd64", "mitigations=off")};
  double cost = 100;
  for (const auto& target : record.targets)
    record.cells.push_back(measured(target, ProbeType::ftrace, cost++));
  const auto text = cross_table(record);
  EXPECT_EQ(text, golden("cross_table_arguments.txt"));
  expect_fits(text);
}

TEST(CrossTable, BuildsOfOneKernelAreToldApartByTheirFolders) {
  RunRecord record;
  record.targets = {vm("6.12.117"), vm("6.12.117")};
  record.targets[0].info.host["kernel.name"] = "/builds/none/";
  record.targets[1].info.host["kernel.name"] = "/builds/lockdep/";
  record.targets[1].info.id += "#2";
  record.cells = {measured(record.targets[0], ProbeType::ftrace, 38),
                  measured(record.targets[1], ProbeType::ftrace, 57)};
  const auto text = cross_table(record);
  EXPECT_NE(text.find(" none "), std::string::npos) << text;
  EXPECT_NE(text.find("lockdep"), std::string::npos) << text;
  EXPECT_EQ(text.find("builds"), std::string::npos) << text;
  expect_fits(text);
}

// One that has not the default architecture has it among its facts.
TargetRecord of_arm64(TargetRecord target) {
  target.info.host["arch"] = "arm64";
  target.info.id += "-arm64";
  return target;
}

RunRecord with_costs(std::vector<TargetRecord> targets) {
  RunRecord record;
  record.targets = std::move(targets);
  double cost = 38;
  for (const auto& target : record.targets)
    record.cells.push_back(measured(target, ProbeType::ftrace, cost++));
  return record;
}

// Their instructions are not the same, whatever the release is called.
TEST(CrossTable, ArchitecturesAreNamedAndNotCompared) {
  const auto text = cross_table(with_costs({vm("6.12.117"), of_arm64(vm("6.12.117"))}));
  EXPECT_TRUE(
      text.starts_with("insns/hit\n"
                       "probe type  6.12.117  6.12.117\n"
                       "              x86-64     arm64\n"
                       "ftrace            38        39\n"))
      << text;
}

TEST(CrossTable, EachArchitectureIsComparedWithItself) {
  const auto text =
      cross_table(with_costs({vm("6.1.0-1-amd64"), vm("6.12.117+deb12-amd64"), of_arm64(vm("6.1.0-1-arm64")),
                              of_arm64(vm("6.12.117+deb12-arm64"))}));
  EXPECT_NE(text.find("38     39 +1       40     41 +1\n"), std::string::npos) << text;
  expect_fits(text);
}

TEST(CrossTable, FiguresOfDifferentClocksAreNotCompared) {
  RunRecord record;
  record.targets = {vm("6.1.0-56-cloud-amd64"), vm("6.12.117+deb12-cloud-amd64")};
  record.targets[1].info.accel = "kvm";
  record.targets[1].info.clock = ClockKind::tsc;
  record.cells = {measured(record.targets[0], ProbeType::ftrace, 38),
                  cell(record.targets[1], ProbeType::ftrace, CellStatus::measured)};
  record.cells[1].summary.ns_per_hit = metric(12.5, MetricClass::noisy);
  const auto text = cross_table(record);
  EXPECT_NE(text.find("ftrace            38      12.5\n"), std::string::npos) << text;
  EXPECT_NE(text.find("one insn is"), std::string::npos);
  EXPECT_NE(text.find("nanoseconds"), std::string::npos);
}

TEST(CrossTable, ANoisyChangeIsInPercent) {
  RunRecord record;
  record.targets = {vm("6.1.0-56-cloud-amd64"), vm("6.12.117+deb12-cloud-amd64")};
  for (auto& target : record.targets) {
    target.info.clock = ClockKind::tsc;
    record.cells.push_back(cell(target, ProbeType::ftrace, CellStatus::measured));
    record.cells.back().summary.ns_per_hit = metric(record.cells.size() * 10.0, MetricClass::noisy);
  }
  EXPECT_NE(cross_table(record).find("20.0 +100.0%"), std::string::npos) << cross_table(record);
}

TEST(CrossTable, KernelsThatDoNotFitFollowBelow) {
  RunRecord record;
  for (int i = 0; i < 9; ++i) {
    record.targets.push_back(vm("6." + std::to_string(i) + ".100-cloud-amd64"));
    record.cells.push_back(measured(record.targets.back(), ProbeType::kretprobe_optimized, 300 + 10 * i));
  }
  const auto text = cross_table(record);
  expect_fits(text);
  EXPECT_NE(text.find("380 +10"), std::string::npos) << text;
  const auto first = text.find("kretprobe-optimized");
  EXPECT_NE(text.find("kretprobe-optimized", first + 1), std::string::npos);
}

TEST(CrossTable, WithoutAnyCellOnlyTheReasonsAreLeft) {
  auto record = three_kernels();
  record.cells.clear();
  record.targets.erase(record.targets.begin());
  record.targets.pop_back();
  EXPECT_EQ(cross_table(record).find("a  bad-vmlinuz: read kernel image"), 0u) << cross_table(record);
}

TEST(CrossTable, ATargetThatWasLostHalfWayKeepsWhatItHad) {
  auto record = three_kernels();
  record.cells.pop_back();
  record.targets[2].ended = "the guest's kernel panicked";
  const auto text = cross_table(record);
  EXPECT_NE(text.find("lost"), std::string::npos) << text;
  EXPECT_NE(text.find("6.12.117: the guest's kernel panicked"), std::string::npos) << text;
}

}  // namespace
}  // namespace probebench::text
