// SPDX-License-Identifier: MIT
#include "kernel/bpf_error.h"

#include <bpf/libbpf.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "base/lines.h"

namespace probebench::kernel {
namespace {

constexpr int kNotSupported = 524;  // the kernel's internal ENOTSUPP, which it lets out of bpf(2)

// The first warning since the last error: libbpf begins with the cause and ends with what followed from it.
std::string& first_warning() {
  static std::string text;
  return text;
}

int keep(libbpf_print_level level, const char* format, va_list arguments) {
  if (level != LIBBPF_WARN || !first_warning().empty()) return 0;
  char line[256];
  const int length = std::vsnprintf(line, sizeof line, format, arguments);
  if (length > 0) first_warning() = line;
  return length;
}

std::string one_line(std::string_view text) {
  std::string line(trimmed(text));
  std::ranges::replace(line, '\n', ' ');
  return line;
}

bool means_unsupported(int err) {
  return err == EPERM || err == EOPNOTSUPP || err == kNotSupported || err == ENOSYS;
}

}  // namespace

void keep_bpf_warnings() {
  libbpf_set_print(keep);
}

Error bpf_error(std::string what, int err) {
  const int positive = std::abs(err);
  Error error{means_unsupported(positive) ? Fault::unsupported : Fault::cell, std::move(what),
              positive == kNotSupported ? EOPNOTSUPP : positive, one_line(first_warning())};
  first_warning().clear();
  return error;
}

}  // namespace probebench::kernel
