// SPDX-License-Identifier: MIT
// The symbols of the running kernel: a line, all of them, and a few with where they end; and the text that
// they name.
#pragma once

#include <elf.h>

#include <charconv>
#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "model/sample.h"

namespace probebench::kernel {

// The symbols of the running kernel: a line, all of them, and a few with where they end.

inline constexpr const char* kKallsyms = "/proc/kallsyms";

// A line of it: "ffffffff81000000 T _stext", "ffffffffc0201000 t pb_open\t[probebench]".
class KernelSymbol {
 public:
  // The line has to outlive it.
  explicit KernelSymbol(std::string_view line) : line_(line) {}

  // False: data, or no symbol at all.
  bool is_text() const {
    return line_.size() > kNameAt && std::string_view("tTwW").find(line_[kTypeAt]) != line_.npos;
  }
  std::uint64_t address() const {
    std::uint64_t address = 0;
    std::from_chars(line_.data(), line_.data() + kTypeAt - 1, address, 16);
    return address;
  }
  std::string_view address_text() const { return line_.substr(0, kTypeAt - 1); }
  std::string_view name() const { return named().substr(0, named().find('\t')); }
  // The module that has it; vmlinux: the kernel itself.
  std::string_view owner() const {
    const auto open = named().find('[');
    return open == std::string_view::npos ? "vmlinux" : named().substr(open + 1, named().size() - open - 2);
  }
  // "pb_open\t[probebench]"; without the owner where that is the kernel itself.
  std::string_view named() const {
    return line_.size() > kNameAt ? line_.substr(kNameAt) : std::string_view();
  }

 private:
  static constexpr std::size_t kTypeAt = 17;
  static constexpr std::size_t kNameAt = 19;

  std::string_view line_;
};

// /proc/kallsyms as it was when this was first called: what the kernel and its modules had then, they have
// still. Printing 150 000 lines costs the kernel 400 million instructions, more than most runs do besides, so
// that a guest reads them before it is saved.
Result<std::string_view> first_listing();

// all: every symbol of text. passing: those that the kernel makes at run time (BPF programs, trampolines,
// pages of kprobe slots), which may be gone the next moment. owned: those, and the ones of all modules.
enum class SymbolSet { all, passing, owned };

// Why no address may be seen, when the listing has names only; Done where it has addresses.
Status addresses_are_shown(std::string_view listing, const std::filesystem::path& root = "/");

// "<address> <name>[\t[<module>]]", one symbol per line, out of /proc/kallsyms.
Result<std::string> read_text_symbols(SymbolSet set);

// The same out of a listing.
std::string text_symbols(std::string_view listing, SymbolSet set);

struct KernelFunction {
  std::uint64_t address = 0;
  std::uint64_t size = 0;       // up to the next symbol
  std::uint32_t namesakes = 1;  // functions of this name; the address is the first one's
  std::string owner = {};       // module, or vmlinux
};

using FunctionTable = std::map<std::string, KernelFunction>;

// The wanted symbols that the listing (/proc/kallsyms) has, with where each one ends. "probebench:pb_open" is
// wanted of that owner alone, and is called so in the table.
FunctionTable find_functions(std::string_view listing, const std::set<std::string>& wanted);
Result<FunctionTable> find_kernel_functions(const std::set<std::string>& wanted);

// Names of functions that are as long as this one, give or take a few letters, and begin like it.
std::vector<std::string> functions_like(std::string_view listing, std::string_view name);

// The running kernel's own text, read from outside the helper module.

// The address that a line of /proc/kallsyms gives a symbol; 0: none names it.
std::uint64_t address_in_kallsyms(std::string_view listing, std::string_view symbol);

// What holds it as a file. A kernel without /proc/kcore is an unsupported error.
class KernelTextFile {
 public:
  static Result<KernelTextFile> open(const std::filesystem::path& kcore = "/proc/kcore");
  Result<Bytes> read(std::uint64_t address, std::size_t length) const;

 private:
  KernelTextFile(std::filesystem::path path, UniqueFd fd);

  std::filesystem::path path_;
  UniqueFd fd_;
  std::vector<Elf64_Phdr> segments_;
};

// One look.
Result<Bytes> read_kernel_text(std::uint64_t address, std::size_t length,
                               const std::filesystem::path& kcore = "/proc/kcore");

}  // namespace probebench::kernel
