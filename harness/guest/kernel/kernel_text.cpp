// SPDX-License-Identifier: MIT
#include "kernel/kernel_text.h"

#include <elf.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <vector>

#include "base/unique_fd.h"
#include "kernel/kallsyms.h"

namespace probebench::kernel {
namespace {

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
    const KernelSymbol found(line);
    if (found.name() == symbol) return found.address();
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

}  // namespace probebench::kernel
