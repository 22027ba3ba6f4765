// SPDX-License-Identifier: MIT
#include "place/user_place.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "place/library_name.h"
#include "plan/selection.h"
#include "verify/x86/instructions.h"

namespace probebench::place {
namespace {

using plan::AskedProbe;

Error bad(const AskedProbe& asked, std::string_view problem, std::string hint = {}) {
  return plan::bad_probe(asked.text, problem, std::move(hint));
}

std::string suggestion(std::string_view name, const std::vector<std::string>& known,
                       std::string_view otherwise) {
  return plan::did_you_mean(name, std::vector<std::string_view>(known.begin(), known.end()), otherwise);
}

// Each once.
std::vector<std::string> function_names(const ProgramFile& file) {
  std::set<std::string> names;
  for (const auto& symbol : file.symbols()) {
    if (symbol.defined) names.insert(symbol.name);
  }
  return {names.begin(), names.end()};
}

Error no_function(const ProgramFile& file, const AskedProbe& asked) {
  const auto& name = asked.in_file->symbol;
  const auto imported = std::ranges::any_of(
      file.symbols(), [&](const FileSymbol& one) { return one.name == name && !one.defined; });
  if (imported) {
    return bad(asked, fmt::format("{} is called there, but it is in another file", name),
               "name the library that has it");
  }
  const auto names = function_names(file);
  return bad(asked, fmt::format("{} has no function {}", asked.in_file->file, name),
             names.empty() ? "its symbols are stripped: FILE+OFFSET"
                           : suggestion(name, names, "nm, or nm -D, lists its functions"));
}

// A function that both tables of the file have is one function.
Result<FileSymbol> function_in(const ProgramFile& file, const AskedProbe& asked) {
  const FileSymbol* found = nullptr;
  for (const auto& symbol : file.symbols()) {
    if (symbol.name != asked.in_file->symbol || !symbol.defined) continue;
    if (found != nullptr && found->address != symbol.address) {
      return bad(asked, "several functions have this name", "FILE+OFFSET says which");
    }
    found = &symbol;
  }
  if (found == nullptr) return no_function(file, asked);
  if (!found->indirect) return *found;
  return bad(asked, fmt::format("which function {} is, is found out when a program starts", found->name),
             "name the one that this CPU gets, or FILE+OFFSET");
}

Result<std::uint64_t> offset_of_function(const ProgramFile& file, const AskedProbe& asked) {
  const auto function = TRY(function_in(file, asked));
  const auto within = asked.in_file->offset.value_or(0);
  if (within != 0 && within >= function.size) {
    return bad(asked, fmt::format("{} is {} bytes long", function.name, function.size));
  }
  const auto offset = file.offset_of(function.address + within);
  if (offset) return *offset;
  return bad(asked, fmt::format("{} is not in the file", function.name));
}

// What is a code's address may be no offset of code, and the other way round.
Status check_code(const ProgramFile& file, const AskedProbe& asked, std::uint64_t offset) {
  if (file.is_code(offset)) return Done{};
  const auto meant = file.offset_of(offset);
  if (meant && file.is_code(*meant) && *meant != offset) {
    return bad(asked, fmt::format("{:#x} is an address; its offset in the file is {:#x}", offset, *meant));
  }
  if (offset >= file.bytes().size()) {
    return bad(asked, fmt::format("the file is {:#x} bytes long", file.bytes().size()));
  }
  return bad(asked, fmt::format("there is no code at {:#x}", offset), "FILE:FUNCTION needs no offset");
}

Status check_instruction(const ProgramFile& file, const AskedProbe& asked, std::uint64_t offset) {
  const auto address = file.address_of(offset).value_or(0);
  const auto from = file.decodes_from(address);
  const auto begin = file.offset_of(from);
  if (!begin || *begin > offset) return Done{};
  const auto bytes = file.bytes().substr(*begin);
  const auto found = verify::instruction_around(
      {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}, offset - *begin);
  if (!found) return bad(asked, fmt::format("no instruction is at {:#x}", offset));
  if (*begin + found->begin == offset) return Done{};
  return bad(asked, fmt::format("{:#x} is inside an instruction", offset),
             fmt::format("it begins at {:#x}", *begin + found->begin));
}

// A return probe finds the caller's address where it is only while no instruction has run.
Status check_entry(const ProgramFile& file, const AskedProbe& asked, std::uint64_t offset) {
  if (!needs_return(asked.site.probe_type)) return Done{};
  const auto address = file.address_of(offset).value_or(0);
  const auto inside = std::ranges::any_of(file.symbols(), [&](const FileSymbol& one) {
    return one.defined && address > one.address && address - one.address < one.size;
  });
  if (!inside) return Done{};
  return bad(asked, fmt::format("{:#x} is not the beginning of a function", offset));
}

Result<std::vector<FilePoint>> marker_points(const ProgramFile& file, const AskedProbe& asked) {
  const auto& wanted = *asked.in_file;
  std::vector<FilePoint> points;
  std::set<std::string> names;
  for (const auto& marker : file.markers()) {
    names.insert(marker.provider + ":" + marker.name);
    if (marker.provider == wanted.provider && marker.name == wanted.marker) points.push_back(marker.point);
  }
  if (!points.empty()) return points;
  const auto name = wanted.provider + ":" + wanted.marker;
  if (names.empty()) return bad(asked, fmt::format("{} has no USDT markers", wanted.file));
  return bad(asked, fmt::format("{} has no marker {}", wanted.file, name),
             suggestion(name, {names.begin(), names.end()}, "readelf -n lists them"));
}

}  // namespace

Result<std::vector<FilePoint>> points_in(const ProgramFile& file, const AskedProbe& asked) {
  const auto& wanted = *asked.in_file;
  if (!wanted.marker.empty()) return marker_points(file, asked);
  const auto offset = wanted.symbol.empty() ? Result<std::uint64_t>(wanted.offset.value_or(0))
                                            : offset_of_function(file, asked);
  if (!offset) return offset.error();
  TRY(check_code(file, asked, *offset));
  TRY(check_instruction(file, asked, *offset));
  TRY(check_entry(file, asked, *offset));
  return std::vector{FilePoint{*offset}};
}

Result<UserPlace> find_place(const AskedProbe& asked) {
  const auto path = find_file(asked.in_file->file);
  if (!path) {
    return bad(asked, fmt::format("there is no file {}", asked.in_file->file),
               "a path, or the name of a library or of a program on PATH");
  }
  const auto file = ProgramFile::read(*path);
  if (!file) return bad(asked, fmt::format("{}: {}", path->string(), file.error().message()));
  auto points = TRY(points_in(*file, asked));
  return UserPlace{*path, std::move(points)};
}

}  // namespace probebench::place
