// SPDX-License-Identifier: MIT
#include "kernel/setting.h"

#include <utility>

#include "base/file.h"
#include "base/lines.h"

namespace probebench::kernel {

Result<ScopedSetting> ScopedSetting::set(const std::filesystem::path& path, const std::string& value) {
  auto content = read_file(path);
  if (!content) return Error{Fault::cell, content.error().what, content.error().err, {}};
  ScopedSetting setting;
  std::string original(trimmed(*content));
  if (original == value) return setting;
  if (auto status = write_setting(path, value); !status) return status.error();
  setting.path_ = path;
  setting.original_ = std::move(original);
  return setting;
}

ScopedSetting::ScopedSetting(ScopedSetting&& other) noexcept
    : path_(std::move(other.path_)), original_(std::exchange(other.original_, {})) {}

ScopedSetting& ScopedSetting::operator=(ScopedSetting&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(original_, other.original_);
  return *this;
}

ScopedSetting::~ScopedSetting() {
  if (original_.empty()) return;
  // The value was the kernel's own; there is nobody left to tell if it is refused now.
  [[maybe_unused]] const auto status = write_setting(path_, original_);
}

Result<ScopedSetting> set_optimization(Optimization wanted, const std::filesystem::path& root) {
  const auto path = root / "proc/sys/debug/kprobes-optimization";
  const bool absent = !std::filesystem::exists(path);
  if (wanted == Optimization::any || (absent && wanted == Optimization::off)) return ScopedSetting();
  return ScopedSetting::set(path, wanted == Optimization::on ? "1" : "0");
}

}  // namespace probebench::kernel
