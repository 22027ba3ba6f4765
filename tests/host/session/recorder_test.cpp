// SPDX-License-Identifier: MIT
// What a run of several targets asks for and shares.
// What becomes of a run whose target says what is not so.
#include "session/recorder.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "base/safe_path.h"
#include "results/results_json.h"
#include "sample_run.h"
#include "session/run_request.h"
#include "valid_cell.h"
#include "vm/run_slots.h"
#include "wire/seal.h"

namespace probebench::session {
namespace {

const kernels::KernelCatalog kCatalog{
    "cloud-amd64", {}, {{.name = "5.10", .series = "5.10"}, {.name = "6.1", .series = "6.1"}}};

TEST(RequestedTargets, EachKernelAsItIsAndWithEachArgument) {
  const auto targets = requested_targets(
      {.kernels = "all,/bin/sh", .kernel_args = {"mitigations=off", "nosmt preempt=none"}}, kCatalog);
  ASSERT_TRUE(targets) << targets.error().message();
  std::vector<std::string> titles;
  for (const auto& target : *targets) titles.push_back(target.title());
  const auto file = RequestedTarget{.kernel = "/bin/sh"}.title();
  EXPECT_EQ(titles, (std::vector<std::string>{"5.10", "5.10 mitigations=off", "5.10 nosmt preempt=none",
                                              "6.1", "6.1 mitigations=off", "6.1 nosmt preempt=none", file,
                                              file + " mitigations=off", file + " nosmt preempt=none"}));
  EXPECT_EQ(targets->back().kernel, "/bin/sh");
}

TEST(RequestedTargets, EachOfThemWithEachCpu) {
  EXPECT_EQ(cpu_models("max,-fsrm,+avx,EPYC"), (std::vector<std::string>{"max,-fsrm,+avx", "EPYC"}));
  const auto targets =
      requested_targets({.kernels = "5.10,6.1", .kernel_args = {"nosmt"}, .cpus = "max,EPYC"}, kCatalog);
  ASSERT_TRUE(targets);
  std::vector<std::string> titles;
  for (const auto& target : *targets) titles.push_back(target.title());
  EXPECT_EQ(titles, (std::vector<std::string>{"5.10 cpu=max", "5.10 cpu=EPYC", "5.10 nosmt cpu=max",
                                              "5.10 nosmt cpu=EPYC", "6.1 cpu=max", "6.1 cpu=EPYC",
                                              "6.1 nosmt cpu=max", "6.1 nosmt cpu=EPYC"}));
}

TEST(RequestedTargets, UnknownKernelsAreUsageErrorsWithTheNearestName) {
  const auto targets = requested_targets({.kernels = "5.10,6.2"}, kCatalog);
  ASSERT_FALSE(targets);
  EXPECT_EQ(targets.error().fault, Fault::usage);
  EXPECT_NE(targets.error().message().find("did you mean 6.1?"), std::string::npos)
      << targets.error().message();
}

TEST(RequestedTargets, ArgumentsBecomePartsOfNames) {
  EXPECT_EQ(RequestedTarget{}.id_suffix(), "");
  EXPECT_EQ((RequestedTarget{.kernel_args = " mitigations=off  preempt=none"}.id_suffix()),
            "+mitigations=off+preempt=none");
  EXPECT_EQ((RequestedTarget{.kernel_args = "nosmt", .cpu = "max,-fsrm"}.id_suffix()),
            "+nosmt+cpu=max,-fsrm");
  EXPECT_EQ(file_label("6.1.0-56+a=b/c d"), "6.1.0-56+a=b_c_d");
  // Whatever a release or an argument says, it is part of one file's name.
  for (const std::string& text : {std::string(".."), std::string("../../x"), std::string("a\n\x1b[2J"),
                                  std::string(300, 'x'), std::string(), std::string("a\0b", 3)}) {
    EXPECT_TRUE(file_name_of("guest-" + file_label(text) + ".log", "label")) << text;
  }
  EXPECT_NE(file_label(std::string(300, 'x') + "1"), file_label(std::string(300, 'x') + "2"));
}

TEST(RunSlots, WhoMeasuresTimeIsAlone) {
  vm::RunSlots slots(3);
  std::atomic<int> counting = 0;
  std::atomic<bool> overlapped = false;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 12; ++i) {
    threads.emplace_back([&, alone = i % 3 == 0] {
      const auto held = alone ? slots.take_all() : slots.take_one();
      const int before = counting.fetch_add(1);
      if (alone && before != 0) overlapped = true;
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
      const int after = counting.fetch_sub(1);
      if ((alone && after != 1) || after > 3) overlapped = true;
    });
  }
  threads.clear();
  EXPECT_FALSE(overlapped);
}

TEST(RunBook, IsCompleteWhenEveryTargetIs) {
  const auto sample = results::sample_run();
  const auto root = fs::temp_directory_path() / ("probebench-book-" + std::to_string(::getpid()));
  auto directory = results::RunDirectory::create_at(root);
  ASSERT_TRUE(directory) << directory.error().message();
  RunBook book(RunRecord{}, *directory, 2);
  TargetPage first{.target = sample.targets[0], .cells = sample.cells, .complete = true};
  first.target->ended.clear();
  ASSERT_TRUE(book.write({1}, first));
  EXPECT_FALSE(book.record().complete);
  auto second = first;
  second.target->info.id = "another";
  ASSERT_TRUE(book.write({0}, second));
  EXPECT_TRUE(book.record().complete);
  EXPECT_EQ(book.record().targets.front().info.id, "another");
  second.complete = false;
  second.target->ended = "it panicked";
  ASSERT_TRUE(book.write({0}, second));
  EXPECT_FALSE(book.record().complete);
  EXPECT_EQ(book.record().ended, "another: it panicked");
  const auto text = read_file(root / "results.json");
  ASSERT_TRUE(text);
  EXPECT_EQ(*results::read_results(*text, "x"), book.record());
  fs::remove_all(root);
}

class Silent : public RunProgress {
 public:
  void step(std::string_view) override {}
  void note(std::string_view) override {}
  void plan(std::size_t) override {}
  void correct(std::ptrdiff_t) override {}
  void cell_begin(std::string_view) override {}
  void cell_end() override {}
  void clear() override {}
};

struct Told {
  TargetPage page;
  ExitCode exit_code = ExitCode::fine;
  std::string problem;
  std::string console;
};

class RecorderOfForgedStreams : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("recorder_test." + std::to_string(::getpid()));
    plan_.cells = {valid_cell().cell, cells_of(ProbeType::ftrace, Handler::count).front()};
    second_.cell = plan_.cells[1];
    second_.status = CellStatus::skipped;
    second_.reason = "this kernel has no ftrace";
    hello_ = {{{{"kernel.release", "6.12.1"}}, {}, 999993}, {plan_.cells[0].name(), second_.cell.name()}};
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::vector<wire::Record> sound() const {
    return {hello_,
            wire::CellBegin{plan_.cells[0].name()},
            wire::CellEnd{valid_cell()},
            wire::CellBegin{second_.cell.name()},
            wire::CellEnd{second_},
            wire::End{0, {}}};
  }

