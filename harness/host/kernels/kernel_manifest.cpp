// SPDX-License-Identifier: MIT
#include "kernels/kernel_manifest.h"

#include <nlohmann/json.hpp>

#include "base/digest.h"

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

Status verify(const fs::path& directory, const json& file) {
  const auto name = file.at("path").get<std::string>();
  std::error_code failure;
  const auto size = fs::file_size(directory / name, failure);
  if (failure) return damaged(directory, name + " is missing");
  if (size != file.at("size").get<std::uintmax_t>()) return damaged(directory, name + " has another size");
  const auto digest = sha256_file(directory / name);
  if (!digest) return digest.error();
  if (*digest != file.at("sha256").get<std::string>()) return damaged(directory, name + " was changed");
  return Done{};
}

fs::path below(const fs::path& directory, const json& value) {
  const auto name = value.get<std::string>();
  return name.empty() ? fs::path() : directory / name;
}

Result<Kernel> kernel_from(const fs::path& directory, const json& manifest) {
  if (manifest.at("format").get<int>() != kFormat)
    return damaged(directory, "its manifest has another format");
  for (const auto& file : manifest.at("files")) {
    if (auto status = verify(directory, file); !status) return status.error();
  }
  Kernel kernel;
  kernel.release = manifest.at("release").get<std::string>();
  kernel.package_version = manifest.at("package_version").get<std::string>();
  kernel.pvh = manifest.at("pvh").get<bool>();
  kernel.image = below(directory, manifest.at("image"));
  kernel.vmlinuz = below(directory, manifest.at("vmlinuz"));
  kernel.config = below(directory, manifest.at("config"));
  kernel.headers = below(directory, manifest.at("headers"));
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
  return write_file_atomic(directory / kManifest, manifest.dump(2) + "\n");
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
