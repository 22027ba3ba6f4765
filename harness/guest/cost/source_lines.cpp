// SPDX-License-Identifier: MIT
#include "cost/source_lines.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>

#include <algorithm>

#include "base/text.h"
#include "base/unique_fd.h"
#include "cost/bpf_listing.h"
#include "kernel/bpf_text.h"

namespace probebench::cost {
namespace {

struct LineTable {
  std::vector<bpf_line_info> lines;
  std::vector<std::uint64_t> addresses;  // where the code of each begins
  std::uint32_t btf_id = 0;
};

LineTable line_table_of(int fd) {
  LineTable table;
  bpf_prog_info info{};
  std::uint32_t size = sizeof info;
  if (bpf_obj_get_info_by_fd(fd, &info, &size) != 0 || info.nr_line_info != info.nr_jited_line_info)
    return {};
  table.lines.resize(info.nr_line_info);
  table.addresses.resize(info.nr_jited_line_info);
  table.btf_id = info.btf_id;
  info = {};
  info.line_info = reinterpret_cast<std::uintptr_t>(table.lines.data());
  info.nr_line_info = static_cast<std::uint32_t>(table.lines.size());
  info.line_info_rec_size = sizeof(bpf_line_info);
  info.jited_line_info = reinterpret_cast<std::uintptr_t>(table.addresses.data());
  info.nr_jited_line_info = static_cast<std::uint32_t>(table.addresses.size());
  info.jited_line_info_rec_size = sizeof(std::uint64_t);
  size = sizeof info;
  if (bpf_obj_get_info_by_fd(fd, &info, &size) != 0) return {};
  return table;
}

std::string text_at(const btf* types, std::uint32_t offset) {
  const char* text = btf__name_by_offset(types, offset);
  return text == nullptr ? std::string() : std::string(trimmed(text));
}

void add_lines(const LineTable& table, std::vector<SourceLine>& lines) {
  const kernel::OwnedTypes types(btf__load_from_kernel_by_id(table.btf_id));
  if (!types) return;
  for (std::size_t i = 0; i < table.lines.size(); ++i) {
    const auto& line = table.lines[i];
    lines.push_back({.address = table.addresses[i],
                     .file = text_at(types.get(), line.file_name_off),
                     .line = BPF_LINE_INFO_LINE_NUM(line.line_col),
                     .text = text_at(types.get(), line.line_off)});
  }
}

}  // namespace

std::vector<SourceLine> source_lines(const std::vector<ListedProbe>& listed) {
  std::vector<SourceLine> lines;
  for (const auto& one : listed) {
    if (one.listing != kProgramListing) continue;
    const UniqueFd fd(bpf_prog_get_fd_by_id(id_of_program(one.line)));
    const auto table = fd ? line_table_of(fd.get()) : LineTable();
    if (table.btf_id != 0) add_lines(table, lines);
  }
  std::ranges::sort(lines, {}, &SourceLine::address);
  return lines;
}

}  // namespace probebench::cost
