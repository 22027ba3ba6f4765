// SPDX-License-Identifier: MIT
#include "kernels/kernel_catalog.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <toml++/toml.h>

#include <algorithm>
#include <array>

#include "base/safe_path.h"
#include "base/text.h"
#include "kernels/users_kernel.h"
#include "plan/selection.h"

namespace probebench::kernels {
namespace {

constexpr std::array<std::string_view, 9> kKeys{"name",    "series",  "suites", "flavour", "arm64_flavour",
                                                "version", "archive", "image",  "headers"};
constexpr std::string_view kAnySeries = "any";
constexpr char kPin = '@';  // between a name and a version
constexpr std::array<std::string_view, 3> kReserved{"auto", "stock", "all"};

Error catalog_error(const fs::path& origin, std::string_view problem) {
  return {Fault::usage, fmt::format("read kernel catalog {}: {}", origin.string(), problem), 0,
          "see the head of ci/kernels.toml"};
}

std::string text_of(const toml::table& table, std::string_view key) {
  return table[key].value_or(std::string());
}

fs::path path_of(const toml::table& table, std::string_view key, const fs::path& origin) {
  const fs::path path = text_of(table, key);
  return path.empty() ? path : fs::absolute(origin.parent_path() / path);
}

CatalogEntry entry_from(const toml::table& table, const KernelCatalog& catalog, const fs::path& origin) {
  CatalogEntry entry;
  entry.name = text_of(table, "name");
  entry.series = table["series"].value_or(entry.name);
  if (entry.series == kAnySeries) entry.series.clear();
  if (const auto* suites = table["suites"].as_array()) {
    for (const auto& suite : *suites) entry.suites.push_back(suite.value_or(std::string()));
  }
  entry.flavour = table["flavour"].value_or(catalog.flavour);
  entry.arm64_flavour = text_of(table, "arm64_flavour");
  entry.version = text_of(table, "version");
  entry.archive = table["archive"].value_or(catalog.archive);
  entry.image = path_of(table, "image", origin);
  entry.headers = path_of(table, "headers", origin);
  return entry;
}

// As deb-version(7) has it.
bool is_package_version(std::string_view text) {
  return !text.empty() && std::isdigit(static_cast<unsigned char>(text.front())) != 0 &&
         std::ranges::all_of(text, [](unsigned char one) {
           return std::isalnum(one) != 0 || std::string_view(".+~:-").find(one) != std::string_view::npos;
         });
}

Error pin_error(std::string_view name, std::string_view problem) {
  return {Fault::usage, fmt::format("--kernel {}: {}", name, problem), 0,
          "write for example 6.12@6.12.117-1~deb12u1; ./run-bench kernels list has those that are here"};
}

// What is wrong with an entry; empty: nothing.
std::string problem_of(const toml::table& table, const CatalogEntry& entry, const KernelCatalog& earlier) {
  for (const auto& [key, value] : table) {
    if (std::ranges::find(kKeys, key.str()) == kKeys.end()) return fmt::format("unknown key '{}'", key.str());
  }
  if (entry.name.empty()) return "a [[kernel]] has no `name`";
  const bool reserved = std::ranges::find(kReserved, entry.name) != kReserved.end();
  if (reserved || entry.name.find_first_of(", @") != std::string::npos || !file_name_of(entry.name, "name")) {
    return fmt::format("'{}' cannot be a kernel's name", entry.name);
  }
  if (std::ranges::find(earlier.kernels, entry.name, &CatalogEntry::name) != earlier.kernels.end()) {
    return fmt::format("'{}' is there twice", entry.name);
  }
  if (entry.image.empty() && entry.flavour.empty()) return "`flavour` is missing";
  if (!entry.version.empty() && !is_package_version(entry.version)) {
    return fmt::format("'{}' is no version of a package", entry.version);
  }
  return {};
}

Result<KernelCatalog> catalog_from(const toml::table& root, const fs::path& origin) {
  KernelCatalog catalog{text_of(root, "flavour"), text_of(root, "archive"), {}, ArchId::x86_64};
  const auto* kernels = root["kernel"].as_array();
  if (kernels == nullptr) return catalog_error(origin, "no [[kernel]] entry");
  for (const auto& node : *kernels) {
    if (!node.is_table()) return catalog_error(origin, "`kernel` is not a list of tables");
    auto entry = entry_from(*node.as_table(), catalog, origin);
    const auto problem = problem_of(*node.as_table(), entry, catalog);
    if (!problem.empty()) return catalog_error(origin, problem);
    catalog.kernels.push_back(std::move(entry));
  }
  return catalog;
}

std::string flavour_on(std::string flavour, ArchId arch) {
  const auto own = info_of(ArchId::x86_64).debian;
  if (flavour.ends_with(own)) flavour.replace(flavour.size() - own.size(), own.size(), info_of(arch).debian);
  return flavour;
}

}  // namespace

KernelCatalog KernelCatalog::on(ArchId wanted) const {
  auto catalog = *this;
  catalog.arch = wanted;
  catalog.flavour = flavour_on(flavour, wanted);
  for (auto& entry : catalog.kernels) {
    entry.arch = wanted;
    const bool special = wanted == ArchId::arm64 && !entry.arm64_flavour.empty();
    entry.flavour = special ? entry.arm64_flavour : flavour_on(entry.flavour, wanted);
  }
  return catalog;
}

std::string CatalogEntry::definition() const {
  const auto pinned = version.empty() ? "" : "|" + version;
  return fmt::format("{}|{}|{}{}", series, flavour, fmt::join(suites, ","), pinned);
}

std::vector<std::string> KernelCatalog::names() const {
  std::vector<std::string> all{kReserved.begin(), kReserved.end()};
  for (const auto& kernel : kernels) all.push_back(kernel.name);
  return all;
}

Result<CatalogEntry> KernelCatalog::find(std::string_view name) const {
  const auto at = name.find(kPin);
  const auto base = name.substr(0, at);
  if (at == std::string_view::npos) return find_name(name);
  if (base == "auto" || base == "stock") return pin_error(name, "a version goes with a kernel's own name");
  auto entry = TRY(find_name(base));
  entry.version = name.substr(at + 1);
  if (!entry.image.empty()) return pin_error(name, "that one is a file, which has no version");
  if (!is_package_version(entry.version)) return pin_error(name, "'@' goes before a version of its packages");
  return entry;
}

Result<CatalogEntry> KernelCatalog::find_name(std::string_view name) const {
  const auto found = std::ranges::find(kernels, name, &CatalogEntry::name);
  if (found != kernels.end()) return *found;
  const auto all = names();
  const std::vector<std::string_view> views(all.begin(), all.end());
  return Error{
      Fault::usage,
      fmt::format("unknown kernel '{}': known are {}, or a path to a kernel", name, fmt::join(all, ", ")), 0,
      plan::did_you_mean(name, views, "see ci/kernels.toml") + "; --kernels-file FILE names others"};
}

// A file or folder that lies here is meant by its bare name, too, unless the catalog has that name.
std::string KernelCatalog::path_of(std::string_view name) const {
  if (is_kernel_path(name)) return std::string(name);
  const auto all = names();
  std::error_code none;
  const bool lies_here = std::ranges::find(all, name) == all.end() && fs::exists(name, none);
  return lies_here ? "./" + std::string(name) : std::string();
}

Result<std::vector<std::string>> KernelCatalog::expand(std::string_view list) const {
  std::vector<std::string> expanded;
  for (const auto name : split(list, ',')) {
    if (name == "all") {
      for (const auto& kernel : kernels) expanded.push_back(kernel.name);
      continue;
    }
    const auto path = path_of(name);
    if (!path.empty()) {
      TRY(check_kernel_path(path));
      std::ranges::move(kernels_at(path), std::back_inserter(expanded));
      continue;
    }
    if (name != "auto" && name != "stock") TRY(find(name));
    expanded.emplace_back(name);
  }
  return expanded;
}

Result<KernelCatalog> parse_catalog(std::string_view text, const fs::path& origin) {
  try {
    return catalog_from(toml::parse(text), origin);
  } catch (const toml::parse_error& error) {
    return catalog_error(origin, fmt::format("line {}: {}", error.source().begin.line, error.description()));
  }
}

Result<KernelCatalog> load_catalog(const fs::path& file) {
  const auto text = read_file(file);
  if (!text)
    return Error{Fault::usage, "read kernel catalog " + file.string(), text.error().err,
                 "name a file in the form of ci/kernels.toml"};
  return parse_catalog(*text, file);
}

}  // namespace probebench::kernels
