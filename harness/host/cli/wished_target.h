// SPDX-License-Identifier: MIT
// The machines that a command line asks for, in the order of its columns.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "cli/options.h"
#include "kernels/kernel_catalog.h"

namespace probebench {

struct WishedTarget {
  bool native = false;
  std::string kernel = {};       // a name of the catalog, or a path
  std::string kernel_args = {};  // added to the guest's command line; empty: none

  // What it is called while its release is not known: "6.1 mitigations=off".
  std::string title() const;
};

// Each kernel as it is, and again with each --kernel-arg. Errors are usage errors, or a catalog that cannot
// be read.
Result<std::vector<WishedTarget>> wished_targets(const Options& options, const KernelCatalog& catalog);

// What sets a target's id and files apart from others: "+mitigations=off"; spaces become '+'.
std::string id_suffix(const std::string& kernel_args);

// `text` as part of a file's name.
std::string file_label(const std::string& text);

}  // namespace probebench
