// SPDX-License-Identifier: MIT
// ci/kernels.toml, or a user's own file of that form: which kernels --kernel knows by name.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "model/arch.h"

namespace probebench::kernels {

struct CatalogEntry {
  std::string name = {};                 // what --kernel takes
  std::string series = {};               // whose newest package is taken: "6.12"; empty: the newest of all
  std::string version = {};              // of its packages: this one and no other; empty: the newest
  std::string archive = {};              // where a version is that the mirror has dropped; see apt_sources.h
  std::vector<std::string> suites = {};  // for a series, searched when the machine's own suites lack it
  std::string flavour = {};              // "cloud-amd64"
  std::string arm64_flavour = {};        // of --arch arm64, where it is not called alike
  fs::path image = {};    // a file or a build tree of the user's instead of packages; else empty
  fs::path headers = {};  // goes with `image`
  ArchId arch = ArchId::x86_64;

  // What the name stands for: two files may mean different kernels by one name.
  std::string definition() const;
};

struct KernelCatalog {
  std::string flavour;  // of auto and stock, and of an entry that names none
  std::string archive;  // of an entry that names none
  std::vector<CatalogEntry> kernels;
  ArchId arch = ArchId::x86_64;

  // The same kernels of another architecture: Debian's flavours are called alike but for its name.
  KernelCatalog on(ArchId wanted) const;
  // auto, stock, all and the entries, as --kernel takes them.
  std::vector<std::string> names() const;
  // The entry of a name, which may be followed by "@" and a version of its packages; a usage error with the
  // nearest names when there is none.
  Result<CatalogEntry> find(std::string_view name) const;
  // The kernels of a comma-separated list, `all` and a folder of images replaced by what they stand
  // for. Errors are usage errors.
  Result<std::vector<std::string>> expand(std::string_view list) const;

 private:
  Result<CatalogEntry> find_name(std::string_view name) const;
  // Empty: it is none.
  std::string path_of(std::string_view name) const;
};

// `origin` names the text in errors; relative paths in it begin at its directory.
Result<KernelCatalog> parse_catalog(std::string_view text, const fs::path& origin);
Result<KernelCatalog> load_catalog(const fs::path& file);

}  // namespace probebench::kernels
