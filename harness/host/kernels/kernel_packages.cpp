// SPDX-License-Identifier: MIT
#include "kernels/kernel_packages.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "base/safe_path.h"
#include "base/text.h"
#include "kernels/debian_version.h"

namespace probebench::kernels {
namespace {

constexpr std::string_view kImagePrefix = "linux-image-";
constexpr std::string_view kHeadersPrefix = "linux-headers-";
constexpr std::string_view kKbuildPrefix = "linux-kbuild-";
constexpr const char* kHostMirror =
    "host";  // the machine's own suites; other directories are named after kernels

// Of the directory with a mirror's package lists.
std::string list_name(const std::string& place, ArchId arch) {
  return arch == ArchId::x86_64 ? place : fmt::format("{}-{}", place, info_of(arch).name);
}

bool is_image(const std::string& name) {
  return name.starts_with(kImagePrefix);
}

// What a kernel needs beside its image: from Linux 7 on the vmlinuz and the config are packages of their
// own; headers come in three parts.
bool is_wanted(const std::string& name) {
  for (const char* prefix : {"linux-binary-", "linux-headers-", "linux-kbuild-"}) {
    if (name.starts_with(prefix)) return true;
  }
  // linux-hwe-7.0-headers-7.0.0-44 is what Ubuntu calls the part that flavours share.
  if (name.starts_with("linux-") && name.find("-headers-") != std::string::npos) return true;
  constexpr std::string_view kBase = "linux-base-";
  return name.starts_with(kBase) && name.size() > kBase.size() && std::isdigit(name[kBase.size()]) != 0;
}

// An image without another image below it is a real kernel, not a name for the newest one.
bool is_real(const AptPackage& image) {
  return std::ranges::none_of(image.depends, is_image);
}

Result<AptPackage> stock_image(const AptMirror& mirror, const std::string& flavour) {
  auto meta = mirror.show(std::string(kImagePrefix) + flavour);
  if (!meta) return meta;
  const auto image = std::ranges::find_if(meta->depends, is_image);
  if (image == meta->depends.end()) return *meta;
  return mirror.show(*image);
}

// Images of one flavour, newest first, every version of each where one is asked for; an empty series means
// any.
Result<std::vector<AptPackage>> images_of(const AptMirror& mirror, const CatalogEntry& entry) {
  // The dot keeps 6.1 apart from 6.12, and from the package that names the newest 6.1.
  const auto prefix =
      fmt::format("{}{}", kImagePrefix, entry.series.empty() ? std::string() : entry.series + ".");
  const auto suffix = "-" + entry.flavour;
  auto images = entry.version.empty() ? mirror.find(prefix, suffix) : mirror.find_all(prefix, suffix);
  if (!images) return images;
  std::erase_if(*images, [&](const auto& image) { return !has_flavour(image.name, entry.flavour); });
  return images;
}

Result<std::vector<AptPackage>> auto_images(const AptMirror& mirror, const std::string& flavour) {
  const auto all = TRY(images_of(mirror, {.flavour = flavour}));
  auto images = newest_per_series(all);
  auto stock = TRY(stock_image(mirror, flavour));
  images.push_back(stock);
  return images;
}

Result<std::vector<AptPackage>> stock_images(const AptMirror& mirror, const std::string& flavour) {
  return std::vector<AptPackage>{TRY(stock_image(mirror, flavour))};
}

std::string headers_of(const AptPackage& image) {
  return std::string(kHeadersPrefix) + image.name.substr(kImagePrefix.size());
}

// Those that a module can be built for, newest first: backports keep images whose headers are gone. Where
// every version of a package is listed, headers have to be of the image's own.
Result<std::vector<AptPackage>> buildable_of(const AptMirror& mirror, const CatalogEntry& entry) {
  const bool pinned = !entry.version.empty();
  auto images = TRY(images_of(mirror, entry));
  const std::string prefix(kHeadersPrefix);
  const auto suffix = "-" + entry.flavour;
  const auto headers = TRY(pinned ? mirror.find_all(prefix, suffix) : mirror.find(prefix, suffix));
  std::set<std::pair<std::string, std::string>> there;
  for (const auto& one : headers) there.emplace(one.name, pinned ? one.version : "");
  std::erase_if(images, [&](const auto& image) {
    return !there.contains({headers_of(image), pinned ? image.version : ""});
  });
  return images;
}

// The newest one, or the one of the version that is asked for.
std::vector<AptPackage> chosen_of(const std::vector<AptPackage>& buildable, const CatalogEntry& entry) {
  const auto found = std::ranges::find_if(
      buildable, [&](const auto& image) { return entry.version.empty() || image.version == entry.version; });
  return found == buildable.end() ? std::vector<AptPackage>{} : std::vector<AptPackage>{*found};
}

Result<KernelOffer> offer_from(AptMirror mirror, Result<std::vector<AptPackage>> images) {
  if (!images) return images.error();
  return KernelOffer{std::move(mirror), std::move(*images)};
}

Error no_such_kernel(const CatalogEntry& entry) {
  return {Fault::infra,
          fmt::format("find a {} kernel with headers: the mirror has none of flavour {}", entry.name,
                      entry.flavour),
          0, "pass --kernel auto, or --kernel VMLINUZ --headers DIR"};
}

// The newest few; there may be dozens.
std::string newest_words(std::vector<std::string> versions) {
  constexpr std::size_t kShown = 5;
  std::ranges::sort(versions, [](const auto& a, const auto& b) { return compare_debian_versions(a, b) > 0; });
  versions.erase(std::unique(versions.begin(), versions.end()), versions.end());
  if (versions.size() > kShown) versions.resize(kShown);
  return versions.empty() ? "none" : fmt::format("{}", fmt::join(versions, ", "));
}

// `there` are the versions that were seen instead.
Error no_such_version(const CatalogEntry& entry, const std::vector<std::string>& there) {
  const bool archive = !entry.archive.empty();
  return {
      Fault::infra,
      fmt::format("find kernel {}@{}: it is not kept here, and {} not have it with its headers; with headers "
                  "there is {}",
                  entry.name, entry.version, archive ? "the mirror and the archive do" : "the mirror does",
                  newest_words(there)),
      0,
      fmt::format("{}, or take its packages from who has them: ./run-bench kernels import",
                  archive ? "name another day in `archive`"
                          : "set `archive` in a --kernels-file to where old packages are")};
}

// Package lists that a kernel may be in; `name` is that of their directory.
struct Place {
  std::string name;
  std::vector<AptSource> sources;
};

// A series may be in the machine's own suites; the newest of all is where the catalog says. What mirrors have
// dropped is in an archive.
Result<std::vector<Place>> places_of(const CatalogEntry& entry, const std::vector<AptSource>& host) {
  std::vector<Place> places;
  if (!entry.series.empty() || entry.suites.empty()) places.push_back({kHostMirror, host});
  if (!entry.suites.empty()) places.push_back({entry.name, TRY(derive_sources(host, entry.suites))});
  if (!entry.version.empty() && !entry.archive.empty()) {
    places.push_back({entry.name + "-archive", TRY(archived_sources(host, entry.suites, entry.archive))});
  }
  return places;
}

Result<KernelOffer> offer_of_entry(const CatalogEntry& entry, const std::vector<AptSource>& host,
                                   const fs::path& cache, Progress& progress) {
  const auto places = TRY(places_of(entry, host));
  std::vector<std::string> there;
  for (const auto& place : places) {
    auto mirror =
        TRY(AptMirror::open(cache, list_name(place.name, entry.arch), place.sources, progress, entry.arch));
    const auto buildable = TRY(buildable_of(mirror, entry));
    auto chosen = chosen_of(buildable, entry);
    if (!chosen.empty()) return KernelOffer{std::move(mirror), std::move(chosen)};
    for (const auto& image : buildable) there.push_back(image.version);
    TRY(mirror.keep());  // the next kernel may be in it
  }
  return entry.version.empty() ? no_such_kernel(entry) : no_such_version(entry, there);
}

// Libraries by their Debian names, and what makes BTF.
bool is_for_tools(const std::string& name) {
  return name.starts_with("lib") || name == "zlib1g" || name == "pahole";
}

// `found` grows while it is walked: dependencies of dependencies are wanted too. Those of the same source
// have the same `version`.
Status add_dependencies(const AptMirror& mirror, std::vector<AptPackage>& found,
                        bool (*wanted)(const std::string&), const std::string& version) {
  for (std::size_t i = 0; i < found.size(); ++i) {
    const auto depends = found[i].depends;
    for (const auto& name : depends) {
      const bool known = std::ranges::find(found, name, &AptPackage::name) != found.end();
      if (known || !wanted(name)) continue;
      const bool run_here = name.starts_with(kKbuildPrefix) || is_for_tools(name);
      const auto package = TRY(run_here ? mirror.show_for_build(name, version) : mirror.show(name, version));
      found.push_back(package);
    }
  }
  return Done{};
}

}  // namespace

std::string series_of(std::string_view release) {
  const auto first = release.find('.');
  if (first == std::string_view::npos) return std::string(release);
  return std::string(release.substr(0, release.find_first_not_of("0123456789", first + 1)));
}

std::vector<AptPackage> newest_per_series(const std::vector<AptPackage>& newest_first) {
  std::vector<AptPackage> newest;
  std::set<std::string> seen;
  for (const auto& image : newest_first) {
    if (is_real(image) && seen.insert(series_of(image.name.substr(kImagePrefix.size()))).second) {
      newest.push_back(image);
    }
  }
  return newest;
}

bool has_flavour(std::string_view image, std::string_view flavour) {
  const std::string suffix = fmt::format("-{}", flavour);
  if (!image.starts_with(kImagePrefix) || !image.ends_with(suffix)) return false;
  image.remove_prefix(kImagePrefix.size());
  // What is left is a version, whose parts all begin with a digit: 6.12.117+deb12, 6.1.0-56.
  if (image.size() <= suffix.size()) return false;
  image.remove_suffix(suffix.size());
  return std::ranges::all_of(split(image, '-'), [](std::string_view part) {
    return !part.empty() && std::isdigit(static_cast<unsigned char>(part.front())) != 0;
  });
}

Result<KernelOffer> find_kernels(const std::string& name, const KernelCatalog& catalog,
                                 const TargetPaths& paths, Progress& progress) {
  if (name != "auto" && name != "stock") {
    const auto entry = TRY(catalog.find(name));
    return find_kernel(entry, paths, progress);
  }
  progress.step("looking for kernel " + name + " on this machine's mirror");
  const auto host = TRY(host_sources(paths.system));
  if (catalog.flavour.empty()) {
    return Error{Fault::usage, "--kernel " + name + ": " + paths.catalog().string() + " names no flavour", 0,
                 "put flavour = \"cloud-amd64\" at its head"};
  }
  auto mirror =
      TRY(AptMirror::open(paths.cache, list_name(kHostMirror, catalog.arch), host, progress, catalog.arch));
  auto images = name == "auto" ? auto_images(mirror, catalog.flavour) : stock_images(mirror, catalog.flavour);
  return offer_from(std::move(mirror), std::move(images));
}

Result<KernelOffer> find_kernel(const CatalogEntry& entry, const TargetPaths& paths, Progress& progress) {
  progress.step(fmt::format("looking for kernel {}{}{} on this machine's mirror", entry.name,
                            entry.version.empty() ? "" : "@", entry.version));
  const auto host = TRY(host_sources(paths.system));
  return offer_of_entry(entry, host, paths.cache, progress);
}

Result<KernelPackages> complete_packages(const AptMirror& mirror, const AptPackage& image) {
  const auto release = is_image(image.name) ? image.name.substr(kImagePrefix.size()) : std::string();
  TRY(file_name_of(release, "kernel package " + image.name + ": its release"));
  KernelPackages complete{release, image.version, {image}};
  const auto headers = TRY(mirror.show(headers_of(image), image.version));
  complete.packages.push_back(headers);
  TRY(add_dependencies(mirror, complete.packages, is_wanted, image.version));
  return complete;
}

Result<std::vector<AptPackage>> tool_packages(const AptMirror& mirror, const KernelPackages& packages) {
  auto all = packages.packages;
  TRY(add_dependencies(mirror, all, is_for_tools, packages.version));
  all.erase(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(packages.packages.size()));
  return all;
}

}  // namespace probebench::kernels
