// SPDX-License-Identifier: MIT
#include "kernels/kernel_store.h"

#include <fmt/format.h>

#include <cerrno>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/digest.h"
#include "base/safe_path.h"
#include "kernels/cache.h"
#include "kernels/debian_version.h"
#include "kernels/kept_packages.h"
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

// names.json: the directory of the release that a name stood for when it was last looked up, so that a warm
// start needs no network. {"6.12": {"release": "6.12.117+deb12-cloud-amd64", "note": ""}}
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
  names[name] = {{"release", kernel.directory.filename().string()}, {"note", kernel.note}};
  std::error_code unknown;
  const fs::path file = kernels_of(paths) / kNames;
  if (fs::is_directory(fs::symlink_status(file, unknown))) {
    TRY(remove_below(paths.cache, fs::path(kKernelsPart) / kNames));
  }
  return write_file_atomic(file, names.dump(2, ' ', false, json::error_handler_t::replace) + "\n");
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
  auto kernel = cached_directory(paths.cache, *release, progress);
  if (!kernel) return std::nullopt;
  kernel->note = text_in(*entry, "note");
  return kernel;
}

Result<std::optional<Kernel>> locked_kernel(const TargetPaths& paths, const std::string& release,
                                            const std::string& version, Progress& progress) {
  const auto lock = TRY(CacheLock::acquire(paths.cache, progress));
  return cached_kernel(paths.cache, release, version, progress);
}

// What was just put into the cache.
Result<Kernel> in_cache(const TargetPaths& paths, const std::string& release, const std::string& version,
                        Progress& progress) {
  const auto kernel = TRY(locked_kernel(paths, release, version, progress));
  if (kernel) return *kernel;
  return Error{Fault::infra, "find kernel " + release + " in the cache: another run has removed it", 0,
               "try again"};
}

