// SPDX-License-Identifier: MIT
#include "kernel/kernel_types.h"

#include <bpf/bpf.h>
#include <fmt/format.h>

#include <array>
#include <optional>
#include <string_view>
#include <vector>

#include "kernel/bpf_text.h"

namespace probebench::kernel {
namespace {

constexpr std::string_view kKernel = "vmlinux";

// A module's types, and the descriptor by which the kernel is told that they are meant.
struct ModuleTypes {
  UniqueFd fd;
  std::uint32_t id = 0;
};

bool is_of(const UniqueFd& types, const std::string& module) {
  std::array<char, 64> name{};
  bpf_btf_info info{};
  info.name = reinterpret_cast<std::uintptr_t>(name.data());
  info.name_len = name.size();
  std::uint32_t size = sizeof info;
  if (!types || bpf_obj_get_info_by_fd(types.get(), &info, &size) != 0 || info.kernel_btf == 0) return false;
  return module.empty() ? std::string_view(name.data()) != kKernel : module == name.data();
}

// Of that module, or of all.
std::vector<ModuleTypes> types_of(const std::string& module) {
  std::vector<ModuleTypes> found;
  std::uint32_t id = 0;
  while (bpf_btf_get_next_id(id, &id) == 0) {
    UniqueFd fd(bpf_btf_get_fd_by_id(id));
    if (is_of(fd, module)) found.push_back({std::move(fd), id});
  }
  return found;
}

std::optional<std::uint32_t> id_in(const btf* types, const std::string& name, std::uint32_t kind) {
  const auto id = btf__find_by_name_kind(types, name.c_str(), kind);
  return id < 0 ? std::nullopt : std::optional(static_cast<std::uint32_t>(id));
}

}  // namespace

Result<const btf*> kernel_types() {
  static const btf* types = nullptr;
  if (types != nullptr) return types;
  keep_bpf_warnings();
  const auto* read = btf__load_vmlinux_btf();
  if (read == nullptr) return bpf_error("read the kernel's BTF", errno);
  types = read;
  return types;
}

Result<TypedTarget> find_typed_target(const std::string& what, const std::string& name, std::uint32_t kind,
                                      const std::string& owner) {
  const auto* own = TRY(kernel_types());
  const bool in_kernel = owner.empty() || owner == kKernel;
  const auto id = in_kernel ? id_in(own, name, kind) : std::nullopt;
  if (id) return TypedTarget{.id = *id, .module = UniqueFd()};
  auto modules = owner == kKernel ? std::vector<ModuleTypes>() : types_of(owner);
  for (auto& module : modules) {
    const OwnedTypes types(btf__load_from_kernel_by_id_split(module.id, const_cast<btf*>(own)));
    const auto found = types ? id_in(types.get(), name, kind) : std::nullopt;
    if (found) return TypedTarget{.id = *found, .module = std::move(module.fd)};
  }
  if (!in_kernel && modules.empty())
    return Error{Fault::cell, what, 0, fmt::format("the kernel has no BTF of the module {}", owner)};
  return Error{Fault::cell, what, 0, "the kernel's BTF does not know that function"};
}

}  // namespace probebench::kernel
