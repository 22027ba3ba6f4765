// SPDX-License-Identifier: MIT
#include "tree/bisection.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/text.h"
#include "gate/changed_functions.h"
#include "gate/compare.h"
#include "gate/judgement.h"
#include "gate/side_run.h"

namespace probebench::tree {
namespace {

constexpr std::size_t kMostCells = 3;  // to tell commits apart by; each costs a second or two in each step
constexpr std::size_t kMostSteps = 1000;
constexpr const char* kLastGood = "last-good";
constexpr const char* kFirstBad = "first-bad";

gate::Judgement judged(gate::Side base, gate::Side head) {
  const gate::MatchRules rules{.may_differ = {}, .chosen = true};
  return gate::judge(gate::compare(gate::match(base, head, rules)),
                     {.limits = gate::Limits(), .session = nullptr, .mechanism_may_change = true});
}

// A difference of code, not of addresses.
bool differs(const gate::JudgedCell& cell) {
  const auto* lead = cell.cell.lead();
  return lead != nullptr && lead->exact() && lead->absolute != 0 && cell.verdict != gate::Verdict::pass;
}

std::vector<std::string> cheapest_that_differ(const gate::Judgement& judgement) {
  std::vector<const gate::JudgedCell*> cells;
  for (const auto& target : judgement.targets) {
    for (const auto& cell : target.cells) {
      if (differs(cell)) cells.push_back(&cell);
    }
  }
  std::ranges::stable_sort(cells, {}, [](const auto* cell) { return cell->cell.lead()->base.value; });
  std::vector<std::string> names;
  for (const auto* cell : cells) {
    if (names.size() < kMostCells) names.push_back(cell->name());
  }
  return names;
}

const gate::JudgedCell* cell_of(const gate::Judgement& judgement, const std::string& name) {
  for (const auto& target : judgement.targets) {
    const auto found =
        std::ranges::find_if(target.cells, [&](const auto& cell) { return cell.name() == name; });
    if (found != target.cells.end()) return &*found;
  }
  return nullptr;
}

// Nothing: it has no exact count of both.
std::optional<bool> differs_in(const gate::Judgement& judgement, const std::string& name) {
  const auto* cell = cell_of(judgement, name);
  const auto* lead = cell == nullptr ? nullptr : cell->cell.lead();
  if (lead == nullptr || !lead->exact()) return std::nullopt;
  return differs(*cell);
}

struct StepFinding {
  StepVerdict verdict = StepVerdict::skip;
  std::string why;
};

StepFinding finding_of(const std::vector<std::string>& cells, const gate::Side& good, const gate::Side& bad,
                       const gate::Side& here) {
  const auto from_good = judged(good, here);
  const auto from_bad = judged(bad, here);
  bool any = false;
  bool third = false;
  for (const auto& cell : cells) {
    const auto moved = differs_in(from_good, cell);
    const auto off = differs_in(from_bad, cell);
    if (!moved || !off) return {StepVerdict::skip, fmt::format("{} has no exact count here", cell)};
    any = any || *moved;
    third = third || (*moved && *off);
  }
  return {any ? StepVerdict::bad : StepVerdict::good,
          third ? "a third value: a second commit changes the same cells" : ""};
}

class BisectRun {
 public:
  BisectRun(CommitLab& lab, Bisection& bisection) : lab_(lab), bisection_(bisection) {}

  // False: the ends do not differ.
  Result<bool> measure_ends();
  Status search();
  Status explain();

 private:
  Result<gate::Side> built_end(const Commit& commit, const char* role);
  Result<std::string> answer_to(const std::vector<std::string>& words);
  Result<StepVerdict> step();
  Result<StepFinding> look(const Commit& commit);
  Status take(const BisectAnswer& answer);
  void keep(const gate::Side& side, StepVerdict verdict);