Result<Kernel> obtain(const AptMirror& mirror, const AptPackage& image, const TargetPaths& paths,
                      Progress& progress) {
  const auto packages = TRY(complete_packages(mirror, image));
  const auto cached = TRY(locked_kernel(paths, packages.release, packages.version, progress));
  if (cached) return *cached;
  TRY(fetch_kernel(mirror, packages, paths, progress));
  return in_cache(paths, packages.release, packages.version, progress);
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
std::string remembered_as(const std::string& own_name, const KernelCatalog& catalog,
                          const TargetPaths& paths) {
  auto name =
      catalog.arch == ArchId::x86_64 ? own_name : fmt::format("{} {}", own_name, info_of(catalog.arch).name);
  if (paths.kernels_file.empty()) return name;
  const auto entry = catalog.find(own_name);
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

// One that is unpacked under another name: a pinned one is what its series stood for earlier.
Result<std::optional<Kernel>> unpacked_version(const CatalogEntry& entry, const TargetPaths& paths,
                                               Progress& progress) {
  const auto lock = TRY(CacheLock::acquire(paths.cache, progress));
  std::error_code absent;
  for (const auto& directory : fs::directory_iterator(kernels_of(paths), absent)) {
    const auto name = directory.path().filename().string();
    const auto identity = identity_in(directory.path());
    if (name.starts_with('.') || !identity || !is_of(entry, identity->release, identity->version)) continue;
    auto kernel = cached_directory(paths.cache, name, progress);
    if (kernel) return kernel;
  }
  return std::optional<Kernel>();
}

// From packages that are kept, the newest of them.
Result<std::optional<Kernel>> from_kept(const CatalogEntry& entry, const TargetPaths& paths,
                                        Progress& progress) {
  std::optional<KeptPackages> newest;
  for (const auto& name : names_of_kept(paths.store())) {
    const auto kept = find_kept_of(entry, paths.store(), name);
    if (!kept) progress.note(kept.error().message());
    if (!kept || !*kept) continue;
    if (!newest || compare_debian_versions((*kept)->version, newest->version) > 0) newest = **kept;
  }
  if (!newest) return std::optional<Kernel>();
  const auto cached = TRY(locked_kernel(paths, newest->release, newest->version, progress));
  if (cached) return cached;
  TRY(unpack_kernel(*newest, paths, progress));
  auto kernel = TRY(in_cache(paths, newest->release, newest->version, progress));
  return std::optional<Kernel>(std::move(kernel));
}

// A version is whose it is: the mirror is asked only when nobody here has it.
Result<Kernel> pinned_kernel(const std::string& name, const CatalogEntry& entry, const KernelCatalog& catalog,
                             const TargetPaths& paths, Progress& progress) {
  const auto unpacked = TRY(unpacked_version(entry, paths, progress));
  if (unpacked) return *unpacked;
  const auto kept = from_kept(entry, paths, progress);
  if (kept && *kept) return **kept;
  if (!kept) progress.note(kept.error().message());
  return looked_up(name, catalog, paths, progress);
}

// The newest of the mirror; where that does not answer, of the packages that are kept.
Result<Kernel> newest_kernel(const std::string& name, const KernelCatalog& catalog, const TargetPaths& paths,
                             Progress& progress) {
  auto kernel = looked_up(name, catalog, paths, progress);
  const auto entry = catalog.find(name);
  if (kernel || !entry || kernel.error().fault != Fault::infra) return kernel;
  const auto kept = from_kept(*entry, paths, progress);
  if (!kept || !*kept) return kernel;
  auto found = **kept;
  found.note = "from packages that are kept: " + kernel.error().what;
  return found;
}

Result<Kernel> kernel_by_name(const KernelRequest& request, const KernelCatalog& catalog,
                              const TargetPaths& paths, Progress& progress) {
  const auto key = remembered_as(request.name, catalog, paths);
  const auto entry = catalog.find(request.name);
  const bool pinned = entry && !entry->version.empty();
  if (request.refresh && !pinned) {
    TRY(open_cache(paths.cache));
  } else {
    const auto cached = TRY(locked_name(paths, key, progress));
    if (cached && (!pinned || cached->package_version == entry->version)) return *cached;
  }
  auto kernel = pinned ? pinned_kernel(request.name, *entry, catalog, paths, progress)
                       : newest_kernel(request.name, catalog, paths, progress);
  if (!kernel) return kernel;
  TRY(remember_name(paths, key, *kernel, progress));
  return kernel;
}

// Of one that was fetched before packages were kept.
Result<KeptPackages> fetched_packages(const Kernel& kernel, CatalogEntry entry, const TargetPaths& paths,
                                      Progress& progress) {
  entry.version = kernel.package_version;
  entry.series = series_of(kernel.release);
  auto offer = TRY(find_kernel(entry, paths, progress));
  const auto packages = TRY(complete_packages(offer.mirror, offer.images.front()));
  auto kept = keep_packages(offer.mirror, packages, paths, progress);
  if (auto lists = offer.mirror.keep(); !lists && kept) return lists.error();
  return kept;
}

Result<Kernel> find_kernel(const KernelRequest& request, const TargetPaths& paths, Progress& progress) {
  fs::path path = request.name;
  fs::path headers = request.headers;
  if (!is_kernel_path(request.name)) {
    const auto catalog = TRY(load_catalog(paths.catalog())).on(request.arch);
    const bool named = request.name != "auto" && request.name != "stock";
    const auto entry = TRY(named ? catalog.find(request.name) : Result<CatalogEntry>(CatalogEntry{}));
    if (entry.image.empty()) return kernel_by_name(request, catalog, paths, progress);
    path = entry.image;
    headers = entry.headers;
  }
  return kernel_by_path(path, headers, paths.cache, progress);
}

}  // namespace

Result<KeptPackages> provide_packages(const std::string& name, const TargetPaths& paths, Progress& progress) {
  if (is_kernel_path(name))
    return Error{Fault::usage, name + ": a file has no packages", 0, "name a kernel of ci/kernels.toml"};
  const auto catalog = TRY(load_catalog(paths.catalog()));
  const bool named = name != "auto" && name != "stock";
  auto entry =
      TRY(named ? catalog.find(name) : Result<CatalogEntry>(CatalogEntry{.flavour = catalog.flavour}));
  const auto kernel = TRY(provide_kernel({.name = name}, paths, progress));
  if (kernel.package_version.empty())
    return Error{Fault::usage, name + ": it is a file, and has no packages", 0, {}};
  const auto kept = find_kept(paths.store(), kept_name(kernel.release, kernel.package_version));
  if (kept && *kept) return **kept;
  return fetched_packages(kernel, std::move(entry), paths, progress);
}

Result<Kernel> provide_kernel(const KernelRequest& request, const TargetPaths& paths, Progress& progress) {
  if (!request.headers.empty() && !is_kernel_path(request.name)) {
    return Error{Fault::usage, "--headers " + request.headers.string() + " goes only with --kernel VMLINUZ",
                 0, "leave it out, or give the path of a vmlinuz"};
  }
  auto kernel = find_kernel(request, paths, progress);
  if (!kernel) return kernel;
  if (kernel->arch != request.arch) {
    return Error{Fault::usage,
                 fmt::format("--kernel {}: it is one of {}, and --arch is {}", request.name,
                             info_of(kernel->arch).name, info_of(request.arch).name),
                 0, fmt::format("add --arch {}", info_of(kernel->arch).name)};
  }
  kernel->name = request.name;
  return kernel;
}

}  // namespace probebench::kernels
