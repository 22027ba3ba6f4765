// SPDX-License-Identifier: MIT
#include "kernels/kept_packages.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/safe_path.h"
#include "kernels/kernel_packages.h"

namespace probebench::kernels {
namespace {

using nlohmann::json;

constexpr int kFormat = 1;
constexpr const char* kDescription = "packages.json";

Error damaged(const fs::path& directory, const std::string& problem) {
  return {Fault::infra, fmt::format("packages of a kernel in {}: {}", directory.string(), problem), 0,
          fmt::format("remove {}, and they are fetched again", directory.string())};
}

Result<ListedFile> package_from(const json& entry) {
  const auto name = TRY(file_name_of(entry.at("file").get<std::string>(), "a package's file"));
  if (!name.ends_with(".deb")) return Error{Fault::infra, name + " is no .deb file", 0, {}};
  return ListedFile{.path = name,
                    .size = entry.at("size").get<std::uintmax_t>(),
                    .sha256 = entry.at("sha256").get<std::string>()};
}

Result<KeptPackages> described(const json& root, const fs::path& directory) {
  if (root.at("format").get<int>() != kFormat) return damaged(directory, "of another format");
  const auto release = TRY(file_name_of(root.at("release").get<std::string>(), "its release"));
  const auto version = TRY(file_name_of(root.at("version").get<std::string>(), "its version"));
  KeptPackages kept{.release = release, .version = version, .directory = directory, .files = {}};
  for (const auto& entry : root.at("packages")) {
    auto file = TRY(package_from(entry));
    kept.files.push_back(std::move(file));
  }
  return kept;
}

// What nobody listed would be unpacked as well.
Status check_files(const KeptPackages& kept) {
  const auto damage = damage_of(kept.directory, kept.files, Depth::whole);
  if (!damage.empty()) return damaged(kept.directory, damage);
  const auto there = TRY(list_tree(kept.directory, {kDescription}));
  for (const auto& file : there) {
    const bool known = std::ranges::find(kept.files, file.path, &ListedFile::path) != kept.files.end();
    if (!known) return damaged(kept.directory, file.path + " is not listed");
  }
  return Done{};
}

}  // namespace

std::string kept_name(const std::string& release, const std::string& version) {
  return release + "_" + version;
}

Status describe_packages(const fs::path& directory, const std::string& release, const std::string& version) {
  const auto listed = TRY(list_tree(directory, {kDescription}));
  json packages = json::array();
  for (const auto& file : listed) {
    packages.push_back({{"file", file.path}, {"size", file.size}, {"sha256", file.sha256}});
  }
  const json root{
      {"format", kFormat}, {"release", release}, {"version", version}, {"packages", std::move(packages)}};
  return write_file_atomic(directory / kDescription,
                           root.dump(2, ' ', false, json::error_handler_t::replace) + "\n");
}

Result<KeptPackages> read_packages(const fs::path& directory) {
  const auto text = read_cached(directory, kDescription);
  if (!text) return damaged(directory, text.error().message());
  try {
    auto kept = described(json::parse(*text), directory);
    if (!kept) return damaged(directory, kept.error().message());
    TRY(check_files(*kept));
    return kept;
  } catch (const json::exception& error) {
    return damaged(directory, fmt::format("its {} cannot be read: {}", kDescription, error.what()));
  }
}

Result<std::optional<KeptPackages>> find_kept(const fs::path& store, const std::string& name) {
  TRY(file_name_of(name, "packages of a kernel"));
  TRY(open_cache(store));
  const fs::path directory = store / kKeptPart / name;
  std::error_code none;
  if (!fs::exists(fs::symlink_status(directory, none))) return std::optional<KeptPackages>();
  auto kept = TRY(read_packages(directory));
  if (!name.starts_with(kept_name(kept.release, kept.version)))
    return damaged(directory, "of another kernel than its name says");
  return std::optional<KeptPackages>(std::move(kept));
}

Result<std::optional<KeptPackages>> find_kept_of(const CatalogEntry& entry, const fs::path& store,
                                                 const std::string& name) {
  const auto release = name.substr(0, name.find('_'));
  const auto version = name.substr(std::min(release.size() + 1, name.size()));
  if (version.ends_with(kToolsSuffix) || !is_of(entry, release, version))
    return std::optional<KeptPackages>();
  return find_kept(store, name);
}

std::vector<std::string> names_of_kept(const fs::path& store) {
  std::vector<std::string> names;
  std::error_code absent;
  for (const auto& entry : fs::directory_iterator(store / kKeptPart, absent)) {
    const auto name = entry.path().filename().string();
    if (!name.starts_with('.') && entry.is_directory(absent)) names.push_back(name);
  }
  std::ranges::sort(names);
  return names;
}

bool is_of(const CatalogEntry& entry, const std::string& release, const std::string& version) {
  const bool series = entry.series.empty() || entry.series == series_of(release);
  const bool pinned = entry.version.empty() || entry.version == version;
  return series && pinned && has_flavour("linux-image-" + release, entry.flavour);
}

}  // namespace probebench::kernels
