// SPDX-License-Identifier: MIT
#include "vm/initramfs.h"

#include <fmt/format.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <set>
#include <sstream>

#include "base/process.h"
#include "base/text.h"
#include "kernels/build_tools.h"
#include "kernels/elf_file.h"
#include "vm/archive_writer.h"
#include "wire/plan_item.h"

namespace probebench::vm {
namespace {

constexpr std::chrono::seconds kLddDeadline{30};

bool is_interpreter(const std::string& name) {
  return name.find("/ld-linux") != std::string::npos;
}

// Where the dynamic linker looks without a cache file, which the guest has not.
constexpr std::string_view kLibraryDirectory = "lib/x86_64-linux-gnu/";

std::string library_directory(ArchId arch) {
  return "lib/" + std::string(info_of(arch).triplet);
}

constexpr std::size_t kLargestArchive = 512u << 20;

void put_libraries(ArchiveWriter& writer, const SharedLibraries& shared, ArchId arch) {
  if (shared.interpreter.empty()) return;
  const auto directory = library_directory(arch);
  for (const auto& name : {std::string("lib"), directory, std::string("lib64")}) writer.directory(name);
  for (const auto& library : shared.libraries) {
    writer.file_from(directory + "/" + library.filename().string(), library, 0755);
  }
  writer.file_from(shared.interpreter.relative_path().string(), shared.loader, 0755);
}

Result<fs::path> library_below(const fs::path& root, ArchId arch, const std::string& name) {
  const auto triplet = std::string(info_of(arch).triplet);
  for (const auto& directory :
       {"usr/lib/" + triplet, "lib/" + triplet, std::string("usr/lib"), std::string("lib")}) {
    std::error_code failure;
    if (fs::exists(root / directory / name, failure)) return root / directory / name;
  }
  return Error{Fault::infra, fmt::format("find {} below {}", name, root.string()), ENOENT, {}};
}

Result<SharedLibraries> libraries_of(const GuestProgram& program) {
  return program.root.empty() ? shared_libraries(program.source)
                              : shared_libraries(program.source, program.root);
}

Result<SharedLibraries> libraries_of_agent(const InitramfsContents& contents) {
  if (contents.agent_root.empty()) return shared_libraries(contents.agent);
  return shared_libraries_of(contents.arch, contents.agent, contents.agent_root);
}

Result<std::pair<int, int>> version_of_loader(const fs::path& loader) {
  const auto done = TRY(run_command({{loader.string(), "--version"}, {}, {"LC_ALL=C"}}, kLddDeadline));
  return parse_loader_version(done.output);
}

// Another release's come first where its C library is newer: that one runs older programs, too.
Result<std::vector<SharedLibraries>> newest_first(const InitramfsContents& contents) {
  std::vector<std::pair<std::pair<int, int>, SharedLibraries>> sets;
  auto of_agent = TRY(libraries_of_agent(contents));
  const bool mixed =
      std::ranges::any_of(contents.programs, [](const auto& one) { return !one.root.empty(); });
  const auto add = [&](SharedLibraries shared) -> Status {
    const bool compared = mixed && !shared.loader.empty();
    const auto version = TRY(compared ? version_of_loader(shared.loader) : Result(std::pair(0, 0)));
    sets.emplace_back(version, std::move(shared));
    return Done{};
  };
  TRY(add(std::move(of_agent)));
  for (const auto& program : contents.programs) {
    auto more = TRY(libraries_of(program));
    TRY(add(std::move(more)));
  }
  std::ranges::stable_sort(sets, std::ranges::greater{}, [](const auto& one) { return one.first; });
  std::vector<SharedLibraries> ordered;
  for (auto& one : sets) ordered.push_back(std::move(one.second));
  return ordered;
}

// The agent's libraries and those of the programs, each file name once: the guest has one directory for them.
Result<SharedLibraries> all_libraries(const InitramfsContents& contents) {
  SharedLibraries all;
  std::set<fs::path> names;
  for (const auto& more : TRY(newest_first(contents))) {
    if (all.interpreter.empty()) {
      all.interpreter = more.interpreter;
      all.loader = more.loader;
    }
    for (const auto& library : more.libraries) {
      if (names.insert(library.filename()).second) all.libraries.push_back(library);
    }
  }
  return all;
}

// What the agent loads before there is a disk. Of another release a library of its may need more than the
// agent's own release has it need.
Result<std::set<std::string>> names_for_agent(const InitramfsContents& contents, const SharedLibraries& all) {
  std::map<std::string, fs::path> known;
  for (const auto& library : all.libraries) known.emplace(library.filename().string(), library);
  std::set<std::string> names;
  std::vector<std::string> open;
  const auto agents = TRY(libraries_of_agent(contents));
  for (const auto& library : agents.libraries) {
    open.push_back(library.filename().string());
  }
  while (!open.empty()) {
    const auto name = open.back();
    open.pop_back();
    const auto library = known.find(name);
    if (library == known.end() || !names.insert(name).second) continue;
    const auto elf = TRY(read_file(library->second));
    for (const auto& needed : kernels::needed_libraries(elf)) open.push_back(needed);
  }
  return names;
}

void put_files(ArchiveWriter& writer, const std::vector<GuestProgram>& files) {
  std::set<fs::path> made;
  for (const auto& program : files) {
    fs::path directory;
    for (const auto& part : fs::path(program.place).parent_path()) {
      directory /= part;
      if (made.insert(directory).second) writer.directory(directory.string());
    }
    writer.file_from(program.place, program.source, 0755);
  }
}

}  // namespace

// libc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f...)
// /lib64/ld-linux-x86-64.so.2 (0x00007f...)
Result<SharedLibraries> parse_ldd(std::string_view output, const fs::path& program) {
  SharedLibraries found;
  std::istringstream lines{std::string(output)};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string name;
    std::string arrow;
    std::string path;
    words >> name >> arrow >> path;
    if (is_interpreter(name)) {
      found.interpreter = name;
      found.loader = arrow == "=>" ? path : name;
    } else if (arrow == "=>" && path.starts_with('/')) {
      found.libraries.emplace_back(path);
    } else if (arrow == "=>") {
      return Error{
          Fault::infra, "pack " + program.string() + ": its library " + name + " is not found", 0, {}};
    }
  }
  std::ranges::sort(found.libraries, {}, [](const fs::path& path) { return path.filename(); });
  return found;
}

