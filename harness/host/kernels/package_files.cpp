// SPDX-License-Identifier: MIT
#include "kernels/package_files.h"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "base/digest.h"
#include "base/safe_path.h"
#include "kernels/cache.h"

namespace probebench::kernels {
namespace {

constexpr const char* kPart = "packages";  // of the cache
// A kernel whose modules keep their debug info is half as large.
constexpr la_int64_t kMostUnpacked = la_int64_t{8} << 30;
constexpr int kMostEntries = 500'000;  // a tenth of them is a kernel's headers

struct Free {
  void operator()(archive* one) const { archive_free(one); }
};
using Archive = std::unique_ptr<archive, Free>;

Error package_error(const fs::path& file, const std::string& problem) {
  return {Fault::infra, fmt::format("unpack {}: {}", file.string(), problem), 0,
          "give a .deb or .rpm of a kernel"};
}

std::string complaint(archive* one) {
  const char* text = archive_error_string(one);
  return text == nullptr ? "it is damaged" : text;
}

// Below the directory, whatever the package calls it.
Result<fs::path> place_of(archive_entry* entry, const fs::path& file) {
  std::string_view name = archive_entry_pathname(entry);
  while (name.starts_with("./") || name.starts_with('/')) name.remove_prefix(name.starts_with('/') ? 1 : 2);
  while (name.ends_with('/')) name.remove_suffix(1);
  if (name.empty() || name == ".") return fs::path();
  if (!check_relative_path(name, "an entry")) return package_error(file, "an entry's name leads elsewhere");
  return fs::path(name);
}

Status copy_content(archive* from, archive* to, const fs::path& file) {
  const void* block = nullptr;
  std::size_t size = 0;
  la_int64_t offset = 0;
  for (;;) {
    const int got = archive_read_data_block(from, &block, &size, &offset);
    if (got == ARCHIVE_EOF) return Done{};
    if (got != ARCHIVE_OK) return package_error(file, complaint(from));
    if (archive_write_data_block(to, block, size, offset) < ARCHIVE_OK)
      return package_error(file, complaint(to));
  }
}

// What has been announced by the entries so far; a few megabytes of zeros would fill a disk.
class Bounds {
 public:
  Status add(archive_entry* entry, const fs::path& file) {
    if (++entries_ > kMostEntries)
      return package_error(file, fmt::format("it has over {} entries", kMostEntries));
    const auto size = std::max<la_int64_t>(archive_entry_size(entry), 0);
    if (size > kMostUnpacked - bytes_)
      return package_error(file, fmt::format("it unpacks to more than {} GiB", kMostUnpacked >> 30));
    bytes_ += size;
    return Done{};
  }

 private:
  int entries_ = 0;
  la_int64_t bytes_ = 0;
};

// Directories can be written to until all is there; modes are the user's business afterwards.
Status extract(archive* from, const fs::path& root, const fs::path& file) {
  const Archive to(archive_write_disk_new());
  archive_write_disk_set_options(
      to.get(), ARCHIVE_EXTRACT_SECURE_NODOTDOT | ARCHIVE_EXTRACT_SECURE_SYMLINKS | ARCHIVE_EXTRACT_UNLINK);
  archive_entry* entry = nullptr;
  Bounds bounds;
  int got = ARCHIVE_OK;
  while ((got = archive_read_next_header(from, &entry)) == ARCHIVE_OK) {
    TRY(bounds.add(entry, file));
    const auto place = TRY(place_of(entry, file));
    const auto type = archive_entry_filetype(entry);
    if (place.empty() || (type != AE_IFREG && type != AE_IFDIR && type != AE_IFLNK)) continue;
    if (archive_entry_hardlink(entry) != nullptr) return package_error(file, "it has hard links");
    archive_entry_set_pathname(entry, (root / place).c_str());
    archive_entry_set_perm(entry, archive_entry_perm(entry) | (type == AE_IFDIR ? 0700 : 0600));
    if (archive_write_header(to.get(), entry) < ARCHIVE_OK) return package_error(file, complaint(to.get()));
    TRY(copy_content(from, to.get(), file));
  }
  return got == ARCHIVE_EOF ? Status(Done{}) : package_error(file, complaint(from));
}

Result<std::string> data_of_deb(archive* outer, const fs::path& file) {
  archive_entry* entry = nullptr;
  while (archive_read_next_header(outer, &entry) == ARCHIVE_OK) {
    if (!std::string_view(archive_entry_pathname(entry)).starts_with("data.tar")) continue;
    // Nothing larger than the package itself: what its head says is not believed.
    const auto size = static_cast<std::uintmax_t>(std::max<la_int64_t>(archive_entry_size(entry), 0));
    std::error_code unknown;
    if (size > fs::file_size(file, unknown)) return package_error(file, "it is cut off");
    std::string data(size, '\0');
    if (archive_read_data(outer, data.data(), size) == static_cast<la_ssize_t>(size)) return data;
    return package_error(file, "it is cut off");
  }
  return package_error(file, "it has no data.tar");
}

Status open_file(archive* reader, const fs::path& file) {
  constexpr std::size_t kBlock = 1 << 16;
  if (archive_read_open_filename(reader, file.c_str(), kBlock) == ARCHIVE_OK) return Done{};
  return package_error(file, complaint(reader));
}

Status unpack_deb(const fs::path& file, const fs::path& root) {
  const Archive outer(archive_read_new());
  archive_read_support_format_ar(outer.get());
  TRY(open_file(outer.get(), file));
  const auto data = TRY(data_of_deb(outer.get(), file));
  const Archive inner(archive_read_new());
  archive_read_support_filter_all(inner.get());
  archive_read_support_format_tar(inner.get());
  if (archive_read_open_memory(inner.get(), data.data(), data.size()) != ARCHIVE_OK)
    return package_error(file, complaint(inner.get()));
  return extract(inner.get(), root, file);
}

Status unpack_rpm(const fs::path& file, const fs::path& root) {
  const Archive reader(archive_read_new());
  archive_read_support_filter_all(reader.get());  // that of the package's own head among them
  archive_read_support_format_cpio(reader.get());
  TRY(open_file(reader.get(), file));
  return extract(reader.get(), root, file);
}

}  // namespace

bool is_package(const fs::path& file) {
  return file.extension() == ".deb" || file.extension() == ".rpm";
}

Result<fs::path> unpacked_package(const fs::path& file, const fs::path& cache, Progress& progress) {
  const auto digest = sha256_file(file);
  if (!digest) return Error{Fault::infra, "read package " + file.string(), digest.error().err, {}};
  const auto name = digest->substr(0, 24);
  const auto lock = TRY(CacheLock::acquire(cache, progress));
  TRY(make_part(cache, kPart));
  const fs::path place = cache / kPart / name;
  std::error_code none;
  if (fs::is_directory(fs::symlink_status(place, none))) return place;
  progress.step("unpacking " + file.filename().string());
  auto scratch = TRY(ScratchDirectory::make(lock, kPart));
  // libarchive refuses ways through links; those above the cache are the user's own.
  const auto root = fs::canonical(scratch.path(), none);
  TRY(file.extension() == ".deb" ? unpack_deb(file, root) : unpack_rpm(file, root));
  TRY(scratch.publish(lock, name));
  return place;
}

}  // namespace probebench::kernels
