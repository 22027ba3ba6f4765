// SPDX-License-Identifier: MIT
// A sound stream passes; for each rule there is at least one that breaks it and nothing before it.
#include "stream/stream_rules.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "sound_stream.h"
#include "wire/seal.h"

namespace probebench::stream {
namespace {

constexpr std::chrono::seconds kPatience{600};

// What was first made invalid, and why; nothing: the record is what its target said.
std::string reason_in(const wire::Record& record) {
  if (const auto* end = std::get_if<wire::CellEnd>(&record)) {
    return end->result.status == CellStatus::invalid ? end->result.reason : "";
  }
  const auto* told = std::get_if<wire::Experiment>(&record);
  if (told == nullptr) return {};
  return std::visit(
      [](const auto& one) -> std::string {
        if constexpr (requires { one.reason; }) return one.status == CellStatus::invalid ? one.reason : "";
        return {};
      },
      told->record);
}

struct Outcome {
  std::string lost;     // the error that ended the stream
  std::string invalid;  // of the first record that became invalid
  bool contradicted = false;
};

Outcome read_all(const SoundStream& stream) {
  std::vector<std::string> lines;
  for (const auto& record : stream.records) lines.push_back(wire::encode(record));
  stream.edit(lines);
  wire::Seal seal;
  for (auto& line : lines) line = seal.put(line);
  stream.damage(lines);
  StreamReader reader(stream.plan, kPatience);
  auto now = StreamReader::Clock::now();
  Outcome outcome;
  for (const auto& line : lines) {
    if (&line == &lines.back()) now += stream.pause;
    const auto record = reader.read(line, now);
    if (!record) {
      outcome.lost = record.error().message();
      break;
    }
    if (outcome.invalid.empty()) outcome.invalid = reason_in(*record);
  }
  outcome.contradicted = reader.contradicted();
  return outcome;
}

void replace_first(std::vector<std::string>& lines, std::string_view what, std::string_view by) {
  for (auto& line : lines) {
    const auto at = line.find(what);
    if (at == std::string::npos) continue;
    line.replace(at, what.size(), by);
    return;
  }
  FAIL() << "no line has " << what;
}

// As if whoever wrote it knew of no seals, from this record on.
void leave_unsealed(const SoundStream& stream, std::vector<std::string>& lines, std::size_t from) {
  for (auto i = from; i < lines.size(); ++i) lines[i] = wire::encode(stream.records[i]);
}

// An edit of the lines, for what no record of ours can say.
auto replacing(std::string_view what, std::string_view by) {
  return [what, by](SoundStream& stream) {
    stream.edit = [what, by](auto& lines) { replace_first(lines, what, by); };
  };
}

template <typename T>
void erase_first(SoundStream& stream) {
  const auto of_kind = [](const auto& record) { return std::holds_alternative<T>(record); };
  stream.records.erase(std::ranges::find_if(stream.records, of_kind));
}

template <typename T>
void repeat_first(SoundStream& stream) {
  const auto of_kind = [](const auto& record) { return std::holds_alternative<T>(record); };
  const auto found = std::ranges::find_if(stream.records, of_kind);
  const auto again = *found;
  stream.records.insert(found, again);
}

struct Breaking {
  std::string_view rule;
  std::function<void(SoundStream&)> change;
};

const std::vector<Breaking>& breaking_lines() {
  static const std::vector<Breaking> all{
      {"line-length",
       [](auto& s) { s.edit = [](auto& lines) { lines[1] = std::string(std::size_t{9} << 20, 'A'); }; }},
      {"progress", [](auto& s) { s.pause = 2 * kPatience; }},
      {"seal", [](auto& s) { s.damage = [](auto& lines) { lines.erase(lines.begin() + 2); }; }},
      {"seal", [](auto& s) { s.damage = [](auto& lines) { std::swap(lines[9], lines[10]); }; }},
      {"seal", [](auto& s) { s.damage = [](auto& lines) { lines[4][400] ^= 1; }; }},
      {"seal", [](auto& s) { s.damage = [](auto& lines) { lines[4].resize(lines[4].size() / 2); }; }},
      {"seal",
       [](auto& s) { s.damage = [](auto& lines) { lines[2] = wire::encode(wire::BenchmarkText{"{"}); }; }},
      {"seal", [](auto& s) { s.damage = [&s](auto& lines) { leave_unsealed(s, lines, 0); }; }},
      {"seal",
       [](auto& s) { s.damage = [&s](auto& lines) { leave_unsealed(s, lines, s.records.size() - 1); }; }},
      {"nesting",
       [](auto& s) { s.edit = [](auto& lines) { lines[2] = std::string(33, '[') + std::string(33, ']'); }; }},
      {"readable", [](auto& s) { s.edit = [](auto& lines) { lines[4] = "{}"; }; }},
      {"readable", replacing("\"calls\":100,", "\"calls\":-100,")},
      {"readable", replacing("\"calls\":100,", "\"calls\":100.5,")},
      {"readable", replacing("\"calls\":100,", "\"calls\":4294967396,")},
      {"readable", replacing("\"missed\":0", "\"missed\":18446744073709551616")},
      {"readable", replacing("\"ticks\":", "\"ticks\":1e3,\"x\":")},
      {"readable", replacing("\"status\":\"measured\"", "\"status\":\"fine\"")},
      {"readable", replacing("\"exit_code\":0", "\"exit_code\":4294967296")},
  };
  return all;
}

const std::vector<Breaking>& breaking_order() {
  static const std::vector<Breaking> all{
      {"hello-first", [](auto& s) { erase_first<wire::Hello>(s); }},
      {"hello-first",
       [](auto& s) {
         s.records = {wire::End{0, {}}};
       }},
      {"hello-once", [](auto& s) { repeat_first<wire::Hello>(s); }},
      {"hello-cells", [](auto& s) { s.template first<wire::Hello>().cells.pop_back(); }},
      {"hello-cells", [](auto& s) { s.template first<wire::Hello>().cells[1] = "../../\x1b[31mevil"; }},
      {"hello-cells",
       [](auto& s) {
         auto& cells = s.template first<wire::Hello>().cells;
         cells[1] = cells[0];
       }},
      {"hello-kernel",
       [](auto& s) { s.template first<wire::Hello>().environment.facts["kernel.release"] = "../6.1"; }},
      {"hello-kernel",
       [](auto& s) { s.template first<wire::Hello>().environment.facts["kernel.release"] = "6\x1b[31m"; }},
      {"hello-kernel",
       [](auto& s) { s.template first<wire::Hello>().environment.facts["kernel.release"] = ".."; }},
      {"hello-kernel", [](auto& s) { s.template first<wire::Hello>().environment.tsc_khz = 1'000'000'000; }},
      {"begin-announced", [](auto& s) { s.template first<wire::CellBegin>().name = "uprobe/user/nop"; }},
      {"begin-alone", [](auto& s) { repeat_first<wire::CellBegin>(s); }},
      {"begin-alone",
       [](auto& s) {
         erase_first<wire::CellEnd>(s);
         erase_first<wire::CellPaths>(s);
       }},
      {"begin-once",
       [](auto& s) {
         s.plan.cells.pop_back();
         s.template first<wire::Hello>().cells.pop_back();
         s.template first<wire::CellBegin>();
         for (auto& record : s.records) {
           if (auto* begin = std::get_if<wire::CellBegin>(&record)) begin->name = s.plan.cells[0].name();
         }
       }},
      {"end-begun", [](auto& s) { erase_first<wire::CellBegin>(s); }},
      {"end-begun", [](auto& s) { repeat_first<wire::CellEnd>(s); }},
      {"end-begun", [](auto& s) { s.cell().cell.threads = 2; }},
      {"cell-name", replacing("\"cell\":{\"name\":\"kprobe", "\"cell\":{\"name\":\"probe")},
      {"paths-wanted", [](auto& s) { s.plan.paths = false; }},
      {"paths-wanted", [](auto& s) { s.template first<wire::CellPaths>().name = s.plan.cells[1].name(); }},
      {"paths-wanted", [](auto& s) { s.template first<wire::CellPaths>().loops.calls = 0; }},
      {"list-wanted", [](auto& s) { s.records.insert(s.records.begin() + 1, wire::ConsoleText{"x"}); }},
      {"experiment-planned", [](auto& s) { s.plan.experiment.surface.front().probes = 99; }},
      {"experiment-planned", [](auto& s) { s.plan.experiment.kretprobe_misses = false; }},
      {"experiment-planned", [](auto& s) { s.plan.experiment.traps = false; }},
      {"experiment-planned", [](auto& s) { s.template experiment<Workload>().id = WorkloadId::compile; }},
      {"experiment-planned", [](auto& s) { s.template experiment<Suite>().name = "=cmd|calc"; }},
      {"experiment-planned", [](auto& s) { s.template experiment<PrunedSuite>().left_out = {"=cmd|calc"}; }},
      {"experiment-planned",
       [](auto& s) { s.template experiment<PredictCounts>().sites.front().site.place = "vfs_write"; }},
      {"experiment-planned", [](auto& s) { s.template experiment<ProbeCost>().workload = WorkloadId::kill; }},
      {"experiment-planned",
       [](auto& s) { std::rotate(s.records.begin() + 3, s.records.begin() + 9, s.records.end() - 1); }},
      {"exit-code", [](auto& s) { s.template first<wire::End>().exit_code = 256; }},
      {"exit-code", [](auto& s) { s.template first<wire::End>().exit_code = -1; }},
      {"exit-code",
       [](auto& s) {
         s.template first<wire::End>() = {126, "why"};
       }},
      {"last-word",
       [](auto& s) {
         s.template first<wire::End>() = {0, "why"};
       }},
      {"last-word",
       [](auto& s) {
         s.template first<wire::End>() = {69, {}};
       }},
      {"all-cells", [](auto& s) { s.records.erase(s.records.begin() + 7, s.records.end() - 1); }},
      {"all-cells", [](auto& s) { s.records.erase(s.records.begin() + 6, s.records.end() - 1); }},
      {"all-experiments", [](auto& s) { s.records.erase(s.records.end() - 2); }},
      {"all-experiments", [](auto& s) { s.records.erase(s.records.end() - 3); }},
      {"all-experiments", [](auto& s) { s.plan.experiment.surface.push_back({}); }},
  };
  return all;
}

const std::vector<Breaking>& breaking_figures() {
  static const std::vector<Breaking> all{
      {"rounds", [](auto& s) { s.cell().rounds.clear(); }},
      {"rounds", [](auto& s) { s.cell().rounds.pop_back(); }},
      {"calls", [](auto& s) { s.round().armed.n.calls = s.round().armed.twice_n.calls = 0; }},
      {"calls", [](auto& s) { s.round().baseline.twice_n.calls = 300; }},
      {"calls", [](auto& s) { s.round().baseline.n.calls = 50, s.round().baseline.twice_n.calls = 100; }},
      {"calls", [](auto& s) { s.cell().rest_after->n.calls = 0; }},
      {"threads",
       [](auto& s) {
         s.round().armed.n.by_thread = {{0, 50}, {1, 50}};
       }},
      {"counting", [](auto& s) { s.round().verify = s.round().armed; }},
      {"figures", [](auto& s) { s.round().armed.n.ticks = 0; }},
      {"figures", [](auto& s) { s.round().armed.twice_n.ticks = UINT64_MAX; }},
      {"figures", [](auto& s) { s.round().armed.n.missed = UINT64_MAX; }},
      {"figures", [](auto& s) { s.round().ticks_per_core_clock = -1; }},
      {"figures", [](auto& s) { s.cell().cold_hit = Window(); }},
      {"verdict", [](auto& s) { s.round().armed.n.hits = 99; }},
      {"verdict", [](auto& s) { s.round().armed.twice_n.missed = 1; }},
      {"verdict", [](auto& s) { s.round().baseline.n.hits = 1; }},
      {"verdict", [](auto& s) { s.round().armed.twice_n.ticks *= 2; }},
      {"verdict", [](auto& s) { s.cell().evidence.after[0] ^= 1; }},
      {"told-hits", replacing("\"counted\":900", "\"counted\":800")},
      {"told-hits", replacing("\"missed\":0,\"per_cpu\"", "\"missed\":5,\"per_cpu\"")},
      {"overhead",
       [](auto& s) {
         for (auto& round : s.cell().rounds) std::swap(round.baseline.n.ticks, round.armed.n.ticks);
         for (auto& round : s.cell().rounds)
           std::swap(round.baseline.twice_n.ticks, round.armed.twice_n.ticks);
         s.cell().rest_before = s.cell().rest_after = s.round().baseline;
       }},
      {"reason", [](auto& s) { s.cell().reason = "but"; }},
      {"reason", [](auto& s) { s.cell().status = CellStatus::errored; }},
      {"experiment-hits", [](auto& s) { s.template experiment<SurfacePoint>().hits.counted = 39; }},
      {"experiment-hits", [](auto& s) { s.template experiment<SurfacePoint>().hits = {}; }},
      {"experiment-hits", [](auto& s) { s.template experiment<KretprobeMisses>().missed = 0; }},
      {"experiment-hits", [](auto& s) { s.template experiment<TrapCost>().hits.counted = 64; }},
      {"experiment-hits", [](auto& s) { s.template experiment<TrapCost>().hits = {}; }},
      {"experiment-figures", [](auto& s) { s.template experiment<TrapCost>().per_trap.clear(); }},
      {"experiment-hits", [](auto& s) { s.template experiment<Workload>().rows.front().hits.missed = 1; }},
      {"experiment-hits", [](auto& s) { s.template experiment<ProbeCost>().hits.clear(); }},
      {"experiment-hits",
       [](auto& s) { s.template experiment<ProbeCost>().hits.front().hits.counted = 499; }},
      {"experiment-figures", [](auto& s) { s.template experiment<ProbeCost>().base_after = {1327}; }},
      {"experiment-figures", [](auto& s) { s.template experiment<ProbeCost>().armed_per_op.back() = -1; }},
      {"experiment-figures", [](auto& s) { s.template experiment<ProbeCost>().armings = 0; }},
      {"experiment-figures", [](auto& s) { s.template experiment<ProbeCost>().armings = kMostArmings + 1; }},
      {"experiment-figures", [](auto& s) { s.template experiment<ProbeCost>().interrupts_per_op = -1; }},
      {"experiment-figures", [](auto& s) { ++s.template experiment<ProbeCost>().armed_windows.front().n; }},
      {"experiment-figures",
       [](auto& s) {
         s.template experiment<SurfacePoint>().ops = 0;
         s.template experiment<SurfacePoint>().hits = {};
       }},
      {"experiment-figures", [](auto& s) { s.template experiment<SurfacePoint>().base_per_op = -1; }},
      {"experiment-figures",
       [](auto& s) { s.template experiment<Workload>().rows.front().armed_per_op.clear(); }},
      {"experiment-figures",
       [](auto& s) {
         s.template experiment<PredictCounts>().sites.front().hits = {7, UINT64_MAX};
       }},
      {"experiment-figures", [](auto& s) { s.template experiment<PredictCounts>().base = {100}; }},
  };
  return all;
}

std::vector<Breaking> all_breaking() {
  std::vector<Breaking> all;
  for (const auto* some : {&breaking_lines(), &breaking_order(), &breaking_figures()}) {
    all.insert(all.end(), some->begin(), some->end());
  }
  return all;
}

TEST(StreamRules, ASoundStreamPasses) {
  const auto outcome = read_all(sound());
  EXPECT_EQ(outcome.lost, "");
  EXPECT_EQ(outcome.invalid, "");
  EXPECT_FALSE(outcome.contradicted);
}

TEST(StreamRules, EachIsBrokenByStreamsOfItsOwn) {
  for (const auto& breaking : all_breaking()) {
    auto stream = sound();
    breaking.change(stream);
    const auto outcome = read_all(stream);
    const auto wanted = "(rule " + std::string(breaking.rule) + ")";
    const auto& told = outcome.lost.empty() ? outcome.invalid : outcome.lost;
    EXPECT_NE(told.find(wanted), std::string::npos) << breaking.rule << ": " << told;
  }
}

// "stream-size" takes too many bytes for a stream; "disassembly" is what "verdict" sees first.
TEST(StreamRules, NoneIsWithoutAStreamThatBreaksIt) {
  for (const auto& rule : stream_rules()) {
    if (rule.id == "stream-size" || rule.id == "disassembly") continue;
    EXPECT_TRUE(std::ranges::any_of(all_breaking(), [&](const auto& one) { return one.rule == rule.id; }))
        << rule.id;
  }
}

StreamCheck check_of(std::string_view id) {
  return std::ranges::find(stream_rules(), id, &StreamRule::id)->check;
}

TEST(StreamRules, SizeAndDisassemblyByThemselves) {
  StreamSoFar so_far{.plan = plan_of_two()};
  EXPECT_FALSE(check_of("stream-size")(so_far, {}));
  so_far.bytes = std::size_t{1} << 30;
  EXPECT_TRUE(check_of("stream-size")(so_far, {}));
  auto cell = valid_cell();
  wire::Record record = wire::CellEnd{cell};
  EXPECT_FALSE(check_of("disassembly")(so_far, {.line = {}, .record = &record}));
  so_far.arch = ArchId::arm64;
  EXPECT_TRUE(check_of("disassembly")(so_far, {.line = {}, .record = &record}));
  so_far.arch = ArchId::x86_64;
  cell.evidence.armed = cell.evidence.before;
  record = wire::CellEnd{cell};
  EXPECT_TRUE(check_of("disassembly")(so_far, {.line = {}, .record = &record}));
}

// Of a sound stream on that clock, whose int3 took so long in each round
std::string told_of_traps(ClockKind clock, std::vector<double> rounds) {
  auto stream = sound();
  stream.plan.clock = clock;
  stream.experiment<TrapCost>().per_trap = std::move(rounds);
  const auto outcome = read_all(stream);
  return outcome.lost + outcome.invalid;
}

TEST(StreamRules, ARoundThatABusyMachineStretchedIsNoForgery) {
  EXPECT_EQ(told_of_traps(ClockKind::tsc, {2400, -310, 2410}), "");
  EXPECT_NE(told_of_traps(ClockKind::instructions, {2400, -310, 2410}), "");
  EXPECT_NE(told_of_traps(ClockKind::tsc, {-2400, -310, 2410}), "");
  EXPECT_NE(told_of_traps(ClockKind::tsc, {2400, NAN, 2410}), "");
  EXPECT_NE(told_of_traps(ClockKind::tsc, {2400, -1e15, 2410}), "");
}

TEST(StreamRules, RepetitionsAndFiltersOfGoogleBenchmarkAreNoBreach) {
  auto stream = sound();
  stream.plan.benchmark_args = {"--benchmark_filter=kprobe", "--benchmark_repetitions=2"};
  stream.first<wire::Hello>().cells.pop_back();
  const wire::Record begin = wire::CellBegin{stream.plan.cells[0].name()};
  auto both = valid_cell();
  both.rounds.insert(both.rounds.end(), both.rounds.begin(), both.rounds.end());
  stream.records[6] = begin;
  stream.records[7] = wire::CellEnd{both};
  const auto outcome = read_all(stream);
  EXPECT_EQ(outcome.lost, "");
  EXPECT_EQ(outcome.invalid, "");
}

TEST(StreamRules, AListIsNoRun) {
  auto stream = sound();
  stream.plan.benchmark_args = {"--benchmark_list_tests=true"};
  stream.records = {stream.records.front(), wire::ConsoleText{"a\nb\n"}, wire::End{0, {}}};
  EXPECT_EQ(read_all(stream).lost, "");
}

TEST(StreamRules, AFailureMayComeBeforeAnythingAndAtAnyTime) {
  auto stream = sound();
  stream.records = {wire::End{69, "load module: Invalid argument"}};
  EXPECT_EQ(read_all(stream).lost, "");
  stream = sound();
  stream.records.erase(stream.records.begin() + 4, stream.records.end());
  stream.records.push_back(wire::End{69, "read symbols: Permission denied"});
  EXPECT_EQ(read_all(stream).lost, "");
}

}  // namespace
}  // namespace probebench::stream