  Told record(const std::vector<wire::Record>& records, const std::string& ended = {}) {
    auto directory = results::RunDirectory::create_at(folder_);
    EXPECT_TRUE(directory) << directory.error().message();
    RunBook book({}, std::move(*directory), 1);
    Silent progress;
    Recorder recorder(book, {.planned_cells = 2}, progress);
    recorder.start({.clock = ClockKind::instructions, .facts = {}}, plan_);
    wire::Seal seal;
    for (const auto& one : records) {
      if (recorder.take_line(seal.put(wire::encode(one)))) break;
    }
    if (recorder.started()) [[maybe_unused]]
      const auto status = recorder.finish(ended);
    return {recorder.page(), recorder.exit_code(),
            recorder.failure() ? recorder.failure()->message() : std::string(), recorder.console_text()};
  }

  fs::path folder_;
  Plan plan_;
  CellResult second_;
  wire::Hello hello_;
};

TEST_F(RecorderOfForgedStreams, ASoundOneIsComplete) {
  const auto told = record(sound());
  EXPECT_TRUE(told.page.complete);
  EXPECT_EQ(told.exit_code, ExitCode::fine) << told.problem;
  EXPECT_EQ(told.page.cells.size(), 2u);
}

TEST_F(RecorderOfForgedStreams, ALostEndLeavesItsCellInFlight) {
  auto records = sound();
  records.erase(records.begin() + 4);
  const auto told = record(records);
  EXPECT_FALSE(told.page.complete);
  EXPECT_EQ(told.exit_code, ExitCode::cell_failed);
  EXPECT_EQ(told.page.target->in_flight, second_.cell.name());
  EXPECT_EQ(told.page.target->ended, "read the target's records: '" + second_.cell.name() +
                                         "' was begun and did not end (rule all-cells)");
}

