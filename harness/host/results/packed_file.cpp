// SPDX-License-Identifier: MIT
#include "results/packed_file.h"

#include <array>

#include "base/archive_handle.h"
#include "base/file.h"

namespace probebench::results {
namespace {

constexpr std::size_t kLargest = std::size_t{1} << 30;  // the largest runs have some tens of megabytes

Error damaged(const std::filesystem::path& path, const char* why) {
  return {Fault::usage, "unpack " + path.string() + ": " + why, 0,
          "copy it again, or name the unpacked file"};
}

Result<std::string> unpacked(archive* reader, const std::filesystem::path& path) {
  archive_entry* entry = nullptr;
  std::string text;
  std::array<char, 65536> piece{};
  if (archive_read_next_header(reader, &entry) != ARCHIVE_OK) return damaged(path, "it is no gzip file");
  for (;;) {
    const la_ssize_t got = archive_read_data(reader, piece.data(), piece.size());
    if (got == 0) return text;
    if (got < 0) return damaged(path, "it is damaged or cut off");
    text.append(piece.data(), static_cast<std::size_t>(got));
    if (text.size() > kLargest) return damaged(path, "it has more than 1 GiB");
  }
}

la_ssize_t append(archive* /*writer*/, void* packed, const void* piece, std::size_t size) {
  static_cast<std::string*>(packed)->append(static_cast<const char*>(piece), size);
  return static_cast<la_ssize_t>(size);
}

// No time and no name of a file in it.
Result<std::string> packed(const std::string& text) {
  std::string content;
  const WriterHandle writer(archive_write_new());
  const EntryHandle entry(archive_entry_new());
  archive_entry_set_filetype(entry.get(), AE_IFREG);
  const bool made =
      archive_write_add_filter_gzip(writer.get()) == ARCHIVE_OK &&
      archive_write_set_filter_option(writer.get(), "gzip", "timestamp", nullptr) == ARCHIVE_OK &&
      archive_write_set_filter_option(writer.get(), "gzip", "compression-level", "9") == ARCHIVE_OK &&
      archive_write_set_format_raw(writer.get()) == ARCHIVE_OK &&
      archive_write_set_bytes_per_block(writer.get(), 0) == ARCHIVE_OK &&
      archive_write_open(writer.get(), &content, nullptr, append, nullptr) == ARCHIVE_OK &&
      archive_write_header(writer.get(), entry.get()) == ARCHIVE_OK &&
      archive_write_data(writer.get(), text.data(), text.size()) == static_cast<la_ssize_t>(text.size()) &&
      archive_write_close(writer.get()) == ARCHIVE_OK;
  if (made) return content;
  const char* why = archive_error_string(writer.get());
  return Error{Fault::infra, std::string("compress: ") + (why == nullptr ? "no reason given" : why), 0, {}};
}

}  // namespace

Result<std::string> read_packed_file(const std::filesystem::path& path) {
  constexpr std::string_view kGzip = "\x1f\x8b";
  auto content = TRY(read_file(path));
  if (!content.starts_with(kGzip)) return content;
  const ReaderHandle reader(archive_read_new());
  archive_read_support_filter_gzip(reader.get());
  archive_read_support_format_raw(reader.get());
  if (archive_read_open_memory(reader.get(), content.data(), content.size()) != ARCHIVE_OK) {
    return damaged(path, "it is no gzip file");
  }
  return unpacked(reader.get(), path);
}

Status write_packed_file(const std::filesystem::path& path, const std::string& text) {
  return write_file_atomic(path, TRY(packed(text)));
}

}  // namespace probebench::results
