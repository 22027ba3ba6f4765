// SPDX-License-Identifier: MIT
#include "modules/header_content.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/digest.h"
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
                            "scripts/basic/fixdep",
                            "scripts/mod/modpost",
                            "scripts/module.lds",
                            "tools/bpf/resolve_btfids/resolve_btfids",
                            "tools/objtool/objtool"};
constexpr std::array kTrees{"include", "arch/x86/include"};

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

}  // namespace

Result<std::string> digest_of_headers(const fs::path& headers, const fs::path& makefile) {
  std::string text;
  TRY(add_all(headers, text));
  const auto source = makefile.parent_path();
  std::error_code none;
  if (!fs::equivalent(source, headers, none)) TRY(add_all(source, text));
  TRY(add_btf(headers, text));
  return sha256_text(text);
}

}  // namespace probebench::modules
