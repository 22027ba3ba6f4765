// SPDX-License-Identifier: MIT
#include "modules/toolchain.h"

#include <fmt/format.h>

#include <chrono>
#include <regex>

#include "base/process.h"
#include "kernels/kernel_headers.h"

namespace probebench::modules {
namespace {

constexpr std::chrono::seconds kVersionDeadline{10};

// "19" of "CONFIG_CLANG_VERSION=190107".
std::string clang_of(const std::string& config) {
  static const std::regex kVersion(R"(\nCONFIG_CLANG_VERSION=([0-9]+)[0-9]{4}\n)");
  std::smatch match;
  const auto text = "\n" + config + "\n";
  return std::regex_search(text, match, kVersion) ? match[1].str() : std::string();
}

Result<bool> is_version(const std::string& program, const std::string& version) {
  if (!program_exists(program)) return false;
  const auto done = TRY(run_command({{program, "--version"}}, kVersionDeadline));
  return done.output.find("clang version " + version + ".") != std::string::npos;
}

// Names with the version are Debian's; elsewhere the one there is may be of that version.
Result<std::string> installed_clang(const std::string& version) {
  if (program_exists("clang-" + version)) return "clang-" + version;
  if (TRY(is_version("clang", version))) return std::string("clang");
  return Error{Fault::infra, fmt::format("build a module for a kernel that was built by clang {}", version),
               0, fmt::format("install clang-{0}, lld-{0} and llvm-{0}", version)};
}

}  // namespace

// Packages of cross compilers have one version each, mostly the distribution's own.
Result<Toolchain> cross_toolchain(ArchId arch) {
  const auto prefix = fmt::format("{}-", info_of(arch).triplet);
  const auto compiler = prefix + "gcc";
  if (program_exists(compiler))
    return Toolchain{
        compiler, {fmt::format("ARCH={}", info_of(arch).name), "CROSS_COMPILE=" + prefix}, prefix};
  return Error{Fault::infra,
               fmt::format("build a module for {}: {} is not found", info_of(arch).name, compiler), 0,
               fmt::format("apt-get install gcc-{}", info_of(arch).triplet)};
}

Result<Toolchain> toolchain_for(const fs::path& headers, ArchId arch) {
  if (arch != kOwnArch) return cross_toolchain(arch);
  const auto config = read_file(kernels::headers_config(headers));
  if (!config || !kernels::config_has(*config, "CONFIG_CC_IS_CLANG")) {
    return Toolchain{kernels::headers_compiler(headers), {}};
  }
  const auto version = clang_of(*config);
  Toolchain toolchain{TRY(installed_clang(version)), {}};
  if (kernels::config_has(*config, "CONFIG_LD_IS_LLD")) {
    const bool suffixed = program_exists("ld.lld-" + version) && program_exists("llvm-nm-" + version);
    toolchain.variables.push_back("LLVM=" + (suffixed ? "-" + version : std::string("1")));
  }
  return toolchain;
}

}  // namespace probebench::modules
