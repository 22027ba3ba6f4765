// SPDX-License-Identifier: MIT
#include "tree/config_axis.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <array>

#include "base/file.h"
#include "plan/toml_entries.h"
#include "plan/toml_keys.h"
#include "tree/commit_build.h"
#include "tree/kernel_options.h"

namespace probebench::tree {
namespace {

constexpr std::size_t kMostVariants = 100;  // each is a build
constexpr std::size_t kLongestName = 40;
constexpr std::array<std::string_view, 2> kVariantKeys{"name", "options"};

plan::TomlSuite axis_at(const fs::path& origin) {
  return {origin, "config", "docs/kernel-developers.md has the form"};
}

bool is_option(std::string_view option) {
  const auto equals = option.find('=');
  constexpr std::string_view kNameLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_";
  return equals != 0 && equals != std::string_view::npos && equals + 1 < option.size() &&
         option.find('\n') == std::string_view::npos &&
         option.substr(0, equals).find_first_not_of(kNameLetters) == std::string_view::npos;
}

Result<ConfigVariant> variant_from(plan::TomlEntry entry) {
  ConfigVariant variant;
  variant.name = TRY(entry.take_name(kLongestName));
  TRY(entry.check_keys(kVariantKeys));
  if (!entry.table().contains("options")) return variant;
  variant.options = TRY(entry.texts_of("options"));
  for (const auto& option : variant.options) {
    if (!is_option(option)) return entry.wrong(fmt::format("'{}' is no option", option), "\"PREEMPT=y\"");
  }
  return variant;
}

Result<std::vector<ConfigVariant>> variants_from(const toml::table& root, const fs::path& origin) {
  const auto file = axis_at(origin);
  const auto stranger = plan::unknown_key(root, std::array<std::string_view, 1>{file.kind});
  if (!stranger.empty()) return file.error(fmt::format("unknown key '{}'", stranger));
  return plan::read_entries<ConfigVariant>(root, file, kMostVariants, variant_from);
}

}  // namespace

std::string ConfigVariant::fragment() const {
  auto text = kernel_config_fragment() + fmt::format("\n# {}\n", name);
  for (const auto& option : options) {
    const auto equals = option.find('=');
    text += config_line(option.substr(0, equals), option.substr(equals + 1));
  }
  return text;
}

Result<std::vector<ConfigVariant>> parse_config_axis(std::string_view text, const fs::path& origin) {
  try {
    const auto root = toml::parse(text);
    return variants_from(root, origin);
  } catch (const toml::parse_error& error) {
    return axis_at(origin).error(fmt::format("line {}: {}", error.source().begin.line, error.description()));
  }
}

Result<std::vector<ConfigVariant>> load_config_axis(const fs::path& file) {
  const auto text = read_file(file);
  if (text) return parse_config_axis(*text, file);
  return Error{Fault::usage, "--config-axis " + file.string() + ": cannot be read", text.error().err, {}};
}

Result<BuiltVariants> build_variants(const std::vector<ConfigVariant>& variants, const fs::path& source,
                                     const fs::path& work, const std::string& command,
                                     kernels::Progress& progress) {
  BuiltVariants built;
  for (const auto& variant : variants) {
    progress.step("building " + variant.name);
    const auto output = fs::absolute(work) / variant.name;
    auto failure = TRY(build_commit({.command = command,
                                     .source = source,
                                     .output = output,
                                     .log = fs::absolute(work) / (variant.name + ".log"),
                                     .fragment = variant.fragment()}));
    if (failure.empty()) {
      built.directories.push_back(output);
    } else {
      built.failed.emplace_back(variant, std::move(failure));
    }
  }
  return built;
}

}  // namespace probebench::tree
