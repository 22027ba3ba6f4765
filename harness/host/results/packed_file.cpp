// SPDX-License-Identifier: MIT
#include "results/packed_file.h"

#include <archive.h>
#include <archive_entry.h>

#include <array>
#include <memory>

#include "base/file.h"

namespace probebench::results {
namespace {

constexpr std::size_t kLargest = std::size_t{1} << 30;  // the largest runs have some tens of megabytes

struct PackedReaderDeleter {
  void operator()(archive* reader) const { archive_read_free(reader); }
};

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

}  // namespace

Result<std::string> read_packed_file(const std::filesystem::path& path) {
  constexpr std::string_view kGzip = "\x1f\x8b";
  auto content = TRY(read_file(path));
  if (!content.starts_with(kGzip)) return content;
  const std::unique_ptr<archive, PackedReaderDeleter> reader(archive_read_new());
  archive_read_support_filter_gzip(reader.get());
  archive_read_support_format_raw(reader.get());
  if (archive_read_open_memory(reader.get(), content.data(), content.size()) != ARCHIVE_OK) {
    return damaged(path, "it is no gzip file");
  }
  return unpacked(reader.get(), path);
}

}  // namespace probebench::results
