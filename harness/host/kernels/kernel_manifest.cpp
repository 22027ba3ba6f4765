// SPDX-License-Identifier: MIT
#include "kernels/kernel_manifest.h"

#include <nlohmann/json.hpp>

#include "base/digest.h"
#include "base/safe_path.h"

namespace probebench::kernels {
namespace {

using nlohmann::json;

constexpr int kFormat = 2;  // 2: with the kernel's BTF and build tools that run here
constexpr const char* kManifest = "manifest.json";

fs::path dot_config(const Kernel& kernel) {
  return kernel.headers / ".config";
}

Result<json> recorded(const fs::path& directory, const fs::path& file) {
  const auto digest = sha256_file(file);
  if (!digest) return digest.error();
  return json{
      {"path", fs::proximate(file, directory).string()}, {"size", fs::file_size(file)}, {"sha256", *digest}};
}

Error damaged(const fs::path& directory, const std::string& problem) {
  return {Fault::infra, "cached kernel " + directory.string() + " is damaged: " + problem, 0, {}};
}

// A manifest can be anybody's: what it names lies below its directory.
Result<fs::path> below(const fs::path& directory, const json& value) {
  const auto name = value.get<std::string>();
  if (name.empty()) return fs::path();
  const auto relative = relative_path_of(name, "its path");
  if (!relative) return damaged(directory, relative.error().message());
  return directory / *relative;
}

Status verify(const fs::path& directory, const json& file) {
  const auto path = below(directory, file.at("path"));
  if (!path) return path.error();
  const auto name = file.at("path").get<std::string>();
  std::error_code failure;
  const auto size = fs::file_size(*path, failure);
  if (failure) return damaged(directory, name + " is missing");
  if (size != file.at("size").get<std::uintmax_t>()) return damaged(directory, name + " has another size");
  const auto digest = sha256_file(*path);
  if (!digest) return digest.error();
  if (*digest != file.at("sha256").get<std::string>()) return damaged(directory, name + " was changed");
  return Done{};
}

Result<Kernel> kernel_from(const fs::path& directory, const json& manifest) {
  if (manifest.at("format").get<int>() != kFormat)
    return damaged(directory, "its manifest has another format");
  for (const auto& file : manifest.at("files")) {
    if (auto status = verify(directory, file); !status) return status.error();
  }
  const auto release = file_name_of(manifest.at("release").get<std::string>(), "its release");
  if (!release) return damaged(directory, release.error().message());
  Kernel kernel;
  kernel.release = *release;
  kernel.package_version = manifest.at("package_version").get<std::string>();
  kernel.pvh = manifest.at("pvh").get<bool>();
  for (const auto& [member, path] :
       std::initializer_list<std::pair<const char*, fs::path*>>{{"image", &kernel.image},
                                                                {"vmlinuz", &kernel.vmlinuz},
                                                                {"config", &kernel.config},
                                                                {"headers", &kernel.headers}}) {
    auto place = below(directory, manifest.at(member));
    if (!place) return place.error();
    *path = *std::move(place);
  }
  return kernel;
}

std::string relative_name(const fs::path& file, const fs::path& directory) {
  return file.empty() ? std::string() : fs::proximate(file, directory).string();
}

}  // namespace

Status write_manifest(const fs::path& directory, const Kernel& kernel) {
  json files = json::array();
  for (const auto& file : {kernel.image, kernel.vmlinuz, dot_config(kernel)}) {
    auto record = recorded(directory, file);
    if (!record) return record.error();
    files.push_back(std::move(*record));
  }
  const json manifest{{"format", kFormat},
                      {"release", kernel.release},
                      {"package_version", kernel.package_version},
                      {"pvh", kernel.pvh},
                      {"image", relative_name(kernel.image, directory)},
                      {"vmlinuz", relative_name(kernel.vmlinuz, directory)},
                      {"config", relative_name(kernel.config, directory)},
                      {"headers", relative_name(kernel.headers, directory)},
                      {"files", std::move(files)}};
  return write_file_atomic(directory / kManifest,
                           manifest.dump(2, ' ', false, json::error_handler_t::replace) + "\n");
}

Result<Kernel> read_manifest(const fs::path& directory) {
  const auto text = read_file(directory / kManifest);
  if (!text) return damaged(directory, "it has no manifest");
  try {
    return kernel_from(directory, json::parse(*text));
  } catch (const json::exception& error) {
    return damaged(directory, std::string("its manifest cannot be read: ") + error.what());
  }
}

}  // namespace probebench::kernels