TEST_F(RecorderOfForgedStreams, AGuestThatIsGivenUpLeavesWhatItHadNotBegun) {
  auto directory = results::RunDirectory::create_at(folder_);
  ASSERT_TRUE(directory);
  RunBook book({}, std::move(*directory), 1);
  Silent progress;
  Recorder recorder(book, {.planned_cells = 2, .shares_cells = true}, progress);
  recorder.start({.clock = ClockKind::instructions, .facts = {}}, plan_);
  wire::Seal seal;
  const std::vector<wire::Record> begun{hello_, wire::CellBegin{plan_.cells[0].name()}};
  for (const auto& one : begun) EXPECT_FALSE(recorder.take_line(seal.put(wire::encode(one))));
  const auto left = recorder.give_up("the guest's kernel panicked: oops");
  ASSERT_TRUE(left) << left.error().message();
  EXPECT_EQ(*left, std::vector{plan_.cells[1].name()});
  const auto& page = recorder.page();
  ASSERT_EQ(page.cells.size(), 1u);
  EXPECT_EQ(page.cells.front().result.status, CellStatus::errored) << "it is not begun again";
  EXPECT_EQ(page.cells.front().result.reason, "the guest's kernel panicked: oops");
  EXPECT_FALSE(page.target->in_flight);
  EXPECT_TRUE(page.target->ended.empty());
  EXPECT_EQ(recorder.exit_code(), ExitCode::cell_failed);
}

TEST_F(RecorderOfForgedStreams, FewerCellsThanPlanned) {
  auto records = sound();
  hello_.cells.pop_back();
  records.front() = hello_;
  records.erase(records.begin() + 3, records.begin() + 5);
  const auto told = record(records);
  EXPECT_EQ(told.exit_code, ExitCode::cell_failed);
  EXPECT_FALSE(told.page.complete);
  EXPECT_EQ(told.problem,
            "read the target's records: 1 cells are announced, 2 are planned (rule hello-cells)");
}

TEST_F(RecorderOfForgedStreams, ACellThatContradictsItselfIsInvalid) {
  auto records = sound();
  auto& result = std::get<wire::CellEnd>(records[2]).result;
  for (auto& round : result.rounds) round.armed.n.calls = round.armed.twice_n.calls = 0;
  const auto told = record(records);
  EXPECT_EQ(told.exit_code, ExitCode::cell_failed);
  EXPECT_EQ(told.page.cells.front().result.status, CellStatus::invalid);
  EXPECT_EQ(told.page.cells.front().result.reason, "armed windows of 0 and 0 calls (rule calls)");
  EXPECT_FALSE(told.page.cells.front().summary.instructions_per_hit);
  EXPECT_FALSE(told.page.complete);
}

TEST_F(RecorderOfForgedStreams, ACellNobodyPlanned) {
  auto records = sound();
  auto unplanned = valid_cell();
  unplanned.cell = cells_of(ProbeType::tracepoint, Handler::count).front();
  records.insert(records.begin() + 3, wire::CellEnd{unplanned});
  const auto told = record(records);
  EXPECT_EQ(told.exit_code, ExitCode::cell_failed);
  EXPECT_EQ(told.page.cells.size(), 1u);
  EXPECT_FALSE(told.page.complete);
}

TEST_F(RecorderOfForgedStreams, AListNobodyAskedForIsNoReasonToShowNothing) {
  const auto told = record({hello_, wire::ConsoleText{"\x1b]0;owned\x07 red\n"}}, "the virtual machine died");
  EXPECT_EQ(told.console, "");
  EXPECT_EQ(told.exit_code, ExitCode::cell_failed);
  EXPECT_EQ(told.page.target->not_run.size(), 2u);
}

TEST_F(RecorderOfForgedStreams, ExitCodesThatAShellWouldCut) {
  for (const int code : {-1, 256, 126}) {
    auto records = sound();
    records.back() = wire::End{code, {}};
    const auto told = record(records);
    EXPECT_EQ(told.exit_code, ExitCode::cell_failed) << code;
    EXPECT_FALSE(told.page.complete) << code;
  }
}

TEST_F(RecorderOfForgedStreams, ASecondIntroductionChangesNothing) {
  auto records = sound();
  auto other = hello_;
  other.environment.facts["kernel.release"] = "6.13.0";
  records.insert(records.begin() + 3, other);
  const auto told = record(records);
  EXPECT_EQ(told.exit_code, ExitCode::cell_failed);
  EXPECT_EQ(told.page.target->info.id, told.page.cells.front().target);
  EXPECT_NE(told.page.target->info.id.find("6.12.1"), std::string::npos);
}

TEST_F(RecorderOfForgedStreams, NothingButAGoodEnd) {
  const auto told = record({wire::End{0, {}}});
  EXPECT_EQ(told.exit_code, ExitCode::cell_failed);
}

}  // namespace

}  // namespace probebench::session
