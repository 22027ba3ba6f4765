// SPDX-License-Identifier: MIT
#include "kernels/elf_file.h"

#include <elf.h>

#include <array>
#include <fstream>

#include "base/load.h"

namespace probebench::kernels {
namespace {

std::string_view content(std::string_view elf, const Elf64_Shdr& section) {
  if (section.sh_type == SHT_NOBITS || section.sh_offset > elf.size()) return {};
  return elf.substr(section.sh_offset, section.sh_size);
}

std::optional<Elf64_Shdr> header_at(std::string_view elf, const Elf64_Ehdr& file, unsigned index) {
  return load<Elf64_Shdr>(elf, file.e_shoff + std::size_t{index} * sizeof(Elf64_Shdr));
}

std::string_view segment(std::string_view elf, const Elf64_Phdr& header) {
  if (header.p_offset > elf.size() || elf.size() - header.p_offset < header.p_filesz) return {};
  return elf.substr(header.p_offset, header.p_filesz);
}

bool has_note(std::string_view notes, std::string_view owner, std::uint32_t type) {
  while (const auto note = load<Elf64_Nhdr>(notes, 0)) {
    const std::size_t length = sizeof *note + padded(note->n_namesz) + padded(note->n_descsz);
    if (length > notes.size()) return false;
    if (note->n_type == type &&
        text_at(notes.substr(0, sizeof *note + note->n_namesz), sizeof *note) == owner)
      return true;
    notes.remove_prefix(length);
  }
  return false;
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
    if (section->sh_name < text.size() && text_at(text, section->sh_name) == name)
      return content(elf, *section);
  }
  return std::nullopt;
}

std::string interpreter_of(std::string_view elf) {
  const auto name = elf_section(elf, ".interp");
  return name ? std::string(name->substr(0, name->find('\0'))) : std::string();
}

std::vector<std::string> needed_libraries(std::string_view elf) {
  std::vector<std::string> names;
  const auto entries = elf_section(elf, ".dynamic");
  const auto strings = elf_section(elf, ".dynstr");
  if (!entries || !strings) return names;
  for (std::size_t at = 0;; at += sizeof(Elf64_Dyn)) {
    const auto entry = load<Elf64_Dyn>(*entries, at);
    if (!entry || entry->d_tag == DT_NULL) return names;
    if (entry->d_tag == DT_NEEDED && entry->d_un.d_val < strings->size())
      names.emplace_back(text_at(*strings, entry->d_un.d_val));
  }
}

bool has_elf_note(std::string_view elf, std::string_view owner, std::uint32_t type) {
  const auto header = load<Elf64_Ehdr>(elf, 0);
  if (!header) return false;
  for (unsigned i = 0; i < header->e_phnum; ++i) {
    const auto program = load<Elf64_Phdr>(elf, header->e_phoff + i * sizeof(Elf64_Phdr));
    if (!program) return false;
    if (program->p_type == PT_NOTE && has_note(segment(elf, *program), owner, type)) return true;
  }
  return false;
}

bool is_elf_file(const std::filesystem::path& path) {
  std::array<char, SELFMAG> head{};
  return static_cast<bool>(std::ifstream(path).read(head.data(), SELFMAG)) &&
         std::string_view(head.data(), SELFMAG) == ELFMAG;
}

}  // namespace probebench::kernels