  CommitLab& lab_;
  Bisection& bisection_;
  gate::Side good_;
  gate::Side bad_;
  std::optional<gate::Side> last_good_;  // with the paths of its cells
  std::optional<gate::Side> first_bad_;
};

Result<gate::Side> BisectRun::built_end(const Commit& commit, const char* role) {
  const auto failure = TRY(lab_.build(commit));
  if (!failure.empty()) {
    return Error{Fault::infra, fmt::format("build the {} commit {}: {}", role, commit.title(), failure), 0,
                 "its log is " + lab_.folder("build.log").string()};
  }
  return lab_.measure(role);
}

Result<bool> BisectRun::measure_ends() {
  good_ = TRY(built_end(bisection_.good, "good"));
  bad_ = TRY(built_end(bisection_.bad, "bad"));
  bisection_.cells = cheapest_that_differ(judged(good_, bad_));
  if (bisection_.cells.empty()) return false;
  // What the other cells of a run leave behind is no part of a count; where it is, the cell tells nothing.
  first_bad_ = TRY(lab_.measure(kFirstBad, bisection_.cells));
  const auto alone = judged(bad_, *first_bad_);
  std::erase_if(bisection_.cells, [&](const std::string& cell) { return differs_in(alone, cell) != false; });
  if (!bisection_.cells.empty()) return true;
  return Error{Fault::infra, "bisect: the cells that differ have other counts when they are measured alone",
               0, "choose others with --probe-type"};
}

Result<std::string> BisectRun::answer_to(const std::vector<std::string>& words) {
  auto [exit_code, said] = TRY(lab_.worktree().git(words));
  if (exit_code == 0 || bisect_answer(said).ended()) return std::move(said);
  return Error{Fault::infra, "git bisect: " + gate::complaint_in(said), 0, {}};
}

// What ends as the last good and the first bad commit is what was kept last: the two close in on the change.
void BisectRun::keep(const gate::Side& side, StepVerdict verdict) {
  (verdict == StepVerdict::good ? last_good_ : first_bad_) = side;
}

Result<StepFinding> BisectRun::look(const Commit& commit) {
  const auto failure = TRY(lab_.build(commit));
  if (!failure.empty()) return StepFinding{StepVerdict::skip, failure};
  const auto name = fmt::format("step-{:02}", bisection_.steps.size() + 1);
  const auto here = lab_.measure(name, bisection_.cells);
  if (!here && here.error().fault == Fault::interrupted) return here.error();
  if (!here) return StepFinding{StepVerdict::skip, here.error().message()};
  auto finding = finding_of(bisection_.cells, good_, bad_, *here);
  if (finding.verdict != StepVerdict::skip) keep(*here, finding.verdict);
  return finding;
}

Result<StepVerdict> BisectRun::step() {
  const auto commit = TRY(lab_.worktree().head());
  auto finding = TRY(look(commit));
  bisection_.steps.push_back({commit, finding.verdict, std::move(finding.why)});
  return finding.verdict;
}

Status BisectRun::take(const BisectAnswer& answer) {
  const auto& place = lab_.worktree().path();
  if (!answer.culprit.empty()) bisection_.culprit = TRY(find_commit(place, answer.culprit));
  for (const auto& id : answer.candidates) bisection_.candidates.push_back(TRY(find_commit(place, id)));
  return Done{};
}

Status BisectRun::search() {
  auto said = TRY(answer_to({"bisect", "start", bisection_.bad.id, bisection_.good.id, "--"}));
  for (std::size_t steps = 0; !bisect_answer(said).ended() && steps < kMostSteps; ++steps) {
    constexpr std::array<const char*, 3> kWords{"good", "bad", "skip"};
    const auto verdict = TRY(step());
    // A build may have changed files of the source: what is checked out next must not trip over them.
    TRY(lab_.worktree().check_out("HEAD"));
    said = TRY(answer_to({"bisect", kWords[static_cast<std::size_t>(verdict)]}));
  }
  return take(bisect_answer(said));
}

Status BisectRun::explain() {
  if (!last_good_) {
    const auto failure = TRY(lab_.build(bisection_.good));
    if (failure.empty()) last_good_ = TRY(lab_.measure(kLastGood, bisection_.cells));
  }
  const auto& from = last_good_ ? *last_good_ : good_;
  bisection_.report = gate::report_of(judged(from, *first_bad_));
  gate::name_functions(bisection_.report, gate::recorded_paths(from.folder),
                       gate::recorded_paths(first_bad_->folder));
  return Done{};
}

}  // namespace

BisectAnswer bisect_answer(std::string_view said) {
  constexpr std::string_view kFirst = " is the first bad commit";
  constexpr std::string_view kAny = "The first bad commit could be any of:";
  constexpr std::size_t kIdDigits = 40;
  BisectAnswer answer;
  bool listing = false;
  for (const auto line : split(said, '\n')) {
    if (line.ends_with(kFirst)) answer.culprit = std::string(line.substr(0, line.size() - kFirst.size()));
    const bool is_id = line.size() == kIdDigits && line.find_first_not_of("0123456789abcdef") == line.npos;
    if (listing && is_id) answer.candidates.emplace_back(line);
    listing = listing ? is_id : line == kAny;
  }
  return answer;
}

Result<Bisection> bisect(const TreeRequest& request, const std::string& good, const std::string& bad,
                         kernels::Progress& progress) {
  Bisection bisection;
  bisection.good = TRY(find_commit(request.repository, good));
  bisection.bad = TRY(find_commit(request.repository, bad));
  auto lab = TRY(CommitLab::open(request, bisection.good.id, progress));
  BisectRun run(lab, bisection);
  if (!TRY(run.measure_ends())) return bisection;
  TRY(run.search());
  // The commit is found without that.
  if (const auto explained = run.explain(); !explained) progress.note(explained.error().message());
  return bisection;
}

}  // namespace probebench::tree
