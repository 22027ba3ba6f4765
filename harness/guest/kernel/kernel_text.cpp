// SPDX-License-Identifier: MIT
#include "kernel/kernel_text.h"

#include <elf.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "base/split.h"
#include "base/unique_fd.h"

namespace probebench {
namespace {

constexpr std::size_t kEndbrBytes = 4;
// endbr64, and the nops that Linux seals it with.
constexpr std::array<std::array<std::uint8_t, kEndbrBytes>, 3> kEndbrForms{
    {{0xf3, 0x0f, 0x1e, 0xfa}, {0x66, 0x0f, 0x1f, 0x00}, {0x0f, 0x1f, 0x40, 0xd6}}};

bool read_at(int fd, std::uint64_t offset, void* to, std::size_t size) {
  return ::pread(fd, to, size, static_cast<off_t>(offset)) == static_cast<ssize_t>(size);
}

std::vector<Elf64_Phdr> segments_of(int fd) {
  Elf64_Ehdr header{};
  if (!read_at(fd, 0, &header, sizeof header)) return {};
  std::vector<Elf64_Phdr> segments(header.e_phnum);
  if (!read_at(fd, header.e_phoff, segments.data(), segments.size() * sizeof(Elf64_Phdr))) return {};
  return segments;
}

bool holds(const Elf64_Phdr& segment, std::uint64_t address, std::size_t length) {
  return segment.p_type == PT_LOAD && address >= segment.p_vaddr &&
         address + length <= segment.p_vaddr + segment.p_memsz;
}

}  // namespace

std::uint64_t address_in_kallsyms(std::istream& listing, std::string_view symbol) {
  for (std::string line; std::getline(listing, line);) {
    if (line.find(symbol) == std::string::npos) continue;
    const auto words = split(line, ' ');
    if (words.size() < 3 || words[2].substr(0, words[2].find('\t')) != symbol) continue;
    std::uint64_t address = 0;
    std::from_chars(words[0].data(), words[0].data() + words[0].size(), address, 16);
    return address;
  }
  return 0;
}

Result<Bytes> read_kernel_text(std::uint64_t address, std::size_t length,
                               const std::filesystem::path& kcore) {
  const UniqueFd fd(::open(kcore.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return errno_error(Fault::unsupported, "read kernel text in " + kcore.string());
  for (const auto& segment : segments_of(fd.get())) {
    if (!holds(segment, address, length)) continue;
    Bytes bytes(length);
    if (read_at(fd.get(), segment.p_offset + (address - segment.p_vaddr), bytes.data(), length)) return bytes;
    return errno_error(Fault::cell, fmt::format("read {:#x} in {}", address, kcore.string()));
  }
  return Error{Fault::cell, fmt::format("find {:#x} in {}", address, kcore.string()), ENOENT, {}};
}

std::uint64_t ftrace_location(std::uint64_t function, const Bytes& text) {
  for (const auto& form : kEndbrForms) {
    if (text.size() >= form.size() && std::equal(form.begin(), form.end(), text.begin())) {
      return function + kEndbrBytes;
    }
  }
  return function;
}

}  // namespace probebench