Result<SharedLibraries> shared_libraries(const fs::path& program) {
  std::error_code failure;
  if (!fs::is_regular_file(program, failure)) {
    return Error{Fault::infra, "find the agent " + program.string(), ENOENT, "build the project again"};
  }
  const auto done = TRY(run_command({{"ldd", program.string()}, {}, {"LC_ALL=C"}}, kLddDeadline));
  const auto is_static = done.output.find("statically linked") != std::string::npos ||
                         done.output.find("not a dynamic executable") != std::string::npos;
  if (is_static) return SharedLibraries{};
  if (done.exit_code == 0) return parse_ldd(done.output, program);
  return Error{Fault::infra,
               "find the libraries of " + program.string() + ": " + std::string(first_line(done.output)),
               0,
               {}};
}

Result<SharedLibraries> shared_libraries(const fs::path& program, const fs::path& root) {
  const auto loader = root / TRY(kernels::loader_of(root));
  std::string where;
  for (const char* directory : {"usr/lib/x86_64-linux-gnu", "lib/x86_64-linux-gnu", "usr/lib", "lib"}) {
    where += (where.empty() ? "" : ":") + (root / directory).string();
  }
  const Command listing{
      {loader.string(), "--library-path", where, "--list", program.string()}, {}, {"LC_ALL=C"}};
  const auto done = TRY(run_command(listing, kLddDeadline));
  if (done.exit_code == 0) return parse_ldd(done.output, program);
  if (done.output.find("not a dynamic executable") != std::string::npos) return SharedLibraries{};
  return Error{Fault::infra,
               "find the libraries of " + program.string() + ": " + std::string(first_line(done.output)),
               0,
               {}};
}

