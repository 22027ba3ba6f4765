// SPDX-License-Identifier: MIT
#include "vm/carried_disk.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <optional>

#include "base/process.h"
#include "base/text.h"
#include "kernels/cache.h"
#include "kernels/kernel_headers.h"

namespace probebench::vm {
namespace {

constexpr std::chrono::seconds kToMake{120};
// Not on every user's PATH.
constexpr std::array kMakers{"mke2fs", "/usr/sbin/mke2fs", "/sbin/mke2fs"};
// QEMU's board has a PCI bus, and this is the disk on it that Debian's kernels have the driver of built in.
constexpr std::array kDrivers{"CONFIG_BLK_DEV_NVME", "CONFIG_EXT4_FS"};

std::optional<std::string> maker() {
  for (const char* program : kMakers) {
    if (program_exists(program)) return program;
  }
  return std::nullopt;
}

// Why the guest's kernel cannot mount it, or this machine cannot make it; empty: it can be had.
std::string disk_obstacle(const kernels::Kernel& kernel) {
  const auto place = !kernel.config.empty() ? kernel.config : kernel.headers / ".config";
  const auto config = read_file(place);
  if (!config) return "what its kernel has built in is not known: it has no .config";
  for (const char* driver : kDrivers) {
    if (!kernels::config_has(*config, driver)) return fmt::format("its kernel lacks {}=y", driver);
  }
  return maker() ? std::string() : "mke2fs not found: apt-get install e2fsprogs";
}

Status copy_to(const fs::path& tree, const GuestProgram& file) {
  const auto to = tree / file.place;
  TRY(kernels::make_directories(to.parent_path()));
  std::error_code failure;
  // Of two that want one place the later has it, as in an archive.
  fs::copy_file(file.source, to, fs::copy_options::overwrite_existing, failure);
  if (failure) return kernels::filesystem_error("carry " + file.source.string(), failure);
  fs::permissions(to, fs::perms{0755}, failure);
  return failure ? Status(kernels::filesystem_error("carry " + file.source.string(), failure)) : Done{};
}

// Blocks and inodes enough for these files: each takes a block more than its size, at most, and so may each
// directory.
std::string size_of_disk(std::uint64_t bytes, std::size_t files) {
  constexpr std::uint64_t kOfItself = 16 << 10, kOfFile = 16;  // KiB
  return fmt::format("{}k", bytes / 1024 * 105 / 100 + kOfItself + files * kOfFile);
}

// Nobody writes to it: no journal, no room for root or for growing. Without sums of its own parts it needs no
// module for them.
Status make_filesystem(const fs::path& tree, const fs::path& image, const std::string& size,
                       std::size_t files) {
  const auto program = maker().value_or(kMakers.front());
  const auto inodes = std::to_string(4 * files + 64);
  const Command command{{program, "-q", "-F", "-t", "ext2", "-b", "4096", "-m", "0", "-O", "^resize_inode",
                         "-N", inodes, "-E", "root_owner=0:0", "-d", tree.string(), image.string(), size},
                        {},
                        {"LC_ALL=C"}};
  const auto done = TRY(run_command(command, kToMake));
  if (done.exit_code == 0) return Done{};
  return Error{Fault::infra, fmt::format("make the disk of a guest: {}", first_line(done.output)), 0,
               "carry less, or free some space"};
}

}  // namespace

Result<std::uint64_t> bytes_of(const std::vector<GuestProgram>& files) {
  std::uint64_t bytes = 0;
  for (const auto& file : files) {
    std::error_code failure;
    bytes += fs::file_size(file.source, failure);
    if (failure) return kernels::filesystem_error("carry " + file.source.string(), failure);
  }
  return bytes;
}

DiskChoice choose_disk(std::uint64_t bytes, const kernels::Kernel& kernel) {
  if (bytes <= kMostInArchive) return {};
  const auto obstacle = disk_obstacle(kernel);
  if (obstacle.empty()) return {.on_disk = true};
  return {.why_not =
              fmt::format("{} MB go into the guest's memory, and not on a disk: {}", bytes >> 20, obstacle)};
}

Result<CarriedDisk> make_carried_disk(const std::vector<GuestProgram>& files, std::uint64_t bytes,
                                      const fs::path& cache, kernels::Progress& progress) {
  const auto scratch = TRY(kernels::ScratchDirectory::make(cache, "disks", progress));
  const auto tree = scratch.path() / "tree";
  for (const auto& file : files) TRY(copy_to(tree, file));
  const auto image = scratch.path() / "image";
  TRY(make_filesystem(tree, image, size_of_disk(bytes, files.size()), files.size()));
  CarriedDisk disk{UniqueFd(::open(image.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)), bytes};
  if (!disk.image) return errno_error(Fault::infra, "open " + image.string());
  return disk;
}

}  // namespace probebench::vm
