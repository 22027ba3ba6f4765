// SPDX-License-Identifier: MIT
// What a module is made of beside its own source, by content.
#pragma once

#include <chrono>
#include <string>

#include "base/file.h"

namespace probebench::modules {

// A digest over all that goes into a module which is built in `headers` with that makefile: the
// configuration, the headers, the makefiles and tools that compile and link it, the exported symbols, and the
// kernel's BTF, which the module's own BTF counts on. For trees that their owner edits. Names and times have
// no part. It reads about 60 MB, so what it was is kept in `directory`, of the cache, and holds as long as no
// file there has another size, time or inode. Files that are younger than a tick of their clock may still
// change unseen: that is not kept.
Result<std::string> digest_of_headers(const fs::path& headers, const fs::path& makefile,
                                      const fs::path& directory, std::chrono::system_clock::time_point now);

}  // namespace probebench::modules
