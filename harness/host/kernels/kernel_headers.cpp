// SPDX-License-Identifier: MIT
#include "kernels/kernel_headers.h"

#include <fmt/format.h>

#include <array>
#include <regex>

#include "base/process.h"

namespace probebench::kernels {
namespace {

Error headers_error(const fs::path& headers, const std::string& problem, std::string hint = {}) {
  if (hint.empty()) hint = "give the unpacked linux-headers directory of the same kernel with --headers";
  return {Fault::infra, "use kernel headers " + headers.string() + ": " + problem, 0, std::move(hint)};
}

// #define UTS_RELEASE "6.1.0-56-cloud-amd64"
std::string release_of(const fs::path& headers) {
  const auto text = read_file(headers / "include/generated/utsrelease.h");
  if (!text) return {};
  const auto open = text->find('"');
  const auto close = text->find('"', open + 1);
  if (open == std::string::npos || close == std::string::npos) return {};
  return text->substr(open + 1, close - open - 1);
}

// What decides how a probe may be armed, what guards branches and returns, what checks each lock and access.
// Options that had other names before 6.9 (MITIGATION_) have both.
constexpr auto kCostOptions = std::to_array<const char*>({
    "PREEMPTION",
    "PREEMPT_DYNAMIC",
    "PREEMPT_RT",
    "SPECULATION_MITIGATIONS",
    "CPU_MITIGATIONS",
    "RETPOLINE",
    "MITIGATION_RETPOLINE",
    "RETHUNK",
    "MITIGATION_RETHUNK",
    "CPU_SRSO",
    "MITIGATION_SRSO",
    "CALL_DEPTH_TRACKING",
    "MITIGATION_CALL_DEPTH_TRACKING",
    "SLS",
    "MITIGATION_SLS",
    "CFI_CLANG",
    "X86_KERNEL_IBT",
    "PROVE_LOCKING",
    "LOCK_STAT",
    "DEBUG_LOCK_ALLOC",
    "DEBUG_PREEMPT",
    "DEBUG_LIST",
    "KASAN",
    "KCSAN",
    "KMSAN",
    "UBSAN",
    "CC_OPTIMIZE_FOR_SIZE",
    "CC_IS_CLANG",
});

}  // namespace

fs::path headers_config(const fs::path& headers) {
  std::error_code failure;
  const auto own = headers / ".config";
  return fs::exists(own, failure) ? own : headers / "include/config/auto.conf";
}

Status check_headers(const fs::path& headers, const std::string& release) {
  std::error_code failure;
  if (!fs::is_directory(headers, failure)) return headers_error(headers, "it is not a directory");
  if (!fs::is_regular_file(headers / "Makefile", failure))
    return headers_error(headers, "it has no Makefile");
  if (!fs::is_regular_file(headers_config(headers), failure)) {
    return headers_error(headers, "it has neither .config nor include/config/auto.conf");
  }
  // A kernel's source, or its output directory, without the last step of its build.
  if (!fs::exists(headers / "Module.symvers", failure)) {
    return headers_error(headers, "it has no Module.symvers",
                         "run make there: what is made stays, and it makes what is missing");
  }
  const auto found = release_of(headers);
  if (found.empty()) return headers_error(headers, "it has no include/generated/utsrelease.h");
  if (found == release) return Done{};
  return headers_error(headers, "it is for " + found + ", the kernel is " + release);
}

Result<fs::path> headers_makefile(const fs::path& headers) {
  const auto text = TRY(read_file(headers / "Makefile"));
  static const std::regex kInclude(R"((?:KBUILD_OUTPUT=\S+\s+)?include\s+(/\S+/([^/\s]+)/Makefile)\s*)");
  std::smatch match;
  if (!std::regex_match(text, match, kInclude)) return headers / "Makefile";
  std::error_code failure;
  const fs::path beside = fs::weakly_canonical(headers, failure).parent_path() / match[2].str() / "Makefile";
  if (fs::exists(beside, failure)) return beside;
  if (fs::exists(match[1].str(), failure)) return fs::path(match[1].str());
  return headers_error(headers, "its Makefile includes " + match[1].str() + ", which does not exist",
                       "unpack the package " + match[2].str() + " into the same root");
}

std::string headers_compiler(const fs::path& headers) {
  // Debian's headers say it in a makefile; every build tree says it in its configuration.
  static const std::regex kVariable(R"(\nCC\s*=.*\b(gcc-[0-9]+))");
  static const std::regex kConfigured(R"(\nCONFIG_CC_VERSION_TEXT="\S*\b(gcc-[0-9]+))");
  for (const auto& [file, pattern] : {std::pair{headers / ".kernelvariables", kVariable},
                                      std::pair{headers_config(headers), kConfigured}}) {
    const auto text = read_file(file);
    std::smatch match;
    if (text && std::regex_search(*text, match, pattern) && program_exists(match[1].str()))
      return match[1].str();
  }
  return "gcc";
}

std::string preemption_of(std::string_view config) {
  for (const char* model :
       {"PREEMPT_DYNAMIC", "PREEMPT_RT", "PREEMPT_LAZY", "PREEMPT", "PREEMPT_VOLUNTARY", "PREEMPT_NONE"}) {
    if (config_has(config, fmt::format("CONFIG_{}", model))) return model;
  }
  return {};
}

std::string cost_options_of(std::string_view config) {
  std::string found;
  for (const auto* option : kCostOptions) {
    if (!config_has(config, fmt::format("CONFIG_{}", option))) continue;
    found += found.empty() ? option : fmt::format(" {}", option);
  }
  return found;
}

bool config_has(std::string_view config, std::string_view name) {
  const std::string line = "\n" + std::string(name) + "=y\n";
  return ("\n" + std::string(config)).find(line) != std::string::npos;
}

}  // namespace probebench::kernels
