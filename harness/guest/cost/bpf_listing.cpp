// SPDX-License-Identifier: MIT
#include "cost/bpf_listing.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <cstdlib>

#include "attach/bpf_program.h"
#include "kernel/bpf_text.h"

namespace probebench::cost {
namespace {

// Names of enum bpf_prog_type and enum bpf_link_type as libbpf knows them; newer kinds have their number.
std::string kind_name(const char* known, const char* what, std::uint32_t type) {
  return known != nullptr ? known : fmt::format("{} kind {}", what, type);
}

std::string program_line(const bpf_prog_info& info) {
  return fmt::format(
      "prog {} {} {} tag {:02x} jited {}", info.id,
      kind_name(libbpf_bpf_prog_type_str(static_cast<bpf_prog_type>(info.type)), "program", info.type),
      info.name, fmt::join(info.tag, ""), info.jited_prog_len);
}

// What tells one link's place from another's, where the kernel says it.
std::string place_in(const bpf_link_info& info, const char* name) {
  if (info.type == BPF_LINK_TYPE_RAW_TRACEPOINT) return fmt::format(" at {}", name);
  if (info.type != BPF_LINK_TYPE_TRACING || info.tracing.target_btf_id == 0) return {};
  return fmt::format(" at {}/{}/{}", info.tracing.attach_type, info.tracing.target_obj_id,
                     info.tracing.target_btf_id);
}

std::string link_line(int fd) {
  std::array<char, 128> name{};
  bpf_link_info info{};
  std::uint32_t size = sizeof info;
  if (bpf_obj_get_info_by_fd(fd, &info, &size) != 0) return {};
  if (info.type == BPF_LINK_TYPE_RAW_TRACEPOINT) {
    info = {};
    info.raw_tracepoint.tp_name = reinterpret_cast<std::uintptr_t>(name.data());
    info.raw_tracepoint.tp_name_len = name.size();
    if (bpf_obj_get_info_by_fd(fd, &info, &size) != 0) return {};
  }
  return fmt::format(
      "link {} of prog {} {}{}", info.id, info.prog_id,
      kind_name(libbpf_bpf_link_type_str(static_cast<bpf_link_type>(info.type)), "link", info.type),
      place_in(info, name.data()));
}

void list_programs(std::vector<ListedProbe>& listed) {
  for (std::uint32_t id = 0; bpf_prog_get_next_id(id, &id) == 0;) {
    const UniqueFd fd(bpf_prog_get_fd_by_id(id));
    const auto info = fd ? attach::info_of_program(fd.get()) : Result(bpf_prog_info{});
    if (info && info->id != 0) listed.push_back({std::string(kProgramListing), program_line(*info)});
  }
}

void list_links(std::vector<ListedProbe>& listed) {
  for (std::uint32_t id = 0; bpf_link_get_next_id(id, &id) == 0;) {
    const UniqueFd fd(bpf_link_get_fd_by_id(id));
    auto line = fd ? link_line(fd.get()) : std::string();
    if (!line.empty()) listed.push_back({std::string(kLinkListing), std::move(line)});
  }
}

// "prog 12 kprobe my_program tag ..." -> "kprobe my_program"
std::string name_of_program(const std::string& line) {
  const auto begin = line.find(' ', line.find(' ') + 1) + 1;
  return line.substr(begin, line.find(" tag ") - begin);
}

}  // namespace

std::vector<ListedProbe> list_bpf() {
  std::vector<ListedProbe> listed;
  list_programs(listed);
  list_links(listed);
  return listed;
}

std::uint32_t id_of_program(const std::string& line) {
  constexpr std::size_t kIdAt = sizeof "prog " - 1;
  return static_cast<std::uint32_t>(std::strtoul(line.c_str() + kIdAt, nullptr, 10));
}

std::string place_of_link(const std::string& line) {
  const auto at = line.find(" at ");
  return at == std::string::npos ? std::string() : line.substr(at + 4);
}

Result<BpfRunCounter> BpfRunCounter::make(const std::vector<ListedProbe>& programs) {
  BpfRunCounter counter;
  for (const auto& program : programs) {
    UniqueFd fd(bpf_prog_get_fd_by_id(id_of_program(program.line)));
    if (!fd) return kernel::bpf_error("open BPF " + program.line, errno);
    counter.programs_.push_back({name_of_program(program.line), std::move(fd)});
  }
  counter.statistics_ = TRY(attach::enable_bpf_run_statistics());
  return counter;
}

Result<std::vector<BpfRunCounter::Runs>> BpfRunCounter::read() const {
  std::vector<Runs> runs;
  for (const auto& program : programs_) {
    const auto info = TRY(attach::info_of_program(program.fd.get()));
    runs.push_back({program.name, info.run_cnt, info.recursion_misses, info.run_time_ns});
  }
  return runs;
}

}  // namespace probebench::cost
