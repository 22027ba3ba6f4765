// SPDX-License-Identifier: MIT
// The kernel's types (BTF), by which BPF trampolines are attached.
#pragma once

#include <bpf/btf.h>

#include <cstdint>
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace probebench::kernel {

// The kernel's own, without those of modules. They are read once, and stay: reading them takes longer than
// measuring a row does.
Result<const btf*> kernel_types();

// What a tracing program is attached to.
struct TypedTarget {
  std::uint32_t id = 0;
  UniqueFd module;  // of the BTF that has the type; none: the kernel's own
};

// The type of that name and kind (BTF_KIND_...). `owner` is the module that has it, or vmlinux; empty: the
// kernel, else any of its modules. One that is not there is an error of Fault::cell, which begins with
// `what`; BTF that cannot be read an unsupported one.
Result<TypedTarget> find_typed_target(const std::string& what, const std::string& name, std::uint32_t kind,
                                      const std::string& owner = {});

}  // namespace probebench::kernel
