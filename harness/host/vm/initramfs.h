// SPDX-License-Identifier: MIT
// The guest's root file system: a newc cpio archive, not compressed because unpacking costs emulated time.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/file.h"
#include "model/arch.h"

namespace probebench::vm {

// A program that the agent starts in the guest, with the libraries it loads.
struct GuestProgram {
  std::filesystem::path source;  // on this machine
  std::string place;             // in the guest, without the leading slash: "usr/bin/as"
  // Unpacked packages that it and its libraries are in; empty: this machine's own.
  std::filesystem::path root = {};
};

// Where the guest has a file of a user's probe, without the leading slash; with that extension, if any.
std::string place_of_probe(const std::filesystem::path& file, std::string_view extension = {});

// What a dynamically linked program loads at its start.

struct SharedLibraries {
  fs::path interpreter;             // as the program names it; empty when it is static
  fs::path loader;                  // the same on this machine
  std::vector<fs::path> libraries;  // on this machine, sorted by file name
};

Result<SharedLibraries> shared_libraries(const fs::path& program);
// Of a program for another architecture, from the packages below `root`, which cannot be run here.
Result<SharedLibraries> shared_libraries_of(ArchId arch, const fs::path& program, const fs::path& root);
// Of a program below `root`, from there alone.
Result<SharedLibraries> shared_libraries(const fs::path& program, const fs::path& root);

// "ld.so (Debian GLIBC 2.36-9+deb12u14) stable release version 2.36.", as a loader says of itself: {2, 36}.
std::pair<int, int> parse_loader_version(std::string_view output);

// Where the guest has a file of this machine that is the program or one of its libraries, without the leading
// slash; empty: it has not.
Result<std::string> place_in_guest(const GuestProgram& program, const fs::path& file);

// What ldd prints; `program` names the program in errors.
Result<SharedLibraries> parse_ldd(std::string_view output, const fs::path& program);

struct InitramfsContents {
  fs::path agent;                           // becomes /init, with the libraries it loads
  fs::path module;                          // becomes /probebench.ko
  std::optional<std::string> plan_json;     // becomes /plan.json; nothing: the guest waits for one
  std::vector<GuestProgram> programs = {};  // beside the agent
  std::vector<GuestProgram> files = {};     // without libraries
  fs::path agent_root = {};  // unpacked packages with the agent's libraries; empty: this machine's own
  ArchId arch = kOwnArch;
};

// What these are made of: the agent's libraries, and all that a user's programs bring, each with its place.
struct GuestFiles {
  SharedLibraries own;
  std::vector<GuestProgram> users;
};
Result<GuestFiles> guest_files(const InitramfsContents& contents);

// The bytes of the archive: the same contents give the same bytes. `on_disk`: a disk has what is the user's,
// see carried_disk.h.
Result<std::string> make_initramfs(const InitramfsContents& contents, bool on_disk = false);

// An archive of the files alone, which a guest that is restored gets beside its plan.
Result<std::string> make_file_archive(const std::vector<GuestProgram>& files);

}  // namespace probebench::vm
