// SPDX-License-Identifier: MIT
#include "session/foreign_programs.h"

#include <fmt/format.h>
#include <linux/bpf.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/unique_fd.h"

namespace probebench::session {
namespace {

constexpr std::size_t kNamed = 4;

struct Tracing {
  std::uint32_t type;
  std::string_view name;
};
constexpr std::array kTracing{
    Tracing{BPF_PROG_TYPE_KPROBE, "kprobe"},
    Tracing{BPF_PROG_TYPE_TRACEPOINT, "tracepoint"},
    Tracing{BPF_PROG_TYPE_PERF_EVENT, "perf-event"},
    Tracing{BPF_PROG_TYPE_RAW_TRACEPOINT, "raw-tracepoint"},
    Tracing{BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE, "raw-tracepoint"},
    Tracing{BPF_PROG_TYPE_TRACING, "tracing"},
    Tracing{BPF_PROG_TYPE_LSM, "lsm"},
};

long bpf(bpf_cmd command, bpf_attr& attributes) {
  return ::syscall(SYS_bpf, command, &attributes, sizeof attributes);
}

std::optional<BpfProgram> program_of(std::uint32_t id) {
  bpf_attr open{};
  open.prog_id = id;
  const UniqueFd program(static_cast<int>(bpf(BPF_PROG_GET_FD_BY_ID, open)));
  if (!program) return std::nullopt;  // it has gone
  bpf_prog_info info{};
  bpf_attr ask{};
  ask.info.bpf_fd = static_cast<std::uint32_t>(program.get());
  ask.info.info_len = sizeof info;
  ask.info.info = reinterpret_cast<std::uint64_t>(&info);
  if (bpf(BPF_OBJ_GET_INFO_BY_FD, ask) != 0) return std::nullopt;
  return BpfProgram{info.type, std::string(info.name, ::strnlen(info.name, sizeof info.name))};
}

}  // namespace

std::optional<BpfPrograms> loaded_bpf_programs() {
  BpfPrograms programs;
  bpf_attr next{};
  while (bpf(BPF_PROG_GET_NEXT_ID, next) == 0) {
    if (auto program = program_of(next.next_id)) programs.push_back(std::move(*program));
    next.start_id = next.next_id;
  }
  if (errno != ENOENT) return std::nullopt;
  return programs;
}

std::string tracing_programs(const BpfPrograms& programs) {
  std::string named;
  std::size_t count = 0;
  for (const auto& program : programs) {
    const auto kind = std::ranges::find(kTracing, program.type, &Tracing::type);
    if (kind == kTracing.end()) continue;
    if (++count > kNamed) continue;
    named +=
        fmt::format("{}{} {}", count == 1 ? "" : ", ", kind->name, program.name.empty() ? "?" : program.name);
  }
  if (count > kNamed) named += fmt::format(" and {} more", count - kNamed);
  return named;
}

}  // namespace probebench::session
