// SPDX-License-Identifier: MIT
#include "tree/series.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/file.h"

namespace probebench::tree {
namespace {

constexpr const char* kPaddedFile = "init/main.c";  // linked in front of nearly all else

// Moves what follows by a page and more, and is never run.
constexpr const char* kPadding =
    "\nasm(\".pushsection .text\\n.skip 4176, 0x90\\n.popsection\\n\"\n"
    "    \".pushsection .data\\n.skip 1200\\n.popsection\\n\"\n"
    "    \".pushsection .bss\\n.skip 1200\\n.popsection\\n\");\n";

std::optional<double> count_in(const gate::Side& side, const std::string& cell) {
  for (const auto& target : side.targets) {
    const auto* found = find_cell(target, cell);
    const auto* figure = found == nullptr ? nullptr : found->find(name_of(&Summary::instructions_per_hit));
    if (figure != nullptr && figure->value.metric_class == MetricClass::exact) return figure->value.value;
  }
  return std::nullopt;
}

std::vector<std::string> cells_of(const std::vector<gate::Side>& sides) {
  std::vector<std::string> names;
  std::set<std::string> seen;
  for (const auto& side : sides) {
    for (const auto& target : side.targets) {
      for (const auto& cell : target.cells) {
        if (seen.insert(cell.name).second) names.push_back(cell.name);
      }
    }
  }
  return names;
}

bool changes(const SeriesRow& row) {
  for (std::size_t i = 1; i < row.values.size(); ++i) {
    if (row.values[i] != row.values[0]) return true;
  }
  return false;
}

class SeriesRun {
 public:
  SeriesRun(CommitLab& lab, Series& series) : lab_(lab), series_(series) {}

  Status take(const Commit& commit);
  Status take_padded(const Commit& base);
  void fill() { fill_rows(series_, sides_, control_ ? &*control_ : nullptr); }

 private:
  // A commit's failures are its own; only an interruption ends the series.
  Result<std::optional<gate::Side>> look(const Commit& commit, const std::string& name);

  CommitLab& lab_;
  Series& series_;
  std::vector<gate::Side> sides_;
  std::optional<gate::Side> control_;
};

Result<std::optional<gate::Side>> SeriesRun::look(const Commit& commit, const std::string& name) {
  const auto measured = lab_.measure(name);
  if (measured) return std::optional(*measured);
  if (measured.error().fault == Fault::interrupted) return measured.error();
  series_.left_out.emplace_back(commit, measured.error().message());
  return std::optional<gate::Side>();
}

Status SeriesRun::take(const Commit& commit) {
  const auto failure = TRY(lab_.build(commit));
  if (!failure.empty()) {
    series_.left_out.emplace_back(commit, failure);
    return Done{};
  }
  auto side = TRY(look(commit, fmt::format("{:02}-{}", sides_.size(), commit.id.substr(0, 12))));
  if (!side) return Done{};
  series_.measured.push_back(commit);
  sides_.push_back(std::move(*side));
  return Done{};
}

Status SeriesRun::take_padded(const Commit& base) {
  const auto file = lab_.worktree().path() / kPaddedFile;
  TRY(lab_.worktree().check_out(base.id));
  const auto source = read_file(file);
  if (!source) {
    return Error{Fault::usage, "--control padded: read " + file.string(), source.error().err,
                 "it pads a kernel's source; leave it out"};
  }
  TRY(write_file_atomic(file, *source + kPadding));
  const auto failure = TRY(lab_.build_as_it_is("the base, padded"));
  if (!failure.empty()) return Error{Fault::infra, "--control padded: " + failure, 0, "leave it out"};
  control_ = TRY(lab_.measure("padded"));
  series_.padded = true;
  return Done{};
}

}  // namespace

const double* SeriesRow::before(std::size_t column) const {
  while (column-- > 0) {
    if (values[column]) return &*values[column];
  }
  return nullptr;
}

void fill_rows(Series& series, const std::vector<gate::Side>& sides, const gate::Side* control) {
  for (const auto& name : cells_of(sides)) {
    SeriesRow row{.cell = name, .values = {}};
    for (const auto& side : sides) row.values.push_back(count_in(side, name));
    if (std::ranges::none_of(row.values, [](const auto& value) { return value.has_value(); })) continue;
    row.follows_layout = control != nullptr && count_in(*control, name) != row.values.front();
    if (changes(row)) {
      series.rows.push_back(std::move(row));
    } else {
      ++series.unchanged;
    }
  }
}

Result<Series> measure_series(const TreeRequest& request, const std::string& range, bool padded,
                              kernels::Progress& progress) {
  const auto base = TRY(find_commit(request.repository, range.substr(0, range.find(".."))));
  auto commits = TRY(commits_in(request.repository, range));
  commits.insert(commits.begin(), base);
  auto lab = TRY(CommitLab::open(request, base.id, progress));
  Series series;
  SeriesRun run(lab, series);
  if (padded) TRY(run.take_padded(base));
  for (const auto& commit : commits) TRY(run.take(commit));
  run.fill();
  return series;
}

}  // namespace probebench::tree
