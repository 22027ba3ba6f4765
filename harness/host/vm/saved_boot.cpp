// SPDX-License-Identifier: MIT
#include "vm/saved_boot.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <vector>

#include "base/digest.h"
#include "base/safe_path.h"
#include "base/text.h"
#include "kernels/cache.h"
#include "vm/confined_qemu.h"
#include "vm/qemu_monitor.h"
#include "vm/vm_session.h"
#include "wire/plan_item.h"

namespace probebench::vm {
namespace {

constexpr const char* kPart = "boots";  // of the cache
constexpr const char* kState = "state";
constexpr const char* kDigest = "state.sha256";
constexpr const char* kConsole = "console.log";
constexpr std::size_t kMostKept = 20;  // of about 80 MB each; ci/test has so many kinds
constexpr std::size_t kKeyDigits = 24;

// All but what differs between two runs of one guest: the plan, and who writes down its instructions.
Result<std::string> key_of(const BootInputs& inputs) {
  auto setup = inputs.setup;
  setup.start = Start::boot_to_save;
  setup.paths = {};
  std::string text = inputs.qemu_version + "\n";
  for (const auto& word : qemu_command(setup)) text += word + "\n";
  auto kernel = inputs.kernel_sha256;
  if (kernel.empty()) kernel = TRY(sha256_file(inputs.kernel));
  text += kernel + "\n" + sha256_text(inputs.initramfs) + "\n";
  return sha256_text(text).substr(0, kKeyDigits);
}

fs::path place_of(const std::string& key) {
  return fs::path(kPart) / key;
}

// Read as a whole each time: what it is checked to be is what QEMU gets, by the same descriptor.
Result<SavedBoot> cached_boot(const fs::path& cache, const std::string& key) {
  const auto recorded = TRY(kernels::read_cached(cache, place_of(key) / kDigest));
  auto state = TRY(kernels::open_cached(cache, place_of(key) / kState));
  const auto found = TRY(sha256_fd(state.get(), cache / place_of(key) / kState));
  if (found != recorded) {
    return Error{Fault::infra, "read the saved guest " + key + ": it was changed", 0, {}};
  }
  if (::lseek(state.get(), 0, SEEK_SET) != 0)
    return errno_error(Fault::infra, "rewind the saved guest " + key);
  auto console = TRY(kernels::read_cached(cache, place_of(key) / kConsole));
  return SavedBoot{key, std::move(state), std::move(console)};
}

// The ones that were used last are kept.
void touch(const fs::path& cache, const std::string& key) {
  const auto directory = open_below(cache, place_of(key));
  if (directory) ::futimens(directory->get(), nullptr);
}

Status drop_oldest(const fs::path& cache) {
  std::multimap<fs::file_time_type, fs::path, std::greater<>> kept;
  std::error_code failure;
  for (const auto& entry : fs::directory_iterator(cache / kPart, failure)) {
    if (entry.path().filename().string().starts_with(kTemporaryPrefix)) continue;
    kept.emplace(fs::last_write_time(entry.path(), failure), entry.path().filename());
  }
  std::size_t seen = 0;
  for (const auto& [when, name] : kept) {
    if (++seen > kMostKept) TRY(remove_below(cache, fs::path(kPart) / name));
  }
  return Done{};
}

struct Saving {
  Command command;
  fs::path console;
  int monitor = -1;
  int state = -1;
};

// Boots until the guest waits, and writes down its state.
Status boot_and_save(const Saving& saving, std::chrono::seconds deadline) {
  Status saved = Error{Fault::infra, "save the booted guest: it did not wait for its plan", 0, {}};
  VmSession session;
  session.command = saving.command;
  session.guest_log = saving.console;
  session.records_fd = kRecordsFd;
  session.log_fd = kLogFd;
  session.first_line_deadline = session.silence_deadline = session.run_deadline = deadline;
  session.on_line = [&](std::string_view line) {
    if (line == wire::kWaitsForPlan) saved = save_and_quit(saving.monitor, saving.state);
    return true;
  };
  const auto outcome = TRY(run_session(session));
  if (outcome.spoke) return saved;
  return Error{Fault::infra, "save the booted guest: " + outcome.detail, 0, {}};
}

Result<UniqueFd> create_state(const fs::path& path) {
  UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!fd) return errno_error(Fault::infra, "create " + path.string());
  return fd;
}

Status save_into(const fs::path& directory, const BootInputs& inputs) {
  auto setup = inputs.setup;
  setup.start = Start::boot_to_save;
  setup.paths = {};
  auto files = TRY(QemuFiles::open(inputs.kernel, inputs.initramfs, setup.paths));
  auto monitor = TRY(monitor_ends());
  const auto state = TRY(create_state(directory / kState));
  files.add_monitor(std::move(monitor.qemus));
  TRY(boot_and_save({.command = {qemu_command(setup), {}, {}, files.passed(), confinement_of(setup)},
                     .console = directory / kConsole,
                     .monitor = monitor.ours.get(),
                     .state = state.get()},
                    inputs.deadline));
  const auto digest = TRY(sha256_file(directory / kState));
  return write_file_atomic(directory / kDigest, digest);
}

Status boot_for_the_cache(const BootInputs& inputs, const std::string& key, kernels::Progress& progress) {
  auto scratch = TRY(kernels::ScratchDirectory::make(inputs.cache, kPart, progress));
  TRY(save_into(scratch.path(), inputs));
  const auto lock = TRY(kernels::CacheLock::acquire(inputs.cache, progress));
  const auto is_sound = [&](const auto&) { return cached_boot(inputs.cache, key).ok(); };
  TRY(scratch.publish_unless(is_sound, lock, key));
  return drop_oldest(inputs.cache);
}

// Virtual machines of one run that are alike boot once.
std::mutex& mutex_of(const std::string& key) {
  static std::mutex all;
  static std::map<std::string, std::mutex> each;
  const std::lock_guard lock(all);
  return each[key];
}

}  // namespace

Result<SavedBoot> provide_saved_boot(const BootInputs& inputs, kernels::Progress& progress) {
  const auto key = TRY(key_of(inputs));
  const std::lock_guard lock(mutex_of(key));
  if (auto kept = cached_boot(inputs.cache, key)) {
    touch(inputs.cache, key);
    return kept;
  }
  TRY(boot_for_the_cache(inputs, key, progress));
  return cached_boot(inputs.cache, key);
}

Status forget_saved_boot(const fs::path& cache, const std::string& key) {
  return remove_below(cache, place_of(key));
}

}  // namespace probebench::vm
