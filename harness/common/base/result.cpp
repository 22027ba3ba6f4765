// SPDX-License-Identifier: MIT
#include "base/result.h"

#include <cerrno>
#include <cstring>

namespace probebench::inline base {

std::string Error::message() const {
  std::string text = what;
  if (err != 0) {
    text += ": ";
    text += std::strerror(err);
  }
  if (!hint.empty()) {
    text += "; ";
    text += hint;
  }
  return text;
}

Error errno_error(Fault fault, std::string what, std::string hint) {
  const int saved = errno;
  return Error{fault, std::move(what), saved, std::move(hint)};
}

}  // namespace probebench::inline base
