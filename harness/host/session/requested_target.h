// SPDX-License-Identifier: MIT
// The machines that a run is asked for, in the order of its columns.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "kernels/kernel_catalog.h"

namespace probebench::session {

struct RequestedTarget {
  bool native = false;
  std::string kernel = {};       // a name of the catalog, or a path
  std::string kernel_args = {};  // added to the guest's command line; empty: none

  // What it is called while its release is not known: "6.1 mitigations=off".
  std::string title() const;
};

struct TargetChoice {
  bool native = false;                        // the running kernel, and no other
  std::string kernels = "auto";               // comma-separated names and paths, see kernels/kernel_catalog.h
  std::vector<std::string> kernel_args = {};  // each makes one more target of every kernel
  bool no_plain = false;                      // with kernel_args: not the kernel as it is
};

// Each kernel as it is, and again with each of the arguments. Errors are usage errors.
Result<std::vector<RequestedTarget>> requested_targets(const TargetChoice& choice,
                                                       const kernels::KernelCatalog& catalog);

// What sets a target's id and files apart from others: "+mitigations=off"; spaces become '+'.
std::string id_suffix(const std::string& kernel_args);

// `text` as part of a file's name, whatever it is: other characters become '_', and a long text its beginning
// and a digest.
std::string file_label(const std::string& text);

}  // namespace probebench::session
