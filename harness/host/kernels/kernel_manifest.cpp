// SPDX-License-Identifier: MIT
#include "kernels/kernel_manifest.h"

#include <algorithm>
#include <cerrno>
#include <nlohmann/json.hpp>

#include "base/safe_path.h"
#include "kernels/cache.h"
#include "kernels/file_list.h"

namespace probebench::kernels {
namespace {

using nlohmann::json;

constexpr int kManifestFormat = 2;  // 2: with the kernel's BTF and build tools that run here
constexpr const char* kManifest = "manifest.json";
constexpr const char* kFileList = "files.list";

fs::path dot_config(const Kernel& kernel) {
  return kernel.headers / ".config";
}

Result<json> recorded(const fs::path& directory, const fs::path& file) {
  const auto listed = TRY(list_file(directory, fs::proximate(file, directory).string()));
  return json{{"path", listed.path}, {"size", listed.size}, {"sha256", listed.sha256}};
}

Error damaged_kernel(const fs::path& directory, const std::string& problem) {
  return {Fault::infra, "cached kernel " + directory.string() + " is damaged: " + problem, 0, {}};
}

// A manifest can be anybody's: what it names lies below its directory.
Result<fs::path> below(const fs::path& directory, const json& value) {
  const auto name = value.get<std::string>();
  if (name.empty()) return fs::path();
  const auto relative = relative_path_of(name, "its path");
  if (!relative) return damaged_kernel(directory, relative.error().message());
  return directory / *relative;
}

Status verify(const fs::path& directory, const json& file) {
  const ListedFile listed{.path = file.at("path").get<std::string>(),
                          .size = file.at("size").get<std::uintmax_t>(),
                          .sha256 = file.at("sha256").get<std::string>()};
  const auto problem = damage_of(directory, listed, Depth::whole);
  return problem.empty() ? Status(Done{}) : Status(damaged_kernel(directory, problem));
}

// The list itself is one of the files that the manifest records.
Status verify_listed(const fs::path& directory) {
  const auto text = read_cached(directory, kFileList);
  const auto files = text ? parse_file_list(*text) : Result<std::vector<ListedFile>>(text.error());
  if (!files) return damaged_kernel(directory, std::string(kFileList) + ": " + files.error().message());
  const auto problem = damage_of(directory, *files, Depth::if_newer);
  return problem.empty() ? Status(Done{}) : Status(damaged_kernel(directory, problem));
}

// Empty: the manifest does not record it.
std::string digest_of(const json& manifest, const json& path) {
  const auto& files = manifest.at("files");
  const auto file = std::ranges::find_if(files, [&](const json& one) { return one.at("path") == path; });
  return file == files.end() ? std::string() : file->at("sha256").get<std::string>();
}

bool has_list(const json& manifest) {
  return !digest_of(manifest, kFileList).empty();
}

Status verify_all(const fs::path& directory, const json& manifest) {
  for (const auto& file : manifest.at("files")) {
    TRY(verify(directory, file));
  }
  return has_list(manifest) ? verify_listed(directory) : Status(Done{});
}

Result<Kernel> kernel_from(const fs::path& directory, const json& manifest) {
  if (manifest.at("format").get<int>() != kManifestFormat)
    return damaged_kernel(directory, "its manifest has another format");
  const auto release = file_name_of(manifest.at("release").get<std::string>(), "its release");
  if (!release) return damaged_kernel(directory, release.error().message());
  TRY(verify_all(directory, manifest));
  Kernel kernel;
  kernel.release = *release;
  kernel.directory = directory;
  kernel.package_version = manifest.at("package_version").get<std::string>();
  kernel.digest = digest_of(manifest, kFileList);
  kernel.image_sha256 = digest_of(manifest, manifest.at("image"));
  kernel.pvh = manifest.at("pvh").get<bool>();
  // Those of earlier versions are all of x86-64.
  const auto arch = arch_from_name(manifest.value("arch", std::string(info_of(ArchId::x86_64).name)));
  if (!arch) return damaged_kernel(directory, "its architecture is unknown");
  kernel.arch = *arch;
  for (const auto& [member, path] :
       std::initializer_list<std::pair<const char*, fs::path*>>{{"image", &kernel.image},
                                                                {"vmlinuz", &kernel.vmlinuz},
                                                                {"config", &kernel.config},
                                                                {"headers", &kernel.headers}}) {
    auto place = TRY(below(directory, manifest.at(member)));
    *path = std::move(place);
  }
  return kernel;
}

std::string relative_name(const fs::path& file, const fs::path& directory) {
  return file.empty() ? std::string() : fs::proximate(file, directory).string();
}

}  // namespace

Status write_manifest(const fs::path& directory, const Kernel& kernel) {
  json files = json::array();
  const auto listed = TRY(list_tree(directory, {kManifest, kFileList}));
  TRY(write_file_atomic(directory / kFileList, text_of(listed)));
  for (const auto& file : {kernel.image, kernel.vmlinuz, dot_config(kernel), directory / kFileList}) {
    auto record = TRY(recorded(directory, file));
    files.push_back(std::move(record));
  }
  const json manifest{{"format", kManifestFormat},
                      {"release", kernel.release},
                      {"package_version", kernel.package_version},
                      {"pvh", kernel.pvh},
                      {"arch", info_of(kernel.arch).name},
                      {"image", relative_name(kernel.image, directory)},
                      {"vmlinuz", relative_name(kernel.vmlinuz, directory)},
                      {"config", relative_name(kernel.config, directory)},
                      {"headers", relative_name(kernel.headers, directory)},
                      {"files", std::move(files)}};
  return write_file_atomic(directory / kManifest,
                           manifest.dump(2, ' ', false, json::error_handler_t::replace) + "\n");
}

Result<KernelIdentity> identity_in(const fs::path& directory) {
  const auto text = TRY(read_cached(directory, kManifest));
  try {
    const auto manifest = json::parse(text);
    return KernelIdentity{manifest.at("release").get<std::string>(),
                          manifest.at("package_version").get<std::string>()};
  } catch (const json::exception& error) {
    return damaged_kernel(directory, std::string("its manifest cannot be read: ") + error.what());
  }
}

Result<Kernel> read_manifest(const fs::path& directory) {
  std::error_code unknown;
  if (fs::is_symlink(directory, unknown)) return damaged_kernel(directory, "it is a link");
  const auto text = read_cached(directory, kManifest);
  if (!text && text.error().err == ENOENT) return damaged_kernel(directory, "it has no manifest");
  if (!text) return damaged_kernel(directory, text.error().message());
  try {
    const auto manifest = json::parse(*text);
    auto kernel = kernel_from(directory, manifest);
    // Caches of earlier versions have no list: what is there now counts from now on.
    if (kernel && !has_list(manifest)) static_cast<void>(write_manifest(directory, *kernel));
    return kernel;
  } catch (const json::exception& error) {
    return damaged_kernel(directory, std::string("its manifest cannot be read: ") + error.what());
  }
}

}  // namespace probebench::kernels
