// SPDX-License-Identifier: MIT
#include "modules/module_sign.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/process.h"
#include "base/text.h"
#include "kernels/build_tools.h"
#include "kernels/kernel_headers.h"

namespace probebench::modules {
namespace {

constexpr std::string_view kHashSetting = "CONFIG_MODULE_SIG_HASH=\"";
constexpr const char* kDefaultHash = "sha256";

Error unusable(const std::string& named, const std::string& why, int err) {
  return {Fault::usage, fmt::format("--sign {}: {}", named, why), err,
          "a private key and its certificate in PEM, or KEY,CERTIFICATE"};
}

// Beside the key, as those who make keys for the machine owner's list call it.
fs::path certificate_beside(const fs::path& key) {
  for (const char* ending : {".x509", ".pub", ".der", ".crt", ".pem"}) {
    auto beside = key;
    beside.replace_extension(ending);
    std::error_code none;
    if (beside != key && fs::is_regular_file(beside, none)) return beside;
  }
  return {};
}

Result<std::string> hash_of(const kernels::Kernel& kernel) {
  const auto config = TRY(read_file(kernels::headers_config(kernel.headers)));
  const auto at = config.find(kHashSetting);
  if (at == std::string::npos) return std::string(kDefaultHash);
  const auto begin = at + kHashSetting.size();
  return config.substr(begin, config.find('"', begin) - begin);
}

}  // namespace

Result<SigningKey> signing_key(const std::string& named) {
  const auto comma = named.find(',');
  SigningKey found{named.substr(0, comma), comma == std::string::npos ? "" : named.substr(comma + 1)};
  const auto text = read_file(found.key);
  if (!text) return unusable(named, "cannot read the key", text.error().err);
  if (text->find("PRIVATE KEY-----") == std::string::npos) return unusable(named, "no private key in PEM", 0);
  if (found.certificate.empty()) {
    const bool has_both = text->find("BEGIN CERTIFICATE-----") != std::string::npos;
    found.certificate = has_both ? found.key : certificate_beside(found.key);
  }
  if (found.certificate.empty()) return unusable(named, "no certificate in it or beside it", 0);
  if (::access(found.certificate.c_str(), R_OK) != 0) {
    return unusable(named, "cannot read the certificate", errno);
  }
  return found;
}

Result<fs::path> sign_module(const kernels::Kernel& kernel, const fs::path& module, const SigningKey& key) {
  const auto program = kernel.headers / "scripts/sign-file";
  if (!program_exists(program.string())) {
    return Error{Fault::infra, fmt::format("sign the module: the headers lack {}", program.string()), 0,
                 "headers of a kernel with CONFIG_MODULE_SIG=y"};
  }
  const auto hash = TRY(hash_of(kernel));
  const auto made = module.parent_path() / "signed.ko";
  const auto part = module.parent_path() / temporary_name();
  const auto done = run_command({.argv = {program.string(), hash, key.key.string(), key.certificate.string(),
                                          module.string(), part.string()}},
                                kernels::kToolDeadline);
  std::error_code failure;
  if (done && done->exit_code == 0) fs::rename(part, made, failure);
  if (done && done->exit_code == 0 && !failure) return made;
  fs::remove(part, failure);
  if (!done) return done.error();
  return Error{Fault::infra,
               fmt::format("sign the module with {}: {}", key.key.string(), first_line(done->output)), 0,
               "a passphrase is taken from KBUILD_SIGN_PIN"};
}

}  // namespace probebench::modules
