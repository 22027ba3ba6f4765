// SPDX-License-Identifier: MIT
#include "agent/carried_disk.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <string>
#include <thread>

#include "base/unique_fd.h"
#include "wire/plan_item.h"

namespace probebench::agent {
namespace {

namespace fs = std::filesystem;

constexpr const char* kDevice = "/dev/nvme0n1";
// The kernel looks for disks beside what it does else. An idle guest's time is free, the disk's is not.
constexpr std::chrono::milliseconds kLook{1};
constexpr int kLooks = 100'000;

Status wait_for_device() {
  for (int i = 0; i < kLooks; ++i) {
    if (::access(kDevice, F_OK) == 0) return Done{};
    std::this_thread::sleep_for(kLook);
  }
  return Error{Fault::infra, std::string("find the disk with the user's files: no ") + kDevice, ENODEV, {}};
}

// Mapping all of it reads it without a copy.
Status read_all(const fs::path& file) {
  const UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat info {};
  if (!fd || ::fstat(fd.get(), &info) != 0) return errno_error(Fault::infra, "open " + file.string());
  const auto size = static_cast<std::size_t>(info.st_size);
  if (size == 0) return Done{};
  void* const all = ::mmap(nullptr, size, PROT_READ, MAP_SHARED | MAP_POPULATE, fd.get(), 0);
  if (all == MAP_FAILED) return errno_error(Fault::infra, "read " + file.string());
  ::munmap(all, size);
  return Done{};
}

// A place of its own to be mounted on; one that the root has already keeps what it has.
Status put(const fs::path& file, const fs::path& place) {
  const UniqueFd made(::open(place.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755));
  if (!made && errno == EEXIST) return Done{};
  if (!made) return errno_error(Fault::infra, "create " + place.string());
  if (::mount(file.c_str(), place.c_str(), nullptr, MS_BIND, nullptr) == 0) return read_all(file);
  return errno_error(Fault::infra, "mount a file on " + place.string());
}

}  // namespace

Status mount_carried_disk() {
  const auto disk = fs::path("/") / wire::kDiskPlace;
  if (::access(disk.c_str(), F_OK) != 0) return Done{};
  TRY(wait_for_device());
  if (::mount(kDevice, disk.c_str(), "ext4", MS_RDONLY, nullptr) != 0)
    return errno_error(Fault::infra, std::string("mount ") + kDevice);
  std::error_code failure;
  for (fs::recursive_directory_iterator entry(disk, failure), end; !failure && entry != end;
       entry.increment(failure)) {
    const auto place = "/" / entry->path().lexically_relative(disk);
    if (entry->is_directory(failure)) {
      ::mkdir(place.c_str(), 0755);
    } else {
      TRY(put(entry->path(), place));
    }
  }
  if (failure) return Error{Fault::infra, "read the disk with the user's files", failure.value(), {}};
  return Done{};
}

}  // namespace probebench::agent
