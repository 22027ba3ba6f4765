// SPDX-License-Identifier: MIT
#include "text/cross_table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "model/arch.h"
#include "text/text.h"

namespace probebench::text {
namespace {

struct Kernel {
  const TargetRecord* target = nullptr;
  std::vector<const CellRecord*> cells = {};
  Unit unit = {};
  std::vector<std::string> heading = {};  // lines above its column
  const Kernel* reference = nullptr;      // what its changes are against
};

// What makes it another target than the kernel alone: arguments, a CPU model.
std::string variant_of(const TargetRecord& target) {
  std::string variant;
  for (const char* name : {"kernel.extra_args", "qemu.requested_cpu"}) {
    const auto fact = target.info.fact(name);
    if (!fact.empty()) variant += (variant.empty() ? "" : " ") + fact;
  }
  return variant;
}

// "6.12.117+deb12-cloud-amd64" -> "6.12.117", "6.1.0-56-cloud-amd64" -> "6.1.0-56"; a kernel that never told
// its release has the name it was asked for by.
std::string short_name(const TargetRecord& target) {
  const auto release = target.info.fact("kernel.release");
  if (release.empty()) {
    const auto name = target.info.fact("kernel.name");
    return name.substr(name.rfind('/') + 1);
  }
  auto end = release.find('+');
  for (auto at = release.find('-'); at != std::string::npos && end == std::string::npos;
       at = release.find('-', at + 1)) {
    if (std::isdigit(static_cast<unsigned char>(release[at + 1])) == 0) end = at;
  }
  return release.substr(0, end);
}

// The folder or file that a kernel was given by; nothing: it has a name of the catalog.
std::string path_name(const TargetRecord& target) {
  auto path = target.info.fact("kernel.name");
  if (path.find('/') == std::string::npos) return {};
  while (path.ends_with('/')) path.pop_back();
  return path.substr(path.rfind('/') + 1);
}

// Only of one that is not the default is it a fact.
ArchId arch_of(const TargetRecord& target) {
  return arch_from_name(target.info.fact("arch")).value_or(ArchId::x86_64);
}

bool all_of_the_default(const RunRecord& record) {
  return std::ranges::all_of(record.targets,
                             [](const auto& target) { return arch_of(target) == ArchId::x86_64; });
}

std::vector<std::string> heading_of(const TargetRecord& target) {
  std::vector<std::string> lines{short_name(target)};
  if (const auto ordinal = target.info.id.rfind('#'); ordinal != std::string::npos) {
    lines.front() += target.info.id.substr(ordinal);
  }
  if (auto path = path_name(target); !path.empty() && path != lines.front()) lines.push_back(std::move(path));
  const auto variant = variant_of(target);
  for (const auto word : split(variant, ' ')) {
    if (!word.empty()) lines.emplace_back(word);
  }
  return lines;
}

bool comparable(const Kernel& one, const Kernel& other) {
  const auto& a = one.target->info;
  const auto& b = other.target->info;
  return a.kind == b.kind && a.accel == b.accel && a.clock == b.clock &&
         arch_of(*one.target) == arch_of(*other.target) && one.unit.metric == other.unit.metric;
}

// The nearest one to the left that is what the first column is, but for its kernel; one that is something
// else is compared with the same kernel.
const Kernel* reference_of(const std::vector<Kernel>& kernels, std::size_t index) {
  const auto& kernel = kernels[index];
  const auto plain_variant = variant_of(*kernels.front().target);
  const bool plain = variant_of(*kernel.target) == plain_variant;
  for (std::size_t i = index; i-- > 0;) {
    const auto& other = kernels[i];
    const bool other_plain = variant_of(*other.target) == plain_variant;
    if (other.cells.empty() || !other_plain || !comparable(kernel, other)) continue;
    if (plain || other.target->info.fact("kernel.release") == kernel.target->info.fact("kernel.release"))
      return &other;
  }
  return nullptr;
}

std::vector<Kernel> kernels_of(const RunRecord& record) {
  std::vector<Kernel> kernels;
  const bool names_arch = !all_of_the_default(record);
  for (const auto& target : record.targets) {
    Kernel kernel{.target = &target, .heading = heading_of(target)};
    if (names_arch) kernel.heading.emplace_back(info_of(arch_of(target)).name);
    for (const auto& cell : record.cells) {
      if (cell.target == target.info.id) kernel.cells.push_back(&cell);
    }
    kernel.unit = unit_for(target.info, kernel.cells);
    kernels.push_back(std::move(kernel));
  }
  for (std::size_t i = 0; i < kernels.size(); ++i) kernels[i].reference = reference_of(kernels, i);
  return kernels;
}

const CellRecord* find(const Kernel& kernel, const Cell& cell) {
  const auto found = std::ranges::find(kernel.cells, cell, [](const auto* one) { return one->result.cell; });
  return found == kernel.cells.end() ? nullptr : *found;
}

const Metric* metric_of(const Kernel& kernel, const Cell& cell) {
  const auto* record = find(kernel, cell);
  if (record == nullptr) return nullptr;
  return figure_of(*record, kernel.unit);
}

// Reasons by letter, each once.
class Reasons {
 public:
  std::string letter_of(const std::string& reason) {
    const auto found = std::ranges::find(reasons_, reason);
    const auto index = static_cast<std::size_t>(found - reasons_.begin());
    if (found == reasons_.end()) reasons_.push_back(reason);
    return letter(index);
  }
  std::string text() const {
    std::string text;
    for (std::size_t i = 0; i < reasons_.size(); ++i) text += wrapped(letter(i) + "  ", reasons_[i], 3);
    return text;
  }

