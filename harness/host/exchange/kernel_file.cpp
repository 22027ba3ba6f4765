// SPDX-License-Identifier: MIT
#include "exchange/kernel_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <map>

#include "base/archive_handle.h"
#include "base/safe_path.h"
#include "base/text.h"

namespace probebench::exchange {
namespace {

using kernels::CacheLock;
using kernels::kKeptPart;
using kernels::Progress;
using kernels::ScratchDirectory;

constexpr std::size_t kBlock = 1 << 16;
constexpr la_int64_t kMostBytes = la_int64_t{8} << 30;  // a kernel's packages are fifty megabytes
constexpr std::size_t kMostSets = 1000;

Error file_error(const fs::path& file, const std::string& problem) {
  return {Fault::usage, fmt::format("read kernels of {}: {}", file.string(), problem), 0,
          "name a file that ./run-bench kernels export wrote"};
}

Error write_error(const fs::path& file, archive* one) {
  const char* text = archive_error_string(one);
  return {
      Fault::infra, fmt::format("write {}: {}", file.string(), text == nullptr ? "it failed" : text), 0, {}};
}

Status add_file(archive* to, const fs::path& from, const std::string& name, const fs::path& file) {
  const auto content = TRY(read_file(from));
  const EntryHandle entry(archive_entry_new());
  archive_entry_set_pathname(entry.get(), name.c_str());
  archive_entry_set_filetype(entry.get(), AE_IFREG);
  archive_entry_set_perm(entry.get(), 0644);
  archive_entry_set_size(entry.get(), static_cast<la_int64_t>(content.size()));
  const bool fine =
      archive_write_header(to, entry.get()) == ARCHIVE_OK &&
      archive_write_data(to, content.data(), content.size()) == static_cast<la_ssize_t>(content.size());
  return fine ? Status(Done{}) : Status(write_error(file, to));
}

Status add_set(archive* to, const fs::path& directory, const fs::path& file) {
  const auto listed = TRY(kernels::list_tree(directory, {}));
  for (const auto& one : listed) {
    TRY(add_file(to, directory / one.path, directory.filename().string() + "/" + one.path, file));
  }
  return Done{};
}

Status write_archive(const fs::path& store, const std::vector<std::string>& names, const fs::path& file) {
  const WriterHandle to(archive_write_new());
  archive_write_set_format_pax_restricted(to.get());
  if (archive_write_open_filename(to.get(), file.c_str()) != ARCHIVE_OK) return write_error(file, to.get());
  for (const auto& name : names) {
    TRY(add_set(to.get(), store / kKeptPart / name, file));
  }
  return archive_write_close(to.get()) == ARCHIVE_OK ? Status(Done{}) : Status(write_error(file, to.get()));
}

// The sets of one file, each in a scratch directory of the store until all of them are whole.
class Taken {
 public:
  Taken(const fs::path& file, const fs::path& store, Progress& progress)
      : file_(file), store_(store), progress_(progress) {}

  Status read();
  Result<std::vector<std::string>> publish();

 private:
  Status take_entry(archive* from, archive_entry* entry);
  Result<fs::path> directory_of(const std::string& set);
  Status copy(archive* from, const fs::path& to);
  Status check(const std::string& set, const fs::path& directory) const;

