// SPDX-License-Identifier: MIT
#include "modules/header_content.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <vector>

#include "base/digest.h"
#include "kernels/cache.h"
#include "kernels/elf_file.h"
#include "kernels/file_list.h"

namespace probebench::modules {
namespace {

using kernels::elf_section;
using kernels::list_tree;

// Without MODVERSIONS Module.symvers is the same whatever the kernel's structures look like: all CRCs are 0.
constexpr std::array kFiles{".config",
                            "Makefile",
                            "Module.symvers",
                            "arch/x86/Makefile",
                            "arch/x86/Makefile.um",
                            "arch/arm64/Makefile",
                            "scripts/basic/fixdep",
                            "scripts/mod/modpost",
                            "scripts/module.lds",
                            "tools/bpf/resolve_btfids/resolve_btfids",
                            "tools/objtool/objtool"};
constexpr std::array kTrees{"include", "arch/x86/include", "arch/arm64/include"};
constexpr std::size_t kDigestLength = 64;
constexpr std::chrono::seconds kTick{2};  // of the coarsest clock of a file system

std::vector<fs::path> makefiles_below(const fs::path& scripts) {
  std::vector<fs::path> found;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(scripts, none)) {
    const auto name = entry.path().filename().string();
    if (name.starts_with("Makefile") || name.starts_with("Kbuild")) found.push_back(entry.path());
  }
  std::ranges::sort(found);
  return found;
}

Status add_file(const fs::path& root, const fs::path& file, std::string& text) {
  std::error_code none;
  if (!fs::is_regular_file(file, none)) return Done{};
  const auto digest = TRY(sha256_file(file));
  text += file.lexically_relative(root).string() + " " + digest + "\n";
  return Done{};
}

Status add_tree(const fs::path& root, const fs::path& tree, std::string& text) {
  std::error_code none;
  if (!fs::is_directory(root / tree, none)) return Done{};
  const auto listed = TRY(list_tree(root / tree, {}));
  for (const auto& file : listed) {
    text += (tree / file.path).string() + " " + file.sha256 + "\n";
  }
  return Done{};
}

Status add_all(const fs::path& root, std::string& text) {
  for (const auto* file : kFiles) {
    TRY(add_file(root, root / file, text));
  }
  for (const auto& file : makefiles_below(root / "scripts")) {
    TRY(add_file(root, file, text));
  }
  for (const auto* tree : kTrees) {
    TRY(add_tree(root, tree, text));
  }
  return Done{};
}

// pahole makes BTF of another size in each build of the same source, and a module's fits only its own
// kernel's.
Status add_btf(const fs::path& headers, std::string& text) {
  const fs::path vmlinux = headers / "vmlinux";
  std::error_code none;
  if (!fs::exists(vmlinux, none)) return Done{};
  const auto content = TRY(read_file(vmlinux));
  text += "BTF " + sha256_text(elf_section(content, ".BTF").value_or(content)) + "\n";
  return Done{};
}

Result<std::string> digest_of_content(const fs::path& headers, const fs::path& source) {
  std::string text;
  TRY(add_all(headers, text));
  if (!source.empty()) TRY(add_all(source, text));
  TRY(add_btf(headers, text));
  return sha256_text(text);
}

// What changes with a file's content, unless that is written twice within a tick of the file's clock.
class FileStates {
 public:
  void add(const fs::path& file) {
    struct stat info = {};
    if (::stat(file.c_str(), &info) == 0) add(file, info);
  }

  void add_tree(const fs::path& tree) {
    std::error_code none;
    for (const auto& entry : fs::recursive_directory_iterator(tree, none)) {
      struct stat info = {};
      if (::lstat(entry.path().c_str(), &info) == 0 && !S_ISDIR(info.st_mode)) add(entry.path(), info);
    }
  }

  void add_all(const fs::path& root) {
    for (const auto* file : kFiles) add(root / file);
    for (const auto& file : makefiles_below(root / "scripts")) add(file);
    for (const auto* tree : kTrees) add_tree(root / tree);
  }

  std::string digest() const { return sha256_text(text_); }
  bool are_settled(std::chrono::system_clock::time_point now) const {
    return newest_ + kTick < now.time_since_epoch();
  }

 private:
  void add(const fs::path& file, const struct stat& info) {
    text_ +=
        fmt::format("{} {} {} {} {}.{} {}.{}\n", file.string(), info.st_dev, info.st_ino, info.st_size,
                    info.st_mtim.tv_sec, info.st_mtim.tv_nsec, info.st_ctim.tv_sec, info.st_ctim.tv_nsec);
    newest_ = std::max(newest_, std::chrono::seconds(std::max(info.st_mtim.tv_sec, info.st_ctim.tv_sec)));
  }

  std::string text_;
  std::chrono::seconds newest_{0};
};

FileStates states_of(const fs::path& headers, const fs::path& source) {
  FileStates states;
  states.add_all(headers);
  if (!source.empty()) states.add_all(source);
  states.add(headers / "vmlinux");
  return states;
}

// The directory of the common makefile where that is another one: what is not configured lies there.
fs::path common_source(const fs::path& headers, const fs::path& makefile) {
  std::error_code none;
  return fs::equivalent(makefile.parent_path(), headers, none) ? fs::path() : makefile.parent_path();
}

}  // namespace

Result<std::string> digest_of_headers(const fs::path& headers, const fs::path& makefile,
                                      const fs::path& directory, std::chrono::system_clock::time_point now) {
  const auto source = common_source(headers, makefile);
  const auto states = states_of(headers, source);
  const auto name = "headers-" + states.digest();
  if (const auto known = kernels::read_cached(directory, name); known && known->size() == kDigestLength) {
    return *known;
  }
  auto digest = TRY(digest_of_content(headers, source));
  if (states.are_settled(now)) TRY(write_file_atomic(directory / name, digest));
  return digest;
}

}  // namespace probebench::modules
