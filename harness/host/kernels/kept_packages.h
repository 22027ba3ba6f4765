// SPDX-License-Identifier: MIT
// Packages of kernels as they were downloaded: whoever has them needs no mirror, and can hand them to others.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "kernels/cache.h"
#include "kernels/file_list.h"
#include "kernels/kernel_catalog.h"

namespace probebench::kernels {

// The part of a cache with a directory for each kernel's packages.
inline constexpr const char* kKeptPart = "debs";

struct KeptPackages {
  std::string release;
  std::string version;
  fs::path directory;
  std::vector<ListedFile> files;  // the .deb files by size and digest
};

// Ends the name of a set of what a kernel's build tools run with.
inline constexpr const char* kToolsSuffix = "_tools";

// The directory's name: "6.12.117+deb12-cloud-amd64_6.12.117-1~deb12u1".
std::string kept_name(const std::string& release, const std::string& version);

// Lists the .deb files of `directory` in its packages.json, which is written last.
Status describe_packages(const fs::path& directory, const std::string& release, const std::string& version);

// What packages.json says; every file is read and has to be as listed, and nothing else is there.
Result<KeptPackages> read_packages(const fs::path& directory);

// The set of that name in the cache or the directory that several users share. Absent: it is not there. One
// that is damaged is an error.
Result<std::optional<KeptPackages>> find_kept(const fs::path& store, const std::string& name);

// The same where its name says that the entry stands for it.
Result<std::optional<KeptPackages>> find_kept_of(const CatalogEntry& entry, const fs::path& store,
                                                 const std::string& name);

// All sets of the store, by their names alone.
std::vector<std::string> names_of_kept(const fs::path& store);

// Whether a kernel of this release and version is what the entry of the catalog stands for.
bool is_of(const CatalogEntry& entry, const std::string& release, const std::string& version);

}  // namespace probebench::kernels
