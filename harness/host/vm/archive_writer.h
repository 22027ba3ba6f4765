// SPDX-License-Identifier: MIT
// An archive in memory, of what a target gets: the same files give the same bytes.
#pragma once

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/file.h"

struct archive;

namespace probebench::vm {

enum class ArchiveFormat {
  cpio,  // newc, not compressed: what a kernel unpacks
  tar,   // ustar: what every machine unpacks
};

// Errors are kept and told once, by finish().
class ArchiveWriter {
 public:
  explicit ArchiveWriter(ArchiveFormat format);

  void directory(std::string_view name);
  void character_device(std::string_view name, dev_t device);
  void file(std::string_view name, std::string_view content, unsigned mode);
  void file_from(std::string_view name, const fs::path& source, unsigned mode);
  // The bytes of the archive; nothing can be added after that.
  Result<std::string> finish();

 private:
  struct Free {
    void operator()(archive* writer) const;
  };
  void put(std::string_view name, unsigned type, unsigned mode, std::string_view content, dev_t device);

  std::string bytes_;
  std::unique_ptr<archive, Free> writer_;
  std::optional<Error> failure_;
  long inode_ = 0;
  bool good_ = false;
};

}  // namespace probebench::vm
