// SPDX-License-Identifier: MIT
#include "vm/initramfs.h"

#include <archive.h>
#include <archive_entry.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <set>
#include <sstream>

#include "base/process.h"
#include "base/text.h"
#include "kernels/build_tools.h"
#include "kernels/elf_file.h"

namespace probebench::vm {
namespace {

constexpr std::chrono::seconds kLddDeadline{30};

bool is_interpreter(const std::string& name) {
  return name.find("/ld-linux") != std::string::npos;
}

// Where the dynamic linker looks without a cache file, which the guest has not.
constexpr std::string_view kLibraryDirectory = "lib/x86_64-linux-gnu/";
constexpr std::size_t kLargestArchive = 512u << 20;

struct WriterDeleter {
  void operator()(archive* writer) const { archive_write_free(writer); }
};
struct EntryDeleter {
  void operator()(archive_entry* entry) const { archive_entry_free(entry); }
};

la_ssize_t append(archive*, void* bytes, const void* data, std::size_t size) {
  static_cast<std::string*>(bytes)->append(static_cast<const char*>(data), size);
  return static_cast<la_ssize_t>(size);
}

// Builds the archive in memory. Errors are kept and told once, by finish().
class CpioWriter {
 public:
  CpioWriter() : writer_(archive_write_new()) {
    good_ = archive_write_set_format_cpio_newc(writer_.get()) == ARCHIVE_OK &&
            archive_write_set_bytes_per_block(writer_.get(), 0) == ARCHIVE_OK &&
            archive_write_open(writer_.get(), &bytes_, nullptr, append, nullptr) == ARCHIVE_OK;
  }

  void directory(std::string_view name) { put(name, AE_IFDIR, 0755, {}, 0); }
  void character_device(std::string_view name, dev_t device) { put(name, AE_IFCHR, 0600, {}, device); }
  void file(std::string_view name, std::string_view content, unsigned mode) {
    put(name, AE_IFREG, mode, content, 0);
  }
  void file_from(std::string_view name, const fs::path& source, unsigned mode) {
    const auto content = read_file(source);
    if (content) return file(name, *content, mode);
    if (!failure_) failure_ = std::make_unique<Error>(content.error());
  }

  Result<std::string> finish() {
    good_ = good_ && archive_write_close(writer_.get()) == ARCHIVE_OK;
    if (failure_) return *failure_;
    if (good_) return std::move(bytes_);
    const char* reason = archive_error_string(writer_.get());
    return Error{
        Fault::infra, std::string("write the initramfs: ") + (reason != nullptr ? reason : "?"), 0, {}};
  }

 private:
  void put(std::string_view name, unsigned type, unsigned mode, std::string_view content, dev_t device) {
    const std::unique_ptr<archive_entry, EntryDeleter> entry(archive_entry_new());
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

  std::string bytes_;
  std::unique_ptr<archive, WriterDeleter> writer_;
  std::unique_ptr<Error> failure_;
  la_int64_t inode_ = 0;
  bool good_ = false;
};

void put_libraries(CpioWriter& writer, const SharedLibraries& shared) {
  if (shared.interpreter.empty()) return;
  for (const char* name : {"lib", "lib/x86_64-linux-gnu", "lib64"}) writer.directory(name);
  for (const auto& library : shared.libraries) {
    writer.file_from(std::string(kLibraryDirectory) + library.filename().string(), library, 0755);
  }
  writer.file_from(shared.interpreter.relative_path().string(), shared.loader, 0755);
}

Result<SharedLibraries> libraries_of(const GuestProgram& program) {
  return program.root.empty() ? shared_libraries(program.source)
                              : shared_libraries(program.source, program.root);
}

Result<std::pair<int, int>> version_of_loader(const fs::path& loader) {
  const auto done = TRY(run_command({{loader.string(), "--version"}, {}, {"LC_ALL=C"}}, kLddDeadline));
  return parse_loader_version(done.output);
}

// Another release's come first where its C library is newer: that one runs older programs, too.
Result<std::vector<SharedLibraries>> newest_first(const InitramfsContents& contents) {
  std::vector<std::pair<std::pair<int, int>, SharedLibraries>> sets;
  auto of_agent = TRY(shared_libraries(contents.agent));
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

void put_files(CpioWriter& writer, const std::vector<GuestProgram>& files) {
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

Result<std::string> make_initramfs(const InitramfsContents& contents) {
  const auto shared = TRY(all_libraries(contents));
  CpioWriter writer;
  for (const char* name : {"dev", "proc", "sys", "tmp"}) writer.directory(name);
  // The kernel opens it as init's standard streams before anybody can mount devtmpfs.
  writer.character_device("dev/console", makedev(5, 1));
  writer.file_from("init", contents.agent, 0755);
  put_libraries(writer, shared);
  auto files = contents.programs;
  files.insert(files.end(), contents.files.begin(), contents.files.end());
  put_files(writer, files);
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
  CpioWriter writer;
  put_files(writer, files);
  return writer.finish();
}

std::string place_of_probe(const fs::path& file, std::string_view extension) {
  const auto name =
      extension.empty() ? file.filename() : fs::path(file.stem().string() + std::string(extension));
  return "probe/" + name.string();
}

}  // namespace probebench::vm
