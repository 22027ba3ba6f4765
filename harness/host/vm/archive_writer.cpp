// SPDX-License-Identifier: MIT
#include "vm/archive_writer.h"

#include <sys/stat.h>

#include "base/archive_handle.h"

namespace probebench::vm {
namespace {

la_ssize_t append(archive*, void* bytes, const void* data, std::size_t size) {
  static_cast<std::string*>(bytes)->append(static_cast<const char*>(data), size);
  return static_cast<la_ssize_t>(size);
}

bool set_format(archive* writer, ArchiveFormat format) {
  const int set = format == ArchiveFormat::cpio ? archive_write_set_format_cpio_newc(writer)
                                                : archive_write_set_format_ustar(writer);
  return set == ARCHIVE_OK && archive_write_set_bytes_per_block(writer, 0) == ARCHIVE_OK;
}

}  // namespace

void ArchiveWriter::Free::operator()(archive* writer) const {
  archive_write_free(writer);
}

ArchiveWriter::ArchiveWriter(ArchiveFormat format) : writer_(archive_write_new()) {
  good_ = set_format(writer_.get(), format) &&
          archive_write_open(writer_.get(), &bytes_, nullptr, append, nullptr) == ARCHIVE_OK;
}

void ArchiveWriter::directory(std::string_view name) {
  put(name, AE_IFDIR, 0755, {}, 0);
}

void ArchiveWriter::character_device(std::string_view name, dev_t device) {
  put(name, AE_IFCHR, 0600, {}, device);
}

void ArchiveWriter::file(std::string_view name, std::string_view content, unsigned mode) {
  put(name, AE_IFREG, mode, content, 0);
}

void ArchiveWriter::file_from(std::string_view name, const fs::path& source, unsigned mode) {
  const auto content = read_file(source);
  if (content) return file(name, *content, mode);
  if (!failure_) failure_ = content.error();
}

Result<std::string> ArchiveWriter::finish() {
  good_ = good_ && archive_write_close(writer_.get()) == ARCHIVE_OK;
  if (failure_) return *failure_;
  if (good_) return std::move(bytes_);
  const char* reason = archive_error_string(writer_.get());
  return Error{
      Fault::infra, std::string("write what the target gets: ") + (reason != nullptr ? reason : "?"), 0, {}};
}

void ArchiveWriter::put(std::string_view name, unsigned type, unsigned mode, std::string_view content,
                        dev_t device) {
  const EntryHandle entry(archive_entry_new());
  archive_entry_set_pathname(entry.get(), std::string(name).c_str());
  archive_entry_set_mode(entry.get(), static_cast<mode_t>(type | mode));
  archive_entry_set_size(entry.get(), static_cast<la_int64_t>(content.size()));
  archive_entry_set_mtime(entry.get(), 0, 0);
  archive_entry_set_nlink(entry.get(), type == AE_IFDIR ? 2 : 1);
  archive_entry_set_ino(entry.get(), ++inode_);
  if (device != 0) archive_entry_set_rdev(entry.get(), device);
  good_ = good_ && archive_write_header(writer_.get(), entry.get()) == ARCHIVE_OK;
  good_ = good_ && archive_write_data(writer_.get(), content.data(), content.size()) ==
                       static_cast<la_ssize_t>(content.size());
}

}  // namespace probebench::vm
