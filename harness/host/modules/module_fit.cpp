// SPDX-License-Identifier: MIT
#include "modules/module_fit.h"

#include <fmt/format.h>

#include <chrono>
#include <regex>

#include "base/process.h"
#include "base/text.h"
#include "kernels/build_tools.h"
#include "kernels/elf_file.h"
#include "kernels/kernel_headers.h"

namespace probebench::modules {
namespace {

using kernels::config_has;
using kernels::kToolDeadline;
using kernels::pahole_of;

// The root that a linux-headers package was unpacked into, as <root>/usr/src/linux-headers-*; else empty.
fs::path root_of(const fs::path& headers) {
  std::error_code failure;
  const auto sources = fs::weakly_canonical(headers, failure).parent_path();
  const bool packaged = sources.filename() == "src" && sources.parent_path().filename() == "usr";
  return packaged ? sources.parent_path().parent_path() : fs::path();
}

// pahole of the kernel's own suite, else this machine's; empty: there is none.
std::string find_pahole(const fs::path& headers) {
  if (const auto root = root_of(headers); !root.empty()) {
    if (const auto own = pahole_of(root); !own.empty()) return own.string();
  }
  return program_exists("pahole") ? "pahole" : "";
}

// CONFIG_PAHOLE_VERSION=124: the kernel's makefiles use what that version can do.
int wanted_pahole(const std::string& config) {
  static const std::regex kVersion(R"(\nCONFIG_PAHOLE_VERSION=([0-9]+)\n)");
  std::smatch match;
  return std::regex_search(config, match, kVersion) ? std::stoi(match[1].str()) : 0;
}

std::string btf_in(const fs::path& elf) {
  const auto content = read_file(elf);
  return content ? std::string(kernels::elf_section(*content, ".BTF").value_or("")) : std::string();
}

std::string btf_of(const kernels::Kernel& kernel) {
  if (kernel.btf.empty()) return btf_in(kernel.image);
  auto content = read_file(kernel.btf);
  return content ? *std::move(content) : std::string();
}

// What the module's BTF counts on. pahole gives each build of a kernel another one, so a vmlinux of another
// build will not do, and packages of headers have none: then it is the image's own. Empty: that has none,
// either.
fs::path btf_base_of(const kernels::Kernel& kernel) {
  const auto vmlinux = kernel.headers / "vmlinux";
  std::error_code failure;
  const bool is_there = fs::exists(vmlinux, failure);
  if (!kernel.package_version.empty()) return is_there ? vmlinux : fs::path();
  const auto booted = btf_of(kernel);
  if (booted.empty() || (is_there && btf_in(vmlinux) == booted)) return is_there ? vmlinux : fs::path();
  return kernel.btf.empty() ? kernel.image : kernel.btf;
}

Result<std::string> why_no_btf(const fs::path& base, const std::string& config, const std::string& pahole) {
  if (!config_has(config, "CONFIG_DEBUG_INFO_BTF_MODULES"))
    return std::string("the kernel has no module BTF");
  if (base.empty()) return std::string("the headers lack the kernel's BTF");
  if (pahole.empty()) return std::string("pahole is not installed");
  const auto done = TRY(run_command({{pahole, "--version"}}, kToolDeadline));
  if (pahole_version(done.output) >= wanted_pahole(config)) return std::string();
  return fmt::format("pahole {} is older than the kernel's", first_line(done.output));
}

// A kernel configured by gcc 14 or newer aligns functions with an option that older ones refuse. Without it
// they use -falign-functions, which the same makefile has for them.
Result<bool> lacks_alignment_option(const std::string& config, const std::string& compiler) {
  if (!config_has(config, "CONFIG_CC_HAS_MIN_FUNCTION_ALIGNMENT")) return false;
  const auto done =
      run_command({{compiler, "-fmin-function-alignment=16", "-E", "-x", "c", "/dev/null"}}, kToolDeadline);
  if (!done) return done.error();
  return done->exit_code != 0;
}

}  // namespace

int pahole_version(std::string_view text) {
  static const std::regex kVersion(R"(v([0-9]+)\.([0-9]+)\s*)");
  std::cmatch match;
  if (!std::regex_match(text.data(), text.data() + text.size(), match, kVersion)) return 0;
  return std::stoi(match[1].str()) * 100 + std::stoi(match[2].str());
}

Result<ModuleFit> fit_module(const kernels::Kernel& kernel, const std::string& compiler) {
  const auto& headers = kernel.headers;
  const auto config = TRY(read_file(kernels::headers_config(headers)));
  ModuleFit fit;
  const auto lacks = TRY(lacks_alignment_option(config, compiler));
  if (lacks) fit.variables.emplace_back("CONFIG_CC_HAS_MIN_FUNCTION_ALIGNMENT=");
  const auto pahole = find_pahole(headers);
  const auto base = btf_base_of(kernel);
  fit.no_btf = TRY(why_no_btf(base, config, pahole));
  // The kernel's makefiles know no other base than the headers' vmlinux.
  const bool by_makefiles = fit.no_btf.empty() && base == headers / "vmlinux";
  if (!by_makefiles) {
    fit.variables.emplace_back("CONFIG_DEBUG_INFO_BTF_MODULES=");
    if (fit.no_btf.empty()) fit.btf_command = {pahole, "-J", "--btf_base", base.string()};
    return fit;
  }
  fit.variables.push_back("PAHOLE=" + pahole);
  // Headers before 6.12 come without it; the module has no BTF ids to resolve.
  std::error_code failure;
  if (!fs::exists(headers / "tools/bpf/resolve_btfids/resolve_btfids", failure)) {
    fit.variables.emplace_back("RESOLVE_BTFIDS=true");
  }
  return fit;
}

}  // namespace probebench::modules
