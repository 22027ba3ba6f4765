// SPDX-License-Identifier: MIT
#include "vm/accel_verdict.h"

#include <mutex>
#include <nlohmann/json.hpp>

namespace probebench::vm {
namespace {

using nlohmann::json;

fs::path file_in(const fs::path& cache) {
  return cache / "kvm-refusals.json";
}

std::string name_of(const AccelKey& key) {
  return key.host_release + " | " + key.qemu_version + " | " + key.guest_release;
}

// Virtual machines of one run find out side by side. Another run's verdict may be lost, and is then found
// anew.
std::mutex& file_mutex() {
  static std::mutex mutex;
  return mutex;
}

json read_refusals(const fs::path& cache) {
  const auto text = read_file(file_in(cache));
  if (!text) return json::object();
  auto refusals = json::parse(*text, nullptr, false);
  return refusals.is_object() ? refusals : json::object();  // an unreadable one is found out anew
}

}  // namespace

std::optional<std::string> kvm_refusal(const fs::path& cache, const AccelKey& key) {
  const auto refusals = read_refusals(cache);
  const auto found = refusals.find(name_of(key));
  if (found == refusals.end() || !found->is_string()) return std::nullopt;
  return found->get<std::string>();
}

Status remember_kvm_refusal(const fs::path& cache, const AccelKey& key, const std::string& why) {
  const std::lock_guard lock(file_mutex());
  auto refusals = read_refusals(cache);
  refusals[name_of(key)] = why;
  return write_file_atomic(file_in(cache),
                           refusals.dump(2, ' ', true, json::error_handler_t::replace) + "\n");
}

Status forget_kvm_refusal(const fs::path& cache, const AccelKey& key) {
  const std::lock_guard lock(file_mutex());
  auto refusals = read_refusals(cache);
  if (refusals.erase(name_of(key)) == 0) return Done{};
  return write_file_atomic(file_in(cache), refusals.dump(2) + "\n");
}

}  // namespace probebench::vm
