// SPDX-License-Identifier: MIT
#include "text/anatomy_text.h"

#include <fmt/format.h>

#include <string_view>

#include "anatomy/anatomy.h"
#include "base/text.h"
#include "text/text.h"

namespace probebench::text {
namespace {

constexpr std::string_view kCut = "...";

std::string cut(const std::string& text) {
  if (text.size() <= kTerminalWidth) return text + "\n";
  return text.substr(0, kTerminalWidth - kCut.size()) + std::string(kCut) + "\n";
}

std::string plural(std::uint64_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

// What is told of how a run was arrived at: calls and returns show in the indentation.
std::string_view mark_of(anatomy::Arrival arrival) {
  switch (arrival) {
    case anatomy::Arrival::exception:
      return "! ";
    case anatomy::Arrival::system_call:
      return "> ";
    case anatomy::Arrival::exception_return:
      return "< ";
    default:
      return "";
  }
}

std::string run_line(const anatomy::Run& run) {
  return cut(fmt::format("{:>6}  {:<8}  {:{}}{}{}", run.count, anatomy::name_of(run.phase), "", 2 * run.depth,
                         mark_of(run.arrival), run.symbol));
}

std::string phase_lines(const anatomy::Anatomy& anatomy) {
  std::string text;
  for (const auto& phase : anatomy::kPhases) {
    const auto count = anatomy.of_phase(phase.id);
    if (count != 0) text += fmt::format("{:>6}  {:<8}  {}\n", count, phase.name, phase.summary);
  }
  return text + fmt::format("{:>6}  in all\n", anatomy.total());
}

// Where the two numbers differ.
std::string counter_line(const anatomy::Anatomy& anatomy) {
  if (anatomy.repetitions == 0) return {};
  return wrapped(
      "",
      fmt::format("A CPU's counter would count {} per hit: {} repeat a string instruction.",
                  static_cast<std::int64_t>(anatomy.per_hit()) - anatomy.repetitions, anatomy.repetitions),
      0);
}

std::string text_of(const anatomy::Anatomy& anatomy) {
  std::string text = wrapped("", fmt::format("{} on {}", anatomy.cell, anatomy.target), 2);
  text += fmt::format("{} per hit and {} of the unprobed call; {} per hit\n",
                      plural(anatomy.per_hit(), "instruction"), anatomy.baseline,
                      plural(anatomy.exceptions, "exception"));
  text += counter_line(anatomy) + "\n";
  text += " insns  phase     path (! exception, > system call, < return from either)\n";
  for (const auto& run : anatomy.runs) text += run_line(run);
  return text + "\n" + phase_lines(anatomy);
}

std::string difference_line(std::uint64_t first, std::uint64_t second, std::string_view what) {
  const auto change = signed_number(static_cast<double>(second) - static_cast<double>(first));
  return cut(fmt::format("{:>6}  {:>6}  {:>6}  {}", first, second, change, what));
}

}  // namespace

std::string anatomy_text(const std::vector<anatomy::Anatomy>& anatomies) {
  std::string text;
  for (const auto& anatomy : anatomies) text += (text.empty() ? "" : "\n") + text_of(anatomy);
  return text;
}

std::string difference_text(const anatomy::Anatomy& first, const anatomy::Anatomy& second) {
  std::string text = wrapped("A  ", fmt::format("{} on {}", first.cell, first.target), 3);
  text += wrapped("B  ", fmt::format("{} on {}", second.cell, second.target), 3);
  text += "\n     A       B  change  function\n";
  for (const auto& row : anatomy::difference(first, second)) {
    text += difference_line(row.first, row.second, row.symbol);
  }
  text += "\n     A       B  change  phase\n";
  for (const auto& phase : anatomy::kPhases) {
    text += difference_line(first.of_phase(phase.id), second.of_phase(phase.id), phase.name);
  }
  return text + difference_line(first.total(), second.total(), "in all");
}

}  // namespace probebench::text