  const fs::path& file_;
  const fs::path& store_;
  Progress& progress_;
  std::map<std::string, ScratchDirectory> sets_;
  la_int64_t bytes_ = 0;
};

Status Taken::read() {
  const ReaderHandle from(archive_read_new());
  archive_read_support_format_tar(from.get());
  if (archive_read_open_filename(from.get(), file_.c_str(), kBlock) != ARCHIVE_OK)
    return file_error(file_, archive_error_string(from.get()));
  archive_entry* entry = nullptr;
  int got = ARCHIVE_OK;
  while ((got = archive_read_next_header(from.get(), &entry)) == ARCHIVE_OK) {
    TRY(take_entry(from.get(), entry));
  }
  if (got != ARCHIVE_EOF) return file_error(file_, archive_error_string(from.get()));
  return sets_.empty() ? Status(file_error(file_, "it has no packages")) : Status(Done{});
}

// "<set>/<package>.deb" and nothing else.
Status Taken::take_entry(archive* from, archive_entry* entry) {
  const char* pathname = archive_entry_pathname(entry);
  const std::string name = pathname == nullptr ? "" : pathname;
  const auto parts = split(name, '/');
  if (archive_entry_filetype(entry) != AE_IFREG || parts.size() != 2)
    return file_error(file_, fmt::format("'{}' is no package of a kernel", name));
  const auto set = TRY(file_name_of(parts[0], file_.string() + ": a set's name"));
  const auto package = TRY(file_name_of(parts[1], file_.string() + ": a package's name"));
  const auto directory = TRY(directory_of(set));
  return copy(from, directory / package);
}

Result<fs::path> Taken::directory_of(const std::string& set) {
  if (const auto known = sets_.find(set); known != sets_.end()) return known->second.path();
  if (sets_.size() >= kMostSets) return file_error(file_, "it has too many sets");
  auto scratch = TRY(ScratchDirectory::make(store_, kKeptPart, progress_));
  return sets_.emplace(set, std::move(scratch)).first->second.path();
}

Status Taken::copy(archive* from, const fs::path& to) {
  std::ofstream stream(to, std::ios::binary);
  const void* block = nullptr;
  std::size_t size = 0;
  la_int64_t offset = 0;
  int got = ARCHIVE_OK;
  while ((got = archive_read_data_block(from, &block, &size, &offset)) == ARCHIVE_OK) {
    bytes_ += static_cast<la_int64_t>(size);
    if (bytes_ > kMostBytes)
      return file_error(file_, fmt::format("it has more than {} GiB", kMostBytes >> 30));
    stream.write(static_cast<const char*>(block), static_cast<std::streamsize>(size));
  }
  if (got != ARCHIVE_EOF) return file_error(file_, archive_error_string(from));
  stream.close();
  return stream ? Status(Done{}) : Status(errno_error(Fault::infra, "write " + to.string()));
}

Status Taken::check(const std::string& set, const fs::path& directory) const {
  const auto kept = kernels::read_packages(directory);
  if (!kept) return file_error(file_, kept.error().what);
  const auto name = kernels::kept_name(kept->release, kept->version);
  if (set == name || set == name + kernels::kToolsSuffix) return Done{};
  return file_error(file_, fmt::format("'{}' has the packages of {}", set, name));
}

Result<std::vector<std::string>> Taken::publish() {
  for (const auto& [set, scratch] : sets_) {
    TRY(check(set, scratch.path()));
  }
  std::vector<std::string> names;
  const auto lock = TRY(CacheLock::acquire(store_, progress_));
  for (auto& [set, scratch] : sets_) {
    TRY(scratch.publish_unless([](const auto& there) { return kernels::read_packages(there).ok(); }, lock,
                               set));
    names.push_back(set);
  }
  return names;
}

}  // namespace

Status write_kernel_file(const fs::path& store, const std::vector<std::string>& names, const fs::path& file) {
  const fs::path partial = file.parent_path() / temporary_name();
  std::error_code failure;
  const auto written = write_archive(store, names, partial);
  if (written) fs::rename(partial, file, failure);
  if (written && !failure) return Done{};
  std::error_code none;
  fs::remove(partial, none);
  return written ? kernels::filesystem_error("write " + file.string(), failure) : written;
}

Result<std::vector<std::string>> take_kernel_file(const fs::path& file, const fs::path& store,
                                                  Progress& progress) {
  Taken taken(file, store, progress);
  TRY(taken.read());
  return taken.publish();
}

}  // namespace probebench::exchange
