// SPDX-License-Identifier: MIT
#include "vm/guest_programs.h"

#include <unistd.h>

#include <cstdlib>

#include "base/split.h"

namespace probebench::vm {
namespace {

bool is_program(const fs::path& path) {
  std::error_code failure;
  return fs::is_regular_file(path, failure) && ::access(path.c_str(), X_OK) == 0;
}

bool is_elf(const fs::path& path) {
  const auto content = read_file(path);
  return content && content->starts_with("\177ELF");
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

Result<GuestProgram> users_program(const std::string& name) {
  const auto found = program_on_path(name);
  if (!found) {
    return Error{Fault::usage, "find the command '" + name + "': there is no such program", 0,
                 "name a program on PATH, or its path"};
  }
  if (is_elf(*found)) return GuestProgram{*found, "command/" + found->filename().string()};
  return Error{Fault::usage,
               "carry '" + found->string() + "' into the virtual machine: it is not an ELF program", 0,
               "the guest has no shell and no interpreters: name a compiled program"};
}

std::optional<GuestProgram> assembler() {
  constexpr const char* kAssembler = "/usr/bin/as";
  if (!is_program(kAssembler)) return std::nullopt;
  return GuestProgram{kAssembler, "usr/bin/as"};
}

}  // namespace probebench::vm