Result<SharedLibraries> shared_libraries_of(ArchId arch, const fs::path& program, const fs::path& root) {
  SharedLibraries found;
  std::set<std::string> known;
  std::vector<fs::path> open{program};
  while (!open.empty()) {
    const auto elf = TRY(read_file(open.back()));
    open.pop_back();
    if (found.interpreter.empty()) found.interpreter = kernels::interpreter_of(elf);
    for (const auto& name : kernels::needed_libraries(elf)) {
      const bool is_loader = name == found.interpreter.filename();
      if (is_loader || !known.insert(name).second) continue;
      open.push_back(TRY(library_below(root, arch, name)));
      found.libraries.push_back(open.back());
    }
  }
  found.loader = root / found.interpreter.relative_path();
  std::ranges::sort(found.libraries, {}, [](const fs::path& path) { return path.filename(); });
  return found;
}

std::pair<int, int> parse_loader_version(std::string_view output) {
  constexpr std::string_view kKey = "release version ";
  const auto at = output.find(kKey);
  std::pair<int, int> version;
  if (at == std::string_view::npos) return version;
  const std::string text(output.substr(at + kKey.size(), 20));
  static_cast<void>(std::sscanf(text.c_str(), "%d.%d", &version.first, &version.second));
  return version;
}

Result<std::string> place_in_guest(const GuestProgram& program, const fs::path& file) {
  const auto is = [&](const fs::path& other) {
    std::error_code failure;
    return fs::equivalent(file, other, failure);
  };
  if (is(program.source)) return program.place;
  const auto shared = TRY(libraries_of(program));
  if (shared.interpreter.empty()) return std::string();
  if (is(shared.loader)) return shared.interpreter.relative_path().string();
  for (const auto& library : shared.libraries) {
    if (is(library)) return std::string(kLibraryDirectory) + library.filename().string();
  }
  return std::string();
}

Result<GuestFiles> guest_files(const InitramfsContents& contents) {
  GuestFiles files{.own = TRY(all_libraries(contents)), .users = {}};
  // Then every library is the agent's.
  if (contents.programs.empty()) {
    files.users = contents.files;
    return files;
  }
  const auto names = TRY(names_for_agent(contents, files.own));
  const auto is_users = [&](const fs::path& library) { return !names.contains(library.filename().string()); };
  for (const auto& library : files.own.libraries) {
    if (!is_users(library)) continue;
    files.users.push_back({library, library_directory(contents.arch) + "/" + library.filename().string()});
  }
  std::erase_if(files.own.libraries, is_users);
  for (const auto* more : {&contents.programs, &contents.files}) {
    files.users.insert(files.users.end(), more->begin(), more->end());
  }
  return files;
}

Result<std::string> make_initramfs(const InitramfsContents& contents, bool on_disk) {
  const auto files = TRY(guest_files(contents));
  ArchiveWriter writer(ArchiveFormat::cpio);
  for (const char* name : {"dev", "proc", "sys", "tmp"}) writer.directory(name);
  // The kernel opens it as init's standard streams before anybody can mount devtmpfs.
  writer.character_device("dev/console", makedev(5, 1));
  writer.file_from("init", contents.agent, 0755);
  put_libraries(writer, files.own, contents.arch);
  if (on_disk) {
    writer.directory(wire::kDiskPlace);
  } else {
    put_files(writer, files.users);
  }
  if (contents.plan_json) writer.file("plan.json", *contents.plan_json, 0644);
  if (!contents.module.empty()) writer.file_from("probebench.ko", contents.module, 0644);
  auto bytes = writer.finish();
  if (bytes && bytes->size() > kLargestArchive) {
    return Error{Fault::infra, "write the initramfs: it is larger than 512 MB", EFBIG,
                 "build with the release preset; carry a smaller program"};
  }
  return bytes;
}

Result<std::string> make_file_archive(const std::vector<GuestProgram>& files) {
  ArchiveWriter writer(ArchiveFormat::cpio);
  put_files(writer, files);
  return writer.finish();
}

std::string place_of_probe(const fs::path& file, std::string_view extension) {
  const auto name =
      extension.empty() ? file.filename() : fs::path(file.stem().string() + std::string(extension));
  return "probe/" + name.string();
}

}  // namespace probebench::vm
