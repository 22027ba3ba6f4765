// SPDX-License-Identifier: MIT
#include "kernels_fixture.h"

#include <elf.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "base/archive_handle.h"

namespace probebench::kernels {
namespace {

std::string path_variable() {
  const char* path = std::getenv("PATH");
  return path == nullptr ? "" : path;
}

la_ssize_t append(archive*, void* text, const void* data, std::size_t size) {
  static_cast<std::string*>(text)->append(static_cast<const char*>(data), size);
  return static_cast<la_ssize_t>(size);
}

std::string gzip(const std::string& content) {
  std::string bytes;
  const WriterHandle writer(archive_write_new());
  const EntryHandle entry(archive_entry_new());
  archive_entry_set_filetype(entry.get(), AE_IFREG);
  archive_write_add_filter_gzip(writer.get());
  archive_write_set_format_raw(writer.get());
  archive_write_set_bytes_per_block(writer.get(), 0);
  archive_write_open(writer.get(), &bytes, nullptr, append, nullptr);
  archive_write_header(writer.get(), entry.get());
  archive_write_data(writer.get(), content.data(), content.size());
  archive_write_close(writer.get());
  return bytes;
}

void put(archive* writer, archive_entry* entry, const PackedEntry& one) {
  const auto type = one.type == 0 ? AE_IFREG : one.type;
  archive_entry_clear(entry);
  archive_entry_set_pathname(entry, one.name.c_str());
  archive_entry_set_filetype(entry, type);
  archive_entry_set_perm(entry, 0644);
  if (type == AE_IFLNK) archive_entry_set_symlink(entry, one.content.c_str());
  archive_entry_set_size(entry, type == AE_IFREG ? static_cast<la_int64_t>(one.content.size()) : 0);
  archive_write_header(writer, entry);
  if (type == AE_IFREG) archive_write_data(writer, one.content.data(), one.content.size());
}

template <typename T>
void store(std::string& bytes, std::size_t offset, T value) {
  std::memcpy(bytes.data() + offset, &value, sizeof value);
}

}  // namespace

std::string packed(const std::vector<PackedEntry>& entries, int (*format)(archive*),
                   int (*filter)(archive*)) {
  std::string bytes(1 << 20, '\0');
  std::size_t used = 0;
  const WriterHandle writer(archive_write_new());
  format(writer.get());
  filter(writer.get());
  archive_write_open_memory(writer.get(), bytes.data(), bytes.size(), &used);
  const EntryHandle entry(archive_entry_new());
  for (const auto& one : entries) put(writer.get(), entry.get(), one);
  archive_write_close(writer.get());
  bytes.resize(used);
  return bytes;
}

FakePrograms::FakePrograms() : saved_path_(path_variable()) {
  ::setenv("PATH", (bin_.path().string() + ":" + saved_path_).c_str(), 1);
}

FakePrograms::~FakePrograms() {
  ::setenv("PATH", saved_path_.c_str(), 1);
}

void FakePrograms::add(const std::string& name, const std::string& script) const {
  fs::permissions(bin_.write(name, "#!/bin/sh\n" + script), fs::perms::owner_all);
}

void FakePrograms::remove(const std::string& name) const {
  fs::remove(bin_.path() / name);
}

void FakePrograms::hide_all_others() const {
  ::setenv("PATH", bin_.path().c_str(), 1);
}

bool RecordedSteps::mentions(std::string_view text) const {
  return std::ranges::any_of(steps, [&](const auto& step) { return step.find(text) != std::string::npos; });
}

// Offsets as in Documentation/arch/x86/boot.rst: one setup sector, the payload right behind it.
std::string fake_boot_image(const std::string& release) {
  const std::string payload = gzip(
      "\x7f"
      "ELF" +
      std::string(8192, '\0'));
  std::string image(1024, '\0');
  image[0x1f1] = 1;
  store<std::uint16_t>(image, 0x1fe, 0xaa55);
  image.replace(0x202, 4, "HdrS");
  store<std::uint16_t>(image, 0x206, 0x020f);
  store<std::uint16_t>(image, 0x20e, 0x0100);
  image.replace(0x300, release.size() + 10, release + " (builder)");
  store<std::uint32_t>(image, 0x248, 0);
  store<std::uint32_t>(image, 0x24c, static_cast<std::uint32_t>(payload.size()));
  return image + payload;
}

std::string elf_with_section(const std::string& name, const std::string& content) {
  const auto names = '\0' + name + '\0' + ".shstrtab" + '\0';
  std::string elf(sizeof(Elf64_Ehdr), '\0');
  Elf64_Ehdr header{};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_shoff = sizeof header;
  header.e_shnum = 2;
  header.e_shstrndx = 1;
  const std::size_t data = sizeof header + 2 * sizeof(Elf64_Shdr);
  Elf64_Shdr sections[2]{};
  sections[0].sh_name = 1;
  sections[0].sh_type = SHT_PROGBITS;
  sections[0].sh_offset = data;
  sections[0].sh_size = content.size();
  sections[1].sh_name = static_cast<Elf64_Word>(name.size() + 2);
  sections[1].sh_type = SHT_STRTAB;
  sections[1].sh_offset = data + content.size();
  sections[1].sh_size = names.size();
  std::memcpy(elf.data(), &header, sizeof header);
  elf.append(reinterpret_cast<const char*>(sections), sizeof sections);
  return elf + content + names;
}

}  // namespace probebench::kernels
