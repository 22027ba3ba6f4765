// SPDX-License-Identifier: MIT
#include "kernels/elf_section.h"

#include <elf.h>

#include <cstring>

namespace probebench {
namespace {

template <typename T>
std::optional<T> load(std::string_view bytes, std::size_t offset) {
  T value{};
  if (offset > bytes.size() || bytes.size() - offset < sizeof value) return std::nullopt;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

std::string_view content(std::string_view elf, const Elf64_Shdr& section) {
  if (section.sh_type == SHT_NOBITS || section.sh_offset > elf.size()) return {};
  return elf.substr(section.sh_offset, section.sh_size);
}

std::optional<Elf64_Shdr> header_at(std::string_view elf, const Elf64_Ehdr& file, unsigned index) {
  return load<Elf64_Shdr>(elf, file.e_shoff + std::size_t{index} * sizeof(Elf64_Shdr));
}

}  // namespace

std::optional<std::string_view> elf_section(std::string_view elf, std::string_view name) {
  const auto file = load<Elf64_Ehdr>(elf, 0);
  if (!file || !elf.starts_with(ELFMAG) || file->e_ident[EI_CLASS] != ELFCLASS64) return std::nullopt;
  const auto names = header_at(elf, *file, file->e_shstrndx);
  if (!names) return std::nullopt;
  const auto text = content(elf, *names);
  for (unsigned i = 0; i < file->e_shnum; ++i) {
    const auto section = header_at(elf, *file, i);
    if (!section) return std::nullopt;
    if (section->sh_name >= text.size()) continue;
    const auto found = text.substr(section->sh_name);
    if (found.substr(0, found.find('\0')) == name) return content(elf, *section);
  }
  return std::nullopt;
}

}  // namespace probebench
