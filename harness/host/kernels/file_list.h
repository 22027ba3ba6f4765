// SPDX-License-Identifier: MIT
// Files of a directory of the cache by size, time and SHA-256, as they were when it was complete.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/file.h"

namespace probebench::kernels {

struct ListedFile {
  std::string path;  // relative; a manifest can be anybody's, so check_file() looks where it leads
  std::uintmax_t size = 0;
  std::string sha256;
  std::int64_t changed_ns = 0;  // its modification time
  bool link = false;            // size and digest are those of the text of a symbolic link
};

// How much is read of a file to tell whether it is the listed one.
enum class Depth {
  whole,     // always all of it
  if_newer,  // all of it unless size and modification time are as listed
};

// What is said of the file where it lies now.
Result<ListedFile> list_file(const fs::path& directory, const std::string& path);

// Why what lies below `directory` is not the listed file, naming it; empty: it is. No link is followed.
std::string damage_of(const fs::path& directory, const ListedFile& listed, Depth depth);

// Everything below `directory`, but for `unlisted` names at its top, sorted by path.
Result<std::vector<ListedFile>> list_tree(const fs::path& directory,
                                          const std::vector<std::string>& unlisted);

// The first damage of several files.
std::string damage_of(const fs::path& directory, const std::vector<ListedFile>& listed, Depth depth);

// A line for each file, and back; an error names the line that is none.
std::string text_of(const std::vector<ListedFile>& files);
Result<std::vector<ListedFile>> parse_file_list(std::string_view text);

}  // namespace probebench::kernels
