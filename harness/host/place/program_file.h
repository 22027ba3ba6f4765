// SPDX-License-Identifier: MIT
// A user's program or library: its functions, its markers, and what lies where in the file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/plan.h"

namespace probebench::place {

struct FileSymbol {
  std::string name;
  std::uint64_t address = 0;
  std::uint64_t size = 0;
  bool function = false;
  bool defined = false;   // else another file has it
  bool indirect = false;  // the program finds out at its start which function it is (STT_GNU_IFUNC)
};

struct FileMarker {
  std::string provider;
  std::string name;
  FilePoint point;
};

// A part of the file that is loaded, or a section of it.
struct FilePart {
  std::uint64_t offset = 0;
  std::uint64_t address = 0;
  std::uint64_t size = 0;  // in the file
  bool code = false;

  bool has_offset(std::uint64_t at) const { return at >= offset && at - offset < size; }
  bool has_address(std::uint64_t at) const { return at >= address && at - address < size; }
};

class ProgramFile {
 public:
  // Errors say what the file is instead.
  static Result<ProgramFile> read(const std::filesystem::path& path);
  static Result<ProgramFile> parse(std::string content);

  const std::vector<FileSymbol>& symbols() const { return symbols_; }
  std::vector<FileMarker> markers() const;
  std::string_view bytes() const { return content_; }

  // Of what is loaded.
  std::optional<std::uint64_t> offset_of(std::uint64_t address) const;
  std::optional<std::uint64_t> address_of(std::uint64_t offset) const;
  bool is_code(std::uint64_t offset) const;
  // Where decoding can begin to find the instruction at the address: the function that has it, by symbols or
  // by what the file tells debuggers of its frames, else the section.
  std::uint64_t decodes_from(std::uint64_t address) const;

 private:
  Status take_segments();
  void take_sections();
  void take_symbols(std::uint32_t type);
  std::optional<std::uint64_t> frame_before(std::uint64_t address) const;

  std::string content_;
  std::vector<FilePart> segments_;
  std::vector<FilePart> sections_;  // that are loaded
  std::optional<FilePart> frames_;  // .eh_frame_hdr
  std::uint64_t marker_base_ = 0;   // the address of .stapsdt.base
  std::vector<FileSymbol> symbols_;
};

}  // namespace probebench::place
