// SPDX-License-Identifier: MIT
#include "gate/layout.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <random>
#include <utility>
#include <vector>

#include "base/escape.h"
#include "base/file.h"
#include "base/process.h"
#include "base/text.h"
#include "kernels/cache.h"

namespace probebench::gate {
namespace {

constexpr std::chrono::seconds kLinkDeadline{120};
constexpr const char* kObjects = "probebench-y :=";  // of the module's Kbuild
// Steps of what functions are aligned to, up to some pages.
constexpr std::uint64_t kPaddingStep = 16;
constexpr std::uint64_t kMostSteps = 1024;

using Words = std::vector<std::string>;

Error cannot(const SideProgram& side, const std::string& why) {
  return {Fault::usage, fmt::format("--control relink: {} ({}) {}", side.role, side.title(), why), 0,
          "build that side here with ./run-bench, or hand in builds of the base: --control DIR"};
}

// The standard's shuffle differs between libraries.
void shuffle(Words& words, std::uint64_t seed) {
  std::mt19937_64 generator(seed);
  for (std::size_t left = words.size(); left > 1; --left) {
    std::swap(words[left - 1], words[generator() % left]);
  }
}

Words words_of(const std::string& text) {
  Words words;
  for (const auto word : split(text, ' ')) {
    if (!word.empty()) words.emplace_back(word);
  }
  return words;
}

std::string padding_source(std::uint64_t seed) {
  std::mt19937_64 generator(seed);
  std::string text;
  for (const char* section : {".text", ".data", ".bss"}) {
    text += fmt::format("{}\n.skip {}\n", section, kPaddingStep * (generator() % kMostSteps));
  }
  return text + ".section .note.GNU-stack,\"\",@progbits\n";
}

Status link_or_copy(const fs::path& from, const fs::path& to) {
  std::error_code failure;
  fs::create_hard_link(from, to, failure);
  if (!failure) return Done{};
  fs::copy_file(from, to, failure);
  return failure ? Status(kernels::filesystem_error("copy " + from.string() + " to " + to.string(), failure))
                 : Done{};
}

}  // namespace

Result<LinkPlan> plan_link(const SideProgram& side) {
  const auto build = side.program.parent_path().parent_path();
  std::error_code ignored;
  if (side.program.parent_path() != side.agent.parent_path() || !fs::exists(build / "build.ninja", ignored)) {
    return cannot(side, "has no build.ninja that could link its agent again");
  }
  LinkPlan plan{.build = build, .command = {}, .agent = fs::relative(side.agent, build).string()};
  const auto said =
      TRY(run_command({{"ninja", "-C", build.string(), "-t", "commands", "-s", plan.agent}}, kLinkDeadline));
  for (const auto line : split(said.output, '\n')) {
    if (line.find(" -o " + plan.agent + " ") != std::string_view::npos) plan.command = std::string(line);
  }
  if (said.exit_code != 0 || plan.command.empty())
    return cannot(side, "does not say how its agent is linked");
  return plan;
}

std::string relinking_command(const LinkPlan& plan, const fs::path& agent, const fs::path& padding,
                              std::uint64_t seed) {
  Words kept;
  Words libraries;
  std::size_t place = 0;
  for (auto& word : words_of(plan.command)) {
    if (word.ends_with(".a")) {
      if (libraries.empty()) place = kept.size();
      libraries.push_back(std::move(word));
    } else {
      kept.push_back(word == plan.agent ? quoted_for_shell(agent.string()) : std::move(word));
    }
  }
  shuffle(libraries, seed);
  libraries.insert(libraries.begin(), {quoted_for_shell(padding.string()), "-Wl,--start-group"});
  libraries.emplace_back("-Wl,--end-group");
  kept.insert(kept.begin() + static_cast<std::ptrdiff_t>(place), libraries.begin(), libraries.end());
  return fmt::format("{}", fmt::join(kept, " "));
}

std::string shuffled_kbuild(const std::string& kbuild, std::uint64_t seed) {
  const auto begin = kbuild.find(kObjects);
  if (begin == std::string::npos) return {};
  auto end = kbuild.find('\n', begin);
  while (end != std::string::npos && kbuild[end - 1] == '\\') end = kbuild.find('\n', end + 1);
  if (end == std::string::npos) end = kbuild.size();
  const auto first = begin + std::string_view(kObjects).size();
  auto list = kbuild.substr(first, end - first);
  for (char& letter : list) {
    if (letter == '\\' || letter == '\n' || letter == '\t') letter = ' ';
  }
  auto objects = words_of(list);
  shuffle(objects, seed);
  return fmt::format("{} {}{}", kbuild.substr(0, first), fmt::join(objects, " "), kbuild.substr(end));
}

Layout::Layout(SideProgram side, fs::path directory)
    : side_(std::move(side)), directory_(std::move(directory)) {}

Layout::Layout(Layout&& other) noexcept
    : side_(std::move(other.side_)), directory_(std::exchange(other.directory_, {})) {}

Layout::~Layout() {
  std::error_code ignored;
  if (!directory_.empty()) fs::remove_all(directory_, ignored);
}

Status Layout::link_agent(const LinkPlan& plan, std::uint64_t seed) {
  const auto padding = directory_ / "padding.s";
  TRY(write_file_atomic(padding, padding_source(seed)));
  const auto command = relinking_command(plan, side_.agent, padding, seed);
  const auto done = TRY(run_command({.argv = {"sh", "-c", command}, .directory = plan.build}, kLinkDeadline));
  if (done.exit_code == 0) return Done{};
  return cannot(side_, "is not linked again: " + std::string(first_line(done.output)));
}

// The program finds its agent beside itself, and QEMU's plugins.
Status Layout::link_others(const fs::path& built) {
  std::error_code failure;
  for (const auto& entry : fs::directory_iterator(built, failure)) {
    const bool needed =
        entry.path().filename() == side_.program.filename() || entry.path().extension() == ".so";
    if (needed) TRY(link_or_copy(entry.path(), side_.program.parent_path() / entry.path().filename()));
  }
  return failure ? Status(kernels::filesystem_error("read " + built.string(), failure)) : Done{};
}

// The module is built by the visit, from the root's sources: a root with another Kbuild.
Status Layout::lay_out_module(std::uint64_t seed) {
  const auto root = directory_ / "root";
  const auto kbuild = shuffled_kbuild(TRY(read_file(side_.root / "kmod/Kbuild")), seed);
  if (kbuild.empty()) return cannot(side_, "has a module whose Kbuild does not list its objects");
  std::error_code failure;
  fs::create_directory(root, failure);
  for (const auto& entry : fs::directory_iterator(side_.root, failure)) {
    if (failure || entry.path().filename() == "kmod") continue;
    fs::create_symlink(fs::absolute(entry.path()), root / entry.path().filename(), failure);
  }
  if (!failure) fs::copy(side_.root / "kmod", root / "kmod", fs::copy_options::recursive, failure);
  if (failure) return kernels::filesystem_error("lay out the module in " + root.string(), failure);
  side_.root = root;
  return write_file_atomic(root / "kmod/Kbuild", kbuild);
}

Result<Layout> Layout::make(const SideProgram& side, const LinkPlan& plan, bool with_module,
                            std::uint64_t seed, const fs::path& directory) {
  Layout layout(side, fs::absolute(directory));
  const auto programs = layout.directory_ / "bin";
  TRY(kernels::make_directories(programs));
  layout.side_.program = programs / side.program.filename();
  layout.side_.agent = programs / side.agent.filename();
  TRY(layout.link_others(side.program.parent_path()));
  TRY(layout.link_agent(plan, seed));
  if (with_module) TRY(layout.lay_out_module(seed));
  return layout;
}

}  // namespace probebench::gate
