// SPDX-License-Identifier: MIT
// libarchive's objects, which go with who has them. Only types: who includes this links libarchive.
#pragma once

#include <archive.h>
#include <archive_entry.h>

#include <memory>

namespace probebench::inline base {

struct FreeReader {
  void operator()(archive* one) const { archive_read_free(one); }
};
struct FreeWriter {
  void operator()(archive* one) const { archive_write_free(one); }
};
struct FreeEntry {
  void operator()(archive_entry* one) const { archive_entry_free(one); }
};

using ReaderHandle = std::unique_ptr<archive, FreeReader>;
using WriterHandle = std::unique_ptr<archive, FreeWriter>;
using EntryHandle = std::unique_ptr<archive_entry, FreeEntry>;

}  // namespace probebench::inline base
