// SPDX-License-Identifier: MIT
#include "probe_cost/handler_path.h"

#include <algorithm>
#include <iterator>

namespace probebench::cost {
namespace {

using anatomy::kBpfProgram;

// Which part each run of a path belongs to.
class Parts {
 public:
  explicit Parts(std::string_view module) : owner_(module.empty() ? "" : " [" + std::string(module) + "]") {}

  std::string of(const anatomy::Run& run) {
    while (!programs_.empty() && run.depth < programs_.back()) programs_.pop_back();
    if (is_program(run.symbol)) {
      if (programs_.empty() || run.depth > programs_.back()) programs_.push_back(run.depth);
      return std::string(kProgramPart);
    }
    if (programs_.empty()) return std::string(kDispatchPart);
    // At its own depth a program leaves by the kernel's return thunk.
    if (run.depth == programs_.back()) return std::string(kProgramPart);
    const bool called = run.depth == programs_.back() + 1 && run.arrival == anatomy::Arrival::call;
    if (called || helper_.empty()) helper_ = run.symbol;
    return helper_;
  }

 private:
  bool is_program(std::string_view symbol) const {
    return symbol.starts_with(kBpfProgram) || (!owner_.empty() && symbol.ends_with(owner_));
  }

  std::string owner_;                  // behind the names of the user's module's functions
  std::vector<std::size_t> programs_;  // depths of the programs that the path is in, innermost last
  std::string helper_;                 // what the innermost one has called
};

FunctionPart& row_of(std::vector<FunctionPart>& rows, const std::string& function, const std::string& part) {
  const auto is_it = [&](const FunctionPart& one) { return one.function == function && one.part == part; };
  const auto found = std::ranges::find_if(rows, is_it);
  if (found != rows.end()) return *found;
  return rows.emplace_back(FunctionPart{function, part});
}

void add(std::vector<PathPart>& parts, const FunctionPart& row) {
  const auto found = std::ranges::find(parts, row.part, &PathPart::name);
  auto& part = found != parts.end() ? *found : parts.emplace_back(PathPart{row.part});
  part.instructions += static_cast<double>(row.instructions);
}

// The way there and back, the program, what it calls by size.
std::size_t rank(const PathPart& part) {
  return part.name == kDispatchPart ? 0 : part.name == kProgramPart ? 1 : 2;
}

void put_in_order(std::vector<PathPart>& parts) {
  std::ranges::stable_sort(parts, std::greater<>(), &PathPart::instructions);
  std::ranges::stable_sort(parts, {}, rank);
}

// What comes before the first line of a program is the kernel's prologue of it.
std::vector<LinePart> line_parts(const anatomy::Anatomy& path, const std::vector<SourceLine>& lines) {
  std::vector<LinePart> parts;
  for (const auto& [address, count] : path.steps.bpf) {
    const auto above = std::ranges::upper_bound(lines, address, {}, &SourceLine::address);
    if (above == lines.begin()) continue;
    const auto& line = *std::prev(above);
    const auto is_it = [&](const LinePart& one) { return one.file == line.file && one.line == line.line; };
    auto part = std::ranges::find_if(parts, is_it);
    if (part == parts.end()) part = parts.insert(part, LinePart{line.file, line.line, line.text});
    part->instructions += static_cast<std::int64_t>(count);
  }
  return parts;
}

}  // namespace

bool HandlerPath::has_program() const {
  return std::ranges::find(parts, kProgramPart, &PathPart::name) != parts.end();
}

void HandlerPath::add_rest(double per_hit) {
  for (const auto& part : parts) per_hit -= part.instructions;
  if (per_hit != 0) parts.push_back({std::string(kRarePart), per_hit});
}

HandlerPath handler_path(const anatomy::Anatomy& path, std::string_view module,
                         const std::vector<SourceLine>& lines) {
  HandlerPath made;
  Parts parts(module);
  for (const auto& run : path.runs) {
    row_of(made.functions, run.symbol, parts.of(run)).instructions += static_cast<std::int64_t>(run.count);
  }
  // The operation itself is no part of a hit.
  for (const auto& [function, count] : path.steps.unprobed) {
    row_of(made.functions, function, std::string(kDispatchPart)).instructions -=
        static_cast<std::int64_t>(count);
  }
  std::erase_if(made.functions, [](const FunctionPart& row) { return row.instructions == 0; });
  for (const auto& row : made.functions) add(made.parts, row);
  put_in_order(made.parts);
  made.lines = line_parts(path, lines);
  return made;
}

}  // namespace probebench::cost
