// SPDX-License-Identifier: MIT
// What a module is made of beside its own source, by content.
#pragma once

#include <string>

#include "base/file.h"

namespace probebench::modules {

// A digest over all that goes into a module which is built in `headers` with that makefile: the
// configuration, the headers, the makefiles and tools that compile and link it, the exported symbols, and the
// kernel's BTF, which the module's own BTF counts on. For trees that their owner edits; it reads about 60 MB.
// Names and times have no part.
Result<std::string> digest_of_headers(const fs::path& headers, const fs::path& makefile);

}  // namespace probebench::modules
