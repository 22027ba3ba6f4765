// SPDX-License-Identifier: MIT
#include "text/table.h"

#include <tuple>

#include "golden.h"

namespace probebench::text {
namespace {

TargetRecord vm(const std::string& accel, ClockKind clock) {
  TargetInfo info;
  info.id = "vm-" + accel + "-6.12.117+deb12-cloud-amd64";
  info.kind = "vm";
  info.accel = accel;
  info.clock = clock;
  info.host = {{"qemu.version", "QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7)"}};
  info.environment.facts = {{"kernel.release", "6.12.117+deb12-cloud-amd64"}};
  return {info, "0123456789abcdef"};
}

Metric exact(double value) {
  return {.value = value,
          .low = value,
          .high = value,
          .spread = 0,
          .n = 3,
          .metric_class = MetricClass::exact,
          .note = {}};
}

Metric noisy(double value, double low, double high, const std::string& note = {}) {
  return {.value = value,
          .low = low,
          .high = high,
          .spread = 1,
          .n = 20,
          .metric_class = MetricClass::noisy,
          .note = note};
}

CellRecord cell(ProbeType type, ProbeState state, Bytes armed, Handler handler = Handler::nop) {
  CellRecord record;
  record.target = "vm-tcg-6.12.117+deb12-cloud-amd64";
  record.result.cell = cells_of(type, handler).front();
  record.result.status = CellStatus::measured;
  record.result.evidence.state = state;
  record.result.evidence.armed = std::move(armed);
  Round round;
  round.armed.n.calls = round.armed.n.hits = 1000;
  round.armed.twice_n.calls = round.armed.twice_n.hits = 2000;
  record.result.rounds = {round, round, round};
  return record;
}

CellRecord counted(CellRecord record, double instructions) {
  record.summary.instructions_per_hit = exact(instructions);
  return record;
}

CellRecord skipped(ProbeType type) {
  CellRecord record = cell(type, ProbeState::unknown, {});
  const auto& capability = info_of(info_of(type).needs);
  record.result.status = CellStatus::skipped;
  record.result.reason = capability.missing;
  record.result.provided_by = capability.provided_by;
  record.result.rounds.clear();
  return record;
}

CellRecord failed(ProbeType type, CellStatus status, const std::string& reason) {
  CellRecord record = cell(type, ProbeState::stepped, {0xcc, 0x89, 0xf8});
  record.result.status = status;
  record.result.reason = reason;
  record.result.rounds.resize(1);
  return record;
}

const Bytes kInt3{0xcc, 0x8d, 0x04, 0x37, 0x90};
const Bytes kJump{0xe9, 0x62, 0x31, 0x01, 0x00, 0x90};
const Bytes one_call{0xe8, 0x9b, 0x0f, 0x00, 0x00};

RunRecord emulated_run() {
  RunRecord record;
  record.complete = true;
  record.targets = {vm("tcg", ClockKind::instructions)};
  record.cells = {counted(cell(ProbeType::kprobe_stepped, ProbeState::stepped, kInt3), 1092),
                  skipped(ProbeType::kprobe_boosted),
                  counted(cell(ProbeType::kprobe_optimized, ProbeState::optimized, kJump), 105),
                  counted(cell(ProbeType::kretprobe_optimized, ProbeState::optimized, kJump), 333.5),
                  counted(cell(ProbeType::tracepoint, ProbeState::static_key, {0xeb, 0x10}), 21)};
  return record;
}

TEST(Table, CountsUnderEmulation) {
  const auto text = table(emulated_run());
  EXPECT_EQ(text, golden("table_emulated.txt"));
  EXPECT_EQ(text.find("cycle"), std::string::npos) << "under emulation nothing is ever called a cycle";
  expect_fits(text);
}

TEST(Table, ARowThatIsSkippedWithEveryHandlerIsNamedOnce) {
  RunRecord record = emulated_run();
  record.cells.push_back(skipped(ProbeType::kprobe_boosted));
  record.cells.back().result.cell = cells_of(ProbeType::kprobe_boosted, Handler::count).front();
  record.cells.back().target = record.cells.front().target;
  EXPECT_EQ(table(record), golden("table_emulated.txt"));
}

TEST(Table, SaysAmongHowManyFunctionsARowWasMeasured) {
  RunRecord record = emulated_run();
  record.cells.push_back(cell(ProbeType::fprobe_entry_all, ProbeState::ftrace, {0xe8, 1, 2, 3, 4}));
  record.cells.back().summary.instructions_per_hit = exact(741);
  record.cells.back().result.evidence.crowd = Crowd{39663, 1'224'400'000};
  const auto text = table(record);
  EXPECT_NE(text.find("note fprobe-entry-all: among 39663 other functions"), std::string::npos) << text;
  EXPECT_NE(text.find("attached\n  in 1224 million instructions"), std::string::npos) << text;
  expect_fits(text);
}

TEST(Table, FailuresAreMarkedAndExplained) {
  RunRecord record = emulated_run();
  record.cells[0] = failed(ProbeType::kprobe_stepped, CellStatus::invalid, "lost hits: 2999 of 3000");
  record.cells[2] =
      failed(ProbeType::kprobe_optimized, CellStatus::errored, "attach: no space left on device");
  record.cells[4].summary.instructions_per_hit = noisy(21.5, 21, 22, "rounds differ: 21, 22");
  const auto text = table(record);
  EXPECT_EQ(text, golden("table_failures.txt"));
  expect_fits(text);
}

TEST(Table, TimeHasAnIntervalAndItsOwnUnit) {
  RunRecord record;
  record.complete = true;
  record.targets = {vm("kvm", ClockKind::tsc)};
  record.cells = {cell(ProbeType::kretprobe_optimized, ProbeState::optimized, kJump),
                  cell(ProbeType::tracepoint, ProbeState::static_key, kJump)};
  const double values[] = {1234.5, 2.25};
  for (std::size_t i = 0; i < record.cells.size(); ++i) {
    record.cells[i].target = record.targets[0].info.id;
    record.cells[i].summary.ns_per_hit = noisy(values[i], values[i] * 0.99, values[i] * 1.02);
  }
  const auto text = table(record);
  EXPECT_EQ(text, golden("table_time.txt"));
  expect_fits(text);
  for (auto& one : record.cells) one.summary.core_clocks_per_hit = noisy(290, 289, 291);
  EXPECT_NE(table(record).find("clocks/hit"), std::string::npos);
  for (auto& one : record.cells) one.summary.cycles_per_hit = noisy(300, 299, 301);
  EXPECT_NE(table(record).find("cycles/hit"), std::string::npos);
}

RunRecord timed_run() {
  RunRecord record;
  record.targets = {vm("kvm", ClockKind::tsc)};
  record.cells = {cell(ProbeType::kretprobe_optimized, ProbeState::optimized, kJump),
                  cell(ProbeType::tracepoint, ProbeState::static_key, kJump)};
  for (auto& one : record.cells) {
    one.target = record.targets[0].info.id;
    one.summary.ns_per_hit = noisy(100, 99, 102);
    one.summary.ticks_per_hit = noisy(300, 297, 306);
  }
  return record;
}

TEST(Table, AnIntervalThroughZeroOrWiderThanItsFigureIsTooNoisy) {
  for (const auto& [value, low, high] :
       {std::tuple{255.0, -3989606.0, 3990116.0}, {100.0, -1.0, 110.0}, {100.0, 60.0, 161.0}}) {
    auto record = timed_run();
    record.cells[1].summary.ns_per_hit = noisy(value, low, high);
    const auto text = table(record);
    EXPECT_NE(text.find("too noisy      -"), std::string::npos) << text;
    EXPECT_NE(text.find("note tracepoint: too noisy: "), std::string::npos) << text;
    EXPECT_NE(text.find("docs/reducing-noise.md#too-noisy"), std::string::npos) << text;
  }
  auto record = timed_run();
  record.cells[1].summary.ns_per_hit = noisy(100, 60, 159);
  EXPECT_EQ(table(record).find("too noisy"), std::string::npos);
}

TEST(Table, ARowWithoutAFigureDecidesOnNoUnit) {
  auto record = timed_run();
  record.cells[1].summary = {};
  record.cells[1].summary.no_metric_reason = "every round was left out";
  const auto text = table(record);
  EXPECT_NE(text.find("ns/hit"), std::string::npos) << text;
  EXPECT_NE(text.find("no figure"), std::string::npos) << text;
  EXPECT_NE(text.find("note tracepoint: every round was left out"), std::string::npos) << text;
  EXPECT_EQ(text.find("unknown frequency"), std::string::npos) << text;
}

TEST(Table, WhereNothingWasMeasuredNoUnitIsNamed) {
  auto record = timed_run();
  record.cells.clear();
  EXPECT_NE(table(record).find("nothing was measured"), std::string::npos);
  record = timed_run();
  for (auto& one : record.cells) one.summary = {};
  const auto text = table(record);
  EXPECT_NE(text.find("nothing was measured"), std::string::npos) << text;
  EXPECT_EQ(text.find("core cycles"), std::string::npos) << text;
}

TEST(Table, HandlersHaveATableEach) {
  RunRecord record = emulated_run();
  record.cells = {counted(cell(ProbeType::ftrace, ProbeState::ftrace, one_call), 50),
                  counted(cell(ProbeType::ftrace, ProbeState::ftrace, one_call, Handler::count), 53)};
  const auto text = table(record);
  EXPECT_EQ(text, golden("table_handlers.txt"));
  expect_fits(text);
}

TEST(Table, ARunThatWasCutOffSaysWhatIsMissing) {
  RunRecord record = emulated_run();
  record.cells.resize(1);
  record.complete = false;
  auto& target = record.targets.front();
  target.ended = "the guest's kernel panicked: Kernel panic - not syncing: Fatal exception in interrupt";
  target.in_flight = cells_of(ProbeType::kprobe_optimized, Handler::nop).front().name();
  target.not_run = {cells_of(ProbeType::ftrace, Handler::nop).front().name(),
                    cells_of(ProbeType::tracepoint, Handler::nop).front().name()};
  const auto text = table(record);
  EXPECT_EQ(text, golden("table_cut_off.txt"));
  expect_fits(text);
}

TEST(Table, ACostBelowZeroMakesNoRatio) {
  RunRecord record = emulated_run();
  record.cells[4].summary.instructions_per_hit = noisy(-5, -5.5, -4.9);
  const auto text = table(record);
  EXPECT_EQ(text.find("x  "), std::string::npos) << text;
  EXPECT_EQ(text.find("-nan"), std::string::npos);
}

TEST(Wrapped, ATextHasNoLinesOfItsOwn) {
  EXPECT_EQ(wrapped("errored ", "ftrace: a\n# heading\n", 2), "errored ftrace: a # heading\n");
  std::vector<Column> columns{{"cell", Align::left, {}}};
  add_row(columns, {"a\nb"});
  EXPECT_EQ(layout(columns), "cell\na b\n");
}

TEST(Wrapped, BreaksAtBlanksOnly) {
  EXPECT_EQ(wrapped("a: ", "b c", 2), "a: b c\n");
  const std::string long_word(100, 'x');
  EXPECT_EQ(wrapped("a: ", long_word + " y", 2), "a: " + long_word + "\n  y\n");
}

}  // namespace

}  // namespace probebench::text
