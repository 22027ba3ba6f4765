// SPDX-License-Identifier: MIT
#include "probe_cost/probe_file.h"

#include <elf.h>

#include <algorithm>
#include <cctype>
#include <cstring>
#include <optional>

#include "base/file.h"

namespace probebench::cost {
namespace {

Result<std::string> content_of(const char* option, const fs::path& path) {
  const auto what = std::string(option) + " " + path.string();
  std::error_code failure;
  if (fs::is_directory(path, failure))
    return Error{Fault::usage, "cost: " + what + ": is a directory", 0, {}};
  auto content = read_file(path);
  if (content) return content;
  return Error{Fault::usage, "cost: " + what + ": cannot be read", content.error().err, {}};
}

std::optional<Elf64_Ehdr> elf_header(const std::string& content) {
  Elf64_Ehdr header{};
  if (content.size() < sizeof header || !content.starts_with(ELFMAG)) return std::nullopt;
  std::memcpy(&header, content.data(), sizeof header);
  return header;
}

// Kbuild makes a module of it.
Status check_name(const fs::path& path) {
  const auto name = path.stem().string();
  const auto fits = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
  };
  if (std::ranges::all_of(name, fits)) return Done{};
  return Error{Fault::usage, "cost: --module " + path.string() + ": no name of a module", 0,
               "letters, digits, - and _"};
}

}  // namespace

Result<vm::GuestProgram> bpf_object(const fs::path& path) {
  const auto content = TRY(content_of("--bpf-object", path));
  const auto header = elf_header(content);
  if (header && header->e_machine == EM_BPF && header->e_type == ET_REL) {
    return vm::GuestProgram{path, vm::place_of_probe(path)};
  }
  return Error{Fault::usage,
               "cost: --bpf-object " + path.string() + (header ? ": no BPF object" : ": no ELF object"), 0,
               "clang -target bpf -g -O2 -c my.bpf.c makes one"};
}

Status check_module(const fs::path& path) {
  const auto content = TRY(content_of("--module", path));
  TRY(check_name(path));
  if (path.extension() == ".c") return Done{};
  const auto header = elf_header(content);
  if (path.extension() == ".ko" && header && header->e_type == ET_REL && header->e_machine != EM_BPF)
    return Done{};
  return Error{Fault::usage, "cost: --module " + path.string() + ": no kernel module", 0,
               "a .ko, or a .c that is built for each kernel"};
}

}  // namespace probebench::cost
