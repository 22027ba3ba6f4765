// SPDX-License-Identifier: MIT
#pragma once

#include <charconv>
#include <cstdint>
#include <string_view>

namespace probebench::kernel {

inline constexpr const char* kKallsyms = "/proc/kallsyms";

// A line of it: "ffffffff81000000 T _stext", "ffffffffc0201000 t pb_open\t[probebench]".
class KernelSymbol {
 public:
  // The line has to outlive it.
  explicit KernelSymbol(std::string_view line) : line_(line) {}

  // False: data, or no symbol at all.
  bool is_text() const {
    return line_.size() > kNameAt && std::string_view("tTwW").find(line_[kTypeAt]) != line_.npos;
  }
  std::uint64_t address() const {
    std::uint64_t address = 0;
    std::from_chars(line_.data(), line_.data() + kTypeAt - 1, address, 16);
    return address;
  }
  std::string_view address_text() const { return line_.substr(0, kTypeAt - 1); }
  std::string_view name() const { return named().substr(0, named().find('\t')); }
  // "pb_open\t[probebench]"; without the owner where that is the kernel itself.
  std::string_view named() const {
    return line_.size() > kNameAt ? line_.substr(kNameAt) : std::string_view();
  }

 private:
  static constexpr std::size_t kTypeAt = 17;
  static constexpr std::size_t kNameAt = 19;

  std::string_view line_;
};

}  // namespace probebench::kernel
