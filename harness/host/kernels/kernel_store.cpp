// SPDX-License-Identifier: MIT
#include "kernels/kernel_store.h"

#include <fmt/format.h>

#include <cerrno>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/digest.h"
#include "base/safe_path.h"
#include "kernels/cache.h"
#include "kernels/kernel_catalog.h"
#include "kernels/kernel_fetch.h"
#include "kernels/kernel_headers.h"
#include "kernels/kernel_manifest.h"
#include "kernels/kernel_packages.h"
#include "kernels/users_kernel.h"

namespace probebench::kernels {
namespace {

using nlohmann::json;

constexpr const char* kNames = "names.json";

fs::path kernels_of(const TargetPaths& paths) {
  return paths.cache / kKernelsPart;
}

// names.json: which release a name stood for when it was last looked up, so that a warm start needs no
// network. {"6.12": {"release": "6.12.117+deb12-cloud-amd64", "note": ""}}
json read_names(const TargetPaths& paths) {
  const auto text = read_cached(paths.cache, fs::path(kKernelsPart) / kNames);
  if (!text) return json::object();
  auto names = json::parse(*text, nullptr, false);
  return names.is_object() ? names : json::object();  // an unreadable one is looked up anew
}

// A name that is a directory cannot be replaced by a file.
Status remember_name(const TargetPaths& paths, const std::string& name, const Kernel& kernel,
                     Progress& progress) {
  const auto lock = TRY(CacheLock::acquire(paths.cache, progress));
  auto names = read_names(paths);
  names[name] = {{"release", kernel.release}, {"note", kernel.note}};
  std::error_code unknown;
  const fs::path file = kernels_of(paths) / kNames;
  if (fs::is_directory(fs::symlink_status(file, unknown))) {
    TRY(remove_below(paths.cache, fs::path(kKernelsPart) / kNames));
  }
  return write_file_atomic(file, names.dump(2, ' ', false, json::error_handler_t::replace) + "\n");
}

// The cached kernel of a release, which names a directory. A damaged one is removed, after saying so: the
// caller holds the lock.
std::optional<Kernel> cached_release(const TargetPaths& paths, const std::string& release,
                                     Progress& progress) {
  std::error_code failure;
  if (!fs::exists(fs::symlink_status(kernels_of(paths) / release, failure))) return std::nullopt;
  auto kernel = read_manifest(kernels_of(paths) / release);
  if (kernel) return *kernel;
  progress.step(kernel.error().message() + "; fetching it again");
  const auto removed = remove_below(paths.cache, fs::path(kKernelsPart) / release);
  if (!removed) progress.step(removed.error().message());
  return std::nullopt;
}

// Empty: it is not there, or no text.
std::string text_in(const json& object, const char* member) {
  const auto found = object.find(member);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::optional<Kernel> cached_name(const TargetPaths& paths, const std::string& name, Progress& progress) {
  const auto names = read_names(paths);
  const auto entry = names.find(name);
  if (entry == names.end() || !entry->is_object()) return std::nullopt;
  const auto release =
      file_name_of(text_in(*entry, "release"),
                   fmt::format("{}: release of {}", (kernels_of(paths) / kNames).string(), name));
  if (!release) {
    progress.note(release.error().message() + "; looking for it anew");
    return std::nullopt;
  }
  auto kernel = cached_release(paths, *release, progress);
  if (!kernel) return std::nullopt;
  kernel->note = text_in(*entry, "note");
  return kernel;
}

Result<std::optional<Kernel>> locked_release(const TargetPaths& paths, const std::string& release,
                                             Progress& progress) {
  const auto lock = TRY(CacheLock::acquire(paths.cache, progress));
  return cached_release(paths, release, progress);
}

Result<Kernel> obtain(const AptMirror& mirror, const AptPackage& image, const TargetPaths& paths,
                      Progress& progress) {
  const auto packages = TRY(complete_packages(mirror, image));
  const auto cached = TRY(locked_release(paths, packages.release, progress));
  if (cached) return *cached;
  TRY(fetch_kernel(mirror, packages, paths.cache, progress));
  return read_manifest(kernels_of(paths) / packages.release);
}

bool has_fprobe(const Kernel& kernel) {
  const auto config = read_file(headers_config(kernel.headers));
  return config && config_has(*config, "CONFIG_FPROBE");
}

// The first offered kernel that will do: with several on offer, the first that has fprobe.
Result<Kernel> first_suitable(const KernelOffer& offer, const TargetPaths& paths, Progress& progress) {
  std::string note;
  for (const auto& image : offer.images) {
    auto kernel = obtain(offer.mirror, image, paths, progress);
    if (!kernel) return kernel;
    const bool last = &image == &offer.images.back();
    if (last || has_fprobe(*kernel)) {
      kernel->note = note;
      return kernel;
    }
    note += fmt::format("{}{} has no fprobe", note.empty() ? "" : ", ", kernel->release);
  }
  return Error{Fault::infra, "find a kernel: the mirror offers none", 0, {}};
}

// Asked beforehand, because apt-get waits for ever on a disk without any space.
Status check_space(const fs::path& cache) {
  constexpr std::uintmax_t kNeededMb = 400;  // lists, packages and the unpacked kernel together
  std::error_code failure;
  const auto free_mb = fs::space(cache, failure).available >> 20;
  if (failure || free_mb >= kNeededMb) return Done{};
  return filesystem_error(fmt::format("fetch a kernel into {}, which has {} MB of the {} MB needed",
                                      cache.string(), free_mb, kNeededMb),
                          std::error_code(ENOSPC, std::generic_category()));
}

// Under which names.json knows a kernel: a user's own file may mean another one by the same name.
std::string remembered_as(const std::string& name, const KernelCatalog& catalog, const TargetPaths& paths) {
  if (paths.kernels_file.empty()) return name;
  const auto entry = catalog.find(name);
  const auto definition = entry ? entry->definition() : catalog.flavour;
  return fmt::format("{}@{}", name, sha256_text(definition).substr(0, 8));
}

// The lock is held for the look into the cache, and later to put something there; whoever waits for the
// network in between keeps nobody waiting.
Result<std::optional<Kernel>> locked_name(const TargetPaths& paths, const std::string& name,
                                          Progress& progress) {
  const auto lock = TRY(CacheLock::acquire(paths.cache, progress));
  TRY(make_part(paths.cache, kKernelsPart));
  return cached_name(paths, name, progress);
}

Result<Kernel> looked_up(const std::string& name, const KernelCatalog& catalog, const TargetPaths& paths,
                         Progress& progress) {
  TRY(check_space(paths.cache));
  auto offer = TRY(find_kernels(name, catalog, paths, progress));
  auto kernel = first_suitable(offer, paths, progress);
  // Lists that arrived are good for the next try, too.
  if (auto kept = offer.mirror.keep(); !kept && kernel) return kept.error();
  return kernel;
}

Result<Kernel> kernel_by_name(const KernelRequest& request, const KernelCatalog& catalog,
                              const TargetPaths& paths, Progress& progress) {
  const auto key = remembered_as(request.name, catalog, paths);
  if (request.refresh) {
    TRY(open_cache(paths.cache));
  } else {
    const auto cached = TRY(locked_name(paths, key, progress));
    if (cached) return *cached;
  }
  auto kernel = looked_up(request.name, catalog, paths, progress);
  if (!kernel) return kernel;
  TRY(remember_name(paths, key, *kernel, progress));
  return kernel;
}

Result<Kernel> find_kernel(const KernelRequest& request, const TargetPaths& paths, Progress& progress) {
  fs::path path = request.name;
  fs::path headers = request.headers;
  if (!is_kernel_path(request.name)) {
    const auto catalog = TRY(load_catalog(paths.catalog()));
    const bool named = request.name != "auto" && request.name != "stock";
    const auto entry = TRY(named ? catalog.find(request.name) : Result<CatalogEntry>(CatalogEntry{}));
    if (entry.image.empty()) return kernel_by_name(request, catalog, paths, progress);
    path = entry.image;
    headers = entry.headers;
  }
  return kernel_by_path(path, headers, paths.cache, progress);
}

}  // namespace

Result<Kernel> provide_kernel(const KernelRequest& request, const TargetPaths& paths, Progress& progress) {
  if (!request.headers.empty() && !is_kernel_path(request.name)) {
    return Error{Fault::usage, "--headers " + request.headers.string() + " goes only with --kernel VMLINUZ",
                 0, "leave it out, or give the path of a vmlinuz"};
  }
  auto kernel = find_kernel(request, paths, progress);
  if (kernel) kernel->name = request.name;
  return kernel;
}

}  // namespace probebench::kernels