 private:
  // a .. z, aa, ab ..
  static std::string letter(std::size_t index) {
    const std::string last(1, static_cast<char>('a' + index % 26));
    return index < 26 ? last : letter(index / 26 - 1) + last;
  }
  std::vector<std::string> reasons_;
};

std::string ended_reason(const Kernel& kernel) {
  const auto& ended = kernel.target->ended;
  const auto name = fmt::format("{}", fmt::join(kernel.heading, " "));
  if (ended.empty()) return fmt::format("{}: not measured", name);
  return fmt::format("{}: {}", name, ended);
}

// Instead of a figure: "- a", "errored b".
std::string mark(const Kernel& kernel, const Cell& cell, Reasons& reasons) {
  const auto* record = find(kernel, cell);
  if (record == nullptr) {
    const auto arch = arch_of(*kernel.target);
    if (!is_on(cell, arch)) return "- " + reasons.letter_of(fmt::format("no row of {}", info_of(arch).name));
    const bool never_up = kernel.target->fingerprint.empty();
    return fmt::format("{} {}", never_up ? "errored" : "lost", reasons.letter_of(ended_reason(kernel)));
  }
  const auto status = record->result.status;
  if (was_measured(record))
    return fmt::format("noisy {}", reasons.letter_of(why_no_figure(*record, kernel.unit)));
  const auto word = status == CellStatus::skipped ? "-" : name_of(status);
  return fmt::format("{} {}", word,
                     reasons.letter_of(fmt::format("{}: {}", name_of(status), reason_of(record->result))));
}

std::string cost_text(const Metric& metric) {
  return metric.metric_class == MetricClass::exact ? number_text(metric.value)
                                                   : fmt::format("{:.1f}", metric.value);
}

// A difference of exact counts as it is, of anything else in percent.
std::string change_text(const Metric& now, const Metric* before) {
  if (before == nullptr) return {};
  const bool exact = now.metric_class == MetricClass::exact && before->metric_class == MetricClass::exact;
  const double difference = now.value - before->value;
  if (exact) return signed_number(difference);
  return before->value > 0 ? fmt::format("{:+.1f}%", 100 * difference / before->value) : std::string();
}

// Letters in reading order, those of whole kernels first; a kernel keeps its letter even if no row shows it.
void give_letters(const std::vector<Kernel>& kernels, const std::set<Cell>& rows, Reasons& reasons) {
  for (const auto& kernel : kernels) {
    if (kernel.target->fingerprint.empty()) reasons.letter_of(ended_reason(kernel));
  }
  for (const auto& row : rows) {
    for (const auto& kernel : kernels) {
      if (metric_of(kernel, row) == nullptr) mark(kernel, row, reasons);
    }
  }
}

struct Entry {
  std::string cost;  // or a mark, which takes both places
  std::string change = {};
  bool marked = false;
};

Entry entry_of(const Kernel& kernel, const Cell& cell, Reasons& reasons) {
  const auto* metric = metric_of(kernel, cell);
  if (metric == nullptr) return {mark(kernel, cell, reasons), {}, true};
  const auto* before = kernel.reference == nullptr ? nullptr : metric_of(*kernel.reference, cell);
  return {cost_text(*metric), change_text(*metric, before)};
}

// One column: costs right-aligned, changes right-aligned behind them, marks over both.
Column column_of(const Kernel& kernel, const std::set<Cell>& rows, std::size_t heading_lines,
                 Reasons& reasons) {
  std::vector<Entry> entries;
  std::size_t costs = 0;
  std::size_t changes = 0;
  for (const auto& row : rows) {
    entries.push_back(entry_of(kernel, row, reasons));
    if (!entries.back().marked) costs = std::max(costs, entries.back().cost.size());
    changes = std::max(changes, entries.back().change.size());
  }
  Column column{kernel.heading.front(), Align::right, {}};
  for (std::size_t line = 1; line < heading_lines; ++line) {
    column.cells.push_back(line < kernel.heading.size() ? kernel.heading[line] : "");
  }
  for (const auto& entry : entries) {
    const auto change = changes == 0 ? std::string() : fmt::format(" {:>{}}", entry.change, changes);
    column.cells.push_back(entry.marked ? entry.cost : fmt::format("{:>{}}{}", entry.cost, costs, change));
  }
  return column;
}

std::vector<std::string> labels_of(const std::set<Cell>& rows) {
  CellNames names;
  for (const auto& row : rows) names.add(row);
  std::vector<std::string> labels;
  for (const auto& row : rows) labels.push_back(names.full(row));
  return labels;
}

// As many columns as fit beside the labels, at least one; the rest in further blocks.
std::string blocks_of(const Column& labels, const std::vector<Column>& columns) {
  std::string text;
  std::vector<Column> block{labels};
  std::size_t width = width_of(labels);
  for (const auto& column : columns) {
    const std::size_t more = 2 + width_of(column);
    if (block.size() > 1 && width + more > kTerminalWidth) {
      text += layout(block) + "\n";
      block = {labels};
      width = width_of(labels);
    }
    block.push_back(column);
    width += more;
  }
  return text + layout(block) + "\n";
}

std::string warnings_text(const std::vector<Kernel>& kernels) {
  std::string text;
  for (const auto& kernel : kernels) {
    const auto foreign = foreign_work(kernel.target->info);
    if (foreign.empty()) continue;
    text += wrapped("warning: ", fmt::format("{}: {}", fmt::join(kernel.heading, " "), foreign), 2);
  }
  return text;
}

// One sentence for all machines of a kind.
std::string machines_text(const std::vector<Kernel>& kernels) {
  std::map<std::string, std::pair<const Kernel*, std::vector<std::string>>> kinds;
  for (const auto& kernel : kernels) {
    if (kernel.target->fingerprint.empty()) continue;
    const auto& info = kernel.target->info;
    auto& kind = kinds[fmt::format("{} {} {}", info.kind, info.accel, kernel.unit.header)];
    kind.first = &kernel;
    const auto release = kernel.target->info.fact("kernel.release");
    if (std::ranges::find(kind.second, release) == kind.second.end()) kind.second.push_back(release);
  }
  std::string text;
  for (const auto& [name, kind] : kinds) {
    auto info = kind.first->target->info;
    info.environment.facts["kernel.release"] = fmt::format("{}", fmt::join(kind.second, ", "));
    text += wrapped("", machine_and_unit(info, kind.first->unit), 0);
  }
  return text;
}

std::string title_of(const std::vector<Kernel>& kernels) {
  std::set<std::string_view> units;
  bool arguments = false;
  std::set<std::string> cpus;
  const bool changes =
      std::ranges::any_of(kernels, [](const auto& kernel) { return kernel.reference != nullptr; });
  for (const auto& kernel : kernels) {
    if (!kernel.target->fingerprint.empty()) units.insert(kernel.unit.header);
    arguments = arguments || !kernel.target->info.fact("kernel.extra_args").empty();
    cpus.insert(kernel.target->info.fact("qemu.requested_cpu"));
  }
  if (!changes) return wrapped("", fmt::format("{}", fmt::join(units, " or ")), 0);
  return wrapped(
      "",
      fmt::format("{}, and the change against the nearest kernel to the left{}{}", fmt::join(units, " or "),
                  arguments ? " (with arguments: against the same kernel without)" : "",
                  cpus.size() > 1 ? " (on another CPU model: against the same kernel on the first)" : ""),
      0);
}

}  // namespace

std::string cross_table(const RunRecord& record) {
  const auto kernels = kernels_of(record);
  std::set<Cell> rows;
  for (const auto& cell : record.cells) rows.insert(cell.result.cell);
  Reasons reasons;
  std::size_t heading_lines = 1;
  for (const auto& kernel : kernels) heading_lines = std::max(heading_lines, kernel.heading.size());
  Column labels{"probe type", Align::left, std::vector<std::string>(heading_lines - 1)};
  std::ranges::move(labels_of(rows), std::back_inserter(labels.cells));
  give_letters(kernels, rows, reasons);
  std::vector<Column> columns;
  for (const auto& kernel : kernels) columns.push_back(column_of(kernel, rows, heading_lines, reasons));
  std::string text = rows.empty() ? "" : title_of(kernels) + blocks_of(labels, columns);
  const auto below = reasons.text();
  text += below.empty() || rows.empty() ? below : below + "\n";
  text += warnings_text(kernels) + machines_text(kernels);
  return record.ended.empty() || !below.empty() ? text : text + wrapped("\nended early: ", record.ended, 2);
}

}  // namespace probebench::text
