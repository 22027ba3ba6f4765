// SPDX-License-Identifier: MIT
#include "plan/toml_entries.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>

#include "plan/selection.h"
#include "plan/toml_keys.h"

namespace probebench::plan {
namespace {

bool is_entry_name(const std::string& name, std::size_t longest) {
  const auto fits = [](unsigned char c) { return std::isalnum(c) != 0 || c == '-' || c == '_'; };
  return name.size() <= longest && std::ranges::all_of(name, fits);
}

}  // namespace

Error TomlSuite::error(const std::string& problem, std::string hint) const {
  if (hint.empty()) hint = form_hint;
  return {Fault::usage, fmt::format("suite {}: {}", origin.string(), problem), 0, std::move(hint)};
}

Error TomlEntry::wrong(const std::string& problem, std::string hint) const {
  return suite_.error(where_ + ": " + problem, std::move(hint));
}

Result<std::string> TomlEntry::take_name(std::size_t longest) {
  const auto name = TRY(line_of("name"));
  if (name.empty()) return wrong("`name` is missing");
  if (!is_entry_name(name, longest)) {
    return wrong(fmt::format("name '{}'", name), fmt::format("at most {} letters, digits, - and _", longest));
  }
  where_ = fmt::format("{} {}", suite_.kind, name);
  return name;
}

Status TomlEntry::check_keys(std::span<const std::string_view> known) const {
  const auto stranger = unknown_key(table_, known);
  if (stranger.empty()) return Done{};
  const std::vector<std::string_view> names(known.begin(), known.end());
  return wrong(fmt::format("unknown key '{}'", stranger),
               did_you_mean(stranger, names, fmt::format("{}", fmt::join(names, ", "))));
}

Result<std::string> TomlEntry::text_of(std::string_view key) const {
  if (!table_.contains(key)) return std::string();
  auto text = table_[key].value_exact<std::string>().value_or("");
  if (text.empty()) return wrong(fmt::format("`{}` is no text", key));
  return text;
}

Result<std::string> TomlEntry::line_of(std::string_view key) const {
  if (!table_.contains(key)) return std::string();
  auto text = table_[key].value_exact<std::string>().value_or("");
  if (text.empty() || text.find_first_of("\n\r") != std::string::npos) {
    return wrong(fmt::format("`{}` is no text of one line", key));
  }
  return text;
}

Result<std::vector<std::string>> TomlEntry::texts_of(std::string_view key) const {
  std::vector<std::string> texts;
  if (!table_.contains(key)) return texts;
  const auto* array = table_[key].as_array();
  if (array != nullptr) {
    for (const auto& node : *array) texts.push_back(node.value_exact<std::string>().value_or(""));
  }
  // An argument may be empty, what is to be run may not.
  const bool good = array != nullptr && array->is_homogeneous(toml::node_type::string) && !texts.empty() &&
                    !texts.front().empty();
  if (!good) return wrong(fmt::format("`{}` is no list of texts", key));
  return texts;
}

Result<std::string> TomlEntry::file_of(std::string_view key) const {
  const auto name = TRY(line_of(key));
  return name.empty() ? name : (suite_.origin.parent_path() / name).string();
}

Result<std::vector<const toml::table*>> entries_of(const toml::table& root, const TomlSuite& suite,
                                                   std::size_t most) {
  const auto* array = root[suite.kind].as_array();
  if (array == nullptr || array->empty()) return suite.error(fmt::format("no [[{}]] entry", suite.kind));
  if (array->size() > most) {
    return suite.error(fmt::format("{} {}s: at most {} may be", array->size(), suite.kind, most));
  }
  std::vector<const toml::table*> tables;
  for (const auto& node : *array) {
    if (!node.is_table()) return suite.error(fmt::format("`{}` is not a list of tables", suite.kind));
    tables.push_back(node.as_table());
  }
  return tables;
}

}  // namespace probebench::plan
