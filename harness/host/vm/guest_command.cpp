// SPDX-License-Identifier: MIT
#include "vm/guest_command.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "base/text.h"
#include "base/unique_fd.h"
#include "kernels/elf_file.h"

namespace probebench::vm {
namespace {

constexpr const char* kCommands = "command/";  // on the guest's PATH
constexpr std::size_t kMostEntries = 20'000;   // of a directory: an interpreter's own library has a tenth
constexpr std::size_t kLongestHead = 255;      // as the kernel has it, BINPRM_BUF_SIZE

bool is_program(const fs::path& path) {
  std::error_code failure;
  return fs::is_regular_file(path, failure) && ::access(path.c_str(), X_OK) == 0;
}

Error cannot_carry(const fs::path& file, const std::string& problem, std::string hint) {
  return {Fault::usage, fmt::format("carry '{}' into the virtual machine: {}", file.string(), problem), 0,
          std::move(hint)};
}

// What a script begins with, without its "#!"; nothing: it is none.
std::optional<std::string> script_head(const fs::path& file) {
  const UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  std::string head(kLongestHead, '\0');
  const auto got = fd ? ::read(fd.get(), head.data(), head.size()) : -1;
  if (got < 2 || !head.starts_with("#!")) return std::nullopt;
  head.resize(static_cast<std::size_t>(got));
  return std::string(trimmed(first_line(head).substr(2)));
}

// The last word of "/usr/bin/env -S bpftrace -q" that is no option is what is looked for on PATH.
std::string named_by_env(const std::vector<std::string_view>& words) {
  const auto named = std::find_if(words.begin() + 1, words.end(), [](auto word) {
    return !word.starts_with('-') && word.find('=') == word.npos;
  });
  return named == words.end() ? std::string() : std::string(*named);
}

Status add_interpreter(const fs::path& script, const std::string& name, std::string place,
                       GuestCommand& command) {
  const auto found = program_on_path(name);
  const bool runs = found && kernels::is_elf_file(*found);
  if (!runs) {
    return cannot_carry(script,
                        fmt::format("its interpreter {} is {}", name, found ? "no ELF program" : "not here"),
                        "install it, or name a program");
  }
  if (place.empty()) place = kCommands + found->filename().string();
  command.programs.push_back({*found, std::move(place)});
  return Done{};
}

Status add_interpreters(const fs::path& script, const std::string& head, GuestCommand& command) {
  std::vector<std::string_view> words;
  for (const auto word : split(head, ' ')) {
    if (!word.empty()) words.push_back(word);
  }
  if (words.empty() || !words.front().starts_with('/'))
    return cannot_carry(script, "its first line names no interpreter",
                        "begin it with #!/bin/sh, for example");
  const fs::path first(words.front());
  TRY(add_interpreter(script, first.string(), first.relative_path().string(), command));
  const auto named = first.filename() == "env" ? named_by_env(words) : std::string();
  return named.empty() ? Status(Done{}) : add_interpreter(script, named, {}, command);
}

// The guest's own file systems hide what lies there.
bool is_mounted_over(const fs::path& file) {
  constexpr std::array kOver{"dev", "proc", "sys"};
  return std::ranges::count(kOver, *file.relative_path().begin()) > 0;
}

void add_file(const fs::path& file, GuestCommand& command) {
  const auto place = fs::absolute(file).lexically_normal();
  if (is_mounted_over(place)) return;
  auto& kind = kernels::is_elf_file(file) ? command.programs : command.files;
  kind.push_back({file, place.relative_path().string()});
}

void carry_arguments(GuestCommand& command) {
  std::error_code failure;
  for (auto& argument : command.argv) {
    if (&argument == &command.argv.front() || !fs::is_regular_file(argument, failure)) continue;
    add_file(argument, command);
    argument = fs::absolute(argument).lexically_normal().string();
  }
}

Status add_directory(const fs::path& directory, GuestCommand& command) {
  std::error_code failure;
  const auto before = command.files.size();
  for (fs::recursive_directory_iterator entry(directory, failure), end; !failure && entry != end;
       entry.increment(failure)) {
    std::error_code unknown;
    if (!entry->is_regular_file(unknown)) continue;
    // Its programs find what they load where the guest's others do, or not at all: they are files here.
    const auto place = fs::absolute(entry->path()).lexically_normal().relative_path();
    command.files.push_back({entry->path(), place.string()});
    if (command.files.size() - before > kMostEntries)
      return cannot_carry(directory, fmt::format("it has more than {} files", kMostEntries),
                          "name a part of it");
  }
  if (failure) return Error{Fault::infra, "carry " + directory.string(), failure.value(), {}};
  return Done{};
}

Error no_such_program(const std::string& name) {
  const auto what = "find the command '" + name + "': ";
  std::error_code none;
  if (name.find('/') != std::string::npos && fs::is_regular_file(name, none))
    return {Fault::usage, what + "that file may not be executed", 0, "chmod +x " + name};
  return {Fault::usage, what + "there is no such program", 0, "name a program on PATH, or its path"};
}

}  // namespace

std::optional<fs::path> program_on_path(const std::string& name) {
  if (name.find('/') != std::string::npos)
    return is_program(name) ? std::optional<fs::path>(name) : std::nullopt;
  const char* const path = std::getenv("PATH");
  for (const auto directory : split(path == nullptr ? "/usr/bin:/bin" : path, ':')) {
    auto program = fs::path(directory) / name;
    if (is_program(program)) return program;
  }
  return std::nullopt;
}

Result<fs::path> users_program(const std::string& name) {
  if (auto found = program_on_path(name)) return *std::move(found);
  return no_such_program(name);
}

Result<GuestCommand> command_of(GuestProgram program, const std::vector<std::string>& argv) {
  GuestCommand command{argv, {}};
  command.argv.front() = "/" + program.place;
  command.programs.push_back(std::move(program));
  carry_arguments(command);
  return command;
}

Result<GuestCommand> users_command(const std::vector<std::string>& argv) {
  const auto found = TRY(users_program(argv.front()));
  const GuestProgram own{found, kCommands + found.filename().string()};
  if (kernels::is_elf_file(found)) return command_of(own, argv);
  const auto head = script_head(found);
  if (!head) return cannot_carry(found, "it is neither an ELF program nor a script", "name one of them");
  GuestCommand command{argv, {}};
  TRY(add_interpreters(found, *head, command));
  command.files.push_back(own);
  command.own_script = found;
  command.argv.front() = "/" + own.place;
  carry_arguments(command);
  return command;
}

Status carry(const std::string& name, GuestCommand& command) {
  std::error_code failure;
  if (fs::is_directory(name, failure)) return add_directory(name, command);
  const auto program = name.find('/') == std::string::npos ? program_on_path(name) : std::nullopt;
  const fs::path file = program ? *program : fs::path(name);
  if (!fs::is_regular_file(file, failure))
    return cannot_carry(name, "there is no such file or program",
                        "name a file, a directory or a program on PATH");
  add_file(file, command);
  return Done{};
}

std::optional<GuestProgram> assembler() {
  constexpr const char* kAssembler = "/usr/bin/as";
  if (!is_program(kAssembler)) return std::nullopt;
  return GuestProgram{kAssembler, "usr/bin/as"};
}

}  // namespace probebench::vm
