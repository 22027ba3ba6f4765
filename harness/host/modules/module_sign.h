// SPDX-License-Identifier: MIT
// A module signed with the user's key, for kernels that take no other.
#pragma once

#include <string>

#include "kernels/kernel.h"

namespace probebench::modules {

struct SigningKey {
  fs::path key;          // private, PEM
  fs::path certificate;  // X.509, PEM or DER; may be the same file
};

// "KEY,CERTIFICATE", or "KEY", which has both or lies beside KEY's name with .x509, .pub, .der, .crt or .pem
// in place of its own ending. Errors are usage errors.
Result<SigningKey> signing_key(const std::string& named);

// The module, signed by scripts/sign-file of the kernel's headers with the hash that the kernel wants, in a
// file beside it; the module itself stays as it is. A passphrase is taken from KBUILD_SIGN_PIN.
Result<fs::path> sign_module(const kernels::Kernel& kernel, const fs::path& module, const SigningKey& key);

}  // namespace probebench::modules
