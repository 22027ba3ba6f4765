// SPDX-License-Identifier: MIT
#include "place/program_file.h"

#include <elf.h>
#include <fmt/format.h>

#include <algorithm>

#include "base/file.h"
#include "base/load.h"
#include "kernels/elf_file.h"

namespace probebench::place {
namespace {

std::string_view section_content(std::string_view elf, const Elf64_Shdr& section) {
  if (section.sh_type == SHT_NOBITS || section.sh_offset > elf.size()) return {};
  return elf.substr(section.sh_offset, section.sh_size);
}

std::vector<Elf64_Shdr> section_headers(std::string_view elf) {
  std::vector<Elf64_Shdr> headers;
  const auto file = load<Elf64_Ehdr>(elf, 0);
  for (std::size_t i = 0; file && file->e_shoff != 0 && i < file->e_shnum; ++i) {
    const auto header = load<Elf64_Shdr>(elf, file->e_shoff + i * sizeof(Elf64_Shdr));
    if (!header) return {};
    headers.push_back(*header);
  }
  return headers;
}

FileSymbol symbol_of(const Elf64_Sym& symbol, std::string_view names) {
  const auto type = ELF64_ST_TYPE(symbol.st_info);
  return {.name = std::string(text_at(names, symbol.st_name)),
          .address = symbol.st_value,
          .size = symbol.st_size,
          .function = type == STT_FUNC || type == STT_GNU_IFUNC || type == STT_NOTYPE,
          .defined = symbol.st_shndx != SHN_UNDEF,
          .indirect = type == STT_GNU_IFUNC};
}

// pc, base, semaphore; then the provider's name and the marker's.
struct MarkerNote {
  std::uint64_t pc;
  std::uint64_t base;
  std::uint64_t semaphore;
};

const FilePart* part_with(const std::vector<FilePart>& parts, auto has) {
  const auto found = std::ranges::find_if(parts, has);
  return found == parts.end() ? nullptr : &*found;
}

}  // namespace

Result<ProgramFile> ProgramFile::read(const fs::path& path) {
  auto content = read_file(path);
  if (!content) return content.take_error();
  return parse(std::move(*content));
}

Result<ProgramFile> ProgramFile::parse(std::string content) {
  const auto header = load<Elf64_Ehdr>(content, 0);
  if (!content.starts_with(ELFMAG)) return Error{Fault::usage, "not an ELF file", 0, {}};
  if (!header || header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_machine != EM_X86_64) {
    return Error{Fault::usage, "not an x86-64 ELF file", 0, {}};
  }
  if (header->e_type != ET_EXEC && header->e_type != ET_DYN) {
    return Error{Fault::usage, "neither a program nor a library", 0, {}};
  }
  ProgramFile file;
  file.content_ = std::move(content);
  TRY(file.take_segments());
  file.take_sections();
  file.take_symbols(SHT_SYMTAB);
  file.take_symbols(SHT_DYNSYM);
  return file;
}

Status ProgramFile::take_segments() {
  const auto header = *load<Elf64_Ehdr>(content_, 0);
  for (std::size_t i = 0; i < header.e_phnum; ++i) {
    const auto segment = load<Elf64_Phdr>(content_, header.e_phoff + i * sizeof(Elf64_Phdr));
    const auto whole = segment && segment->p_offset <= content_.size() &&
                       segment->p_filesz <= content_.size() - segment->p_offset;
    if (!whole) return Error{Fault::usage, "not a whole ELF file", 0, "its end is missing"};
    if (segment->p_type != PT_LOAD) continue;
    segments_.push_back(
        {segment->p_offset, segment->p_vaddr, segment->p_filesz, (segment->p_flags & PF_X) != 0});
  }
  return Done{};
}

void ProgramFile::take_sections() {
  const auto headers = section_headers(content_);
  const auto header = *load<Elf64_Ehdr>(content_, 0);
  const auto names =
      header.e_shstrndx < headers.size() ? section_content(content_, headers[header.e_shstrndx]) : "";
  for (const auto& section : headers) {
    if ((section.sh_flags & SHF_ALLOC) == 0 || section.sh_type == SHT_NOBITS) continue;
    const FilePart part{section.sh_offset, section.sh_addr, section.sh_size,
                        (section.sh_flags & SHF_EXECINSTR) != 0};
    const auto name = text_at(names, section.sh_name);
    if (name == ".eh_frame_hdr") frames_ = part;
    if (name == ".stapsdt.base") marker_base_ = section.sh_addr;
    sections_.push_back(part);
  }
}

void ProgramFile::take_symbols(std::uint32_t type) {
  const auto headers = section_headers(content_);
  for (const auto& section : headers) {
    if (section.sh_type != type || section.sh_link >= headers.size()) continue;
    const auto names = section_content(content_, headers[section.sh_link]);
    const auto table = section_content(content_, section);
    for (std::size_t at = 0; const auto symbol = load<Elf64_Sym>(table, at); at += sizeof *symbol) {
      auto taken = symbol_of(*symbol, names);
      if (taken.function && !taken.name.empty()) symbols_.push_back(std::move(taken));
    }
  }
}

// The note's base is where .stapsdt.base was when it was written: a prelinked file has moved since.
std::vector<FileMarker> ProgramFile::markers() const {
  constexpr std::string_view kOwner = "stapsdt";
  std::vector<FileMarker> markers;
  auto notes = kernels::elf_section(content_, ".note.stapsdt").value_or("");
  while (const auto note = load<Elf64_Nhdr>(notes, 0)) {
    const auto described = sizeof *note + padded(note->n_namesz);
    const auto length = described + padded(note->n_descsz);
    if (length > notes.size()) break;
    const auto owned = text_at(notes, sizeof *note) == kOwner;
    const auto body = notes.substr(described, note->n_descsz);
    notes.remove_prefix(length);
    const auto told = load<MarkerNote>(body, 0);
    if (!owned || !told) continue;
    const auto moved = marker_base_ == 0 ? 0 : marker_base_ - told->base;
    const auto at = offset_of(told->pc + moved);
    if (!at) continue;
    const auto provider = text_at(body, sizeof *told);
    const auto semaphore = told->semaphore == 0 ? 0 : offset_of(told->semaphore + moved).value_or(0);
    markers.push_back({std::string(provider),
                       std::string(text_at(body, sizeof *told + provider.size() + 1)),
                       {*at, semaphore}});
  }
  return markers;
}

std::optional<std::uint64_t> ProgramFile::offset_of(std::uint64_t address) const {
  const auto* part = part_with(segments_, [&](const FilePart& one) { return one.has_address(address); });
  if (part == nullptr) return std::nullopt;
  return address - part->address + part->offset;
}

std::optional<std::uint64_t> ProgramFile::address_of(std::uint64_t offset) const {
  const auto* part = part_with(segments_, [&](const FilePart& one) { return one.has_offset(offset); });
  if (part == nullptr) return std::nullopt;
  return offset - part->offset + part->address;
}

// A linker may put headers and constants into the same segment as code; sections tell them apart.
bool ProgramFile::is_code(std::uint64_t offset) const {
  const auto has = [&](const FilePart& one) { return one.code && one.has_offset(offset); };
  return part_with(sections_.empty() ? segments_ : sections_, has) != nullptr &&
         part_with(segments_, has) != nullptr;
}

std::uint64_t ProgramFile::decodes_from(std::uint64_t address) const {
  for (const auto& symbol : symbols_) {
    if (symbol.defined && address >= symbol.address && address - symbol.address < symbol.size)
      return symbol.address;
  }
  const auto* section =
      part_with(sections_, [&](const FilePart& one) { return one.code && one.has_address(address); });
  const auto frame = frame_before(address);
  if (section == nullptr) return frame.value_or(address);
  return frame && *frame >= section->address ? *frame : section->address;
}

// A sorted table of where functions begin (Linux Standard Base, .eh_frame_hdr), in the one encoding that
// linkers use: 4 bytes, relative to the table's own address.
std::optional<std::uint64_t> ProgramFile::frame_before(std::uint64_t address) const {
  struct Header {
    std::uint8_t version, frame_encoding, count_encoding, table_encoding;
    std::int32_t frames;
    std::uint32_t count;
  };
  struct Row {
    std::int32_t function, frame;
  };
  constexpr std::uint8_t kCountAsIs = 0x03;
  constexpr std::uint8_t kFromTable = 0x3b;
  if (!frames_) return std::nullopt;
  const auto table =
      std::string_view(content_).substr(std::min(frames_->offset, content_.size()), frames_->size);
  const auto header = load<Header>(table, 0);
  const bool known = header && header->version == 1 && header->count_encoding == kCountAsIs &&
                     header->table_encoding == kFromTable;
  if (!known) return std::nullopt;
  std::optional<std::uint64_t> before;
  for (std::size_t i = 0; i < header->count; ++i) {
    const auto row = load<Row>(table, sizeof(Header) + i * sizeof(Row));
    if (!row) break;
    const auto function = frames_->address + static_cast<std::uint64_t>(std::int64_t{row->function});
    if (function > address) break;
    before = function;
  }
  return before;
}

}  // namespace probebench::place
