// SPDX-License-Identifier: MIT
// Suites that are lists of named tables: [[recipe]], [[question]]. What is wrong in one is a usage error that
// names the file and the entry.
#pragma once

#include <fmt/format.h>
#include <toml++/toml.h>

#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/result.h"

namespace probebench::plan {

// The file that the entries stand in.
struct TomlSuite {
  fs::path origin;
  std::string_view kind;       // of its entries: "recipe"
  std::string_view form_hint;  // where the form is told

  Error error(const std::string& problem, std::string hint = {}) const;
};

class TomlEntry {
 public:
  TomlEntry(const toml::table& table, const TomlSuite& suite, std::size_t number)
      : table_(table), suite_(suite), where_(fmt::format("{} {}", suite.kind, number)) {}

  const toml::table& table() const { return table_; }
  // The suite's file and the entry, as errors begin.
  std::string where() const { return fmt::format("suite {}: {}", suite_.origin.string(), where_); }
  Error wrong(const std::string& problem, std::string hint = {}) const;

  // The entry's name, which is also that of a directory; errors have it from now on.
  Result<std::string> take_name(std::size_t longest);
  Status check_keys(std::span<const std::string_view> known) const;
  // Empty: the key is not there.
  Result<std::string> text_of(std::string_view key) const;
  Result<std::string> line_of(std::string_view key) const;
  Result<std::vector<std::string>> texts_of(std::string_view key) const;
  // From the suite on; empty: the key is not there.
  Result<std::string> file_of(std::string_view key) const;

 private:
  const toml::table& table_;
  const TomlSuite& suite_;
  std::string where_;
};

// Its tables; an error if it has none, or more than `most`.
Result<std::vector<const toml::table*>> entries_of(const toml::table& root, const TomlSuite& suite,
                                                   std::size_t most);

// Each entry as `read` makes it of a TomlEntry. No two have one name.
template <typename Entry, typename Read>
Result<std::vector<Entry>> read_entries(const toml::table& root, const TomlSuite& suite, std::size_t most,
                                        Read read) {
  const auto tables = TRY(entries_of(root, suite, most));
  std::vector<Entry> entries;
  std::set<std::string> names;
  for (const auto* table : tables) {
    auto entry = TRY(read(TomlEntry(*table, suite, entries.size() + 1)));
    if (!names.insert(entry.name).second) {
      return suite.error(fmt::format("{} {} is there twice", suite.kind, entry.name));
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace probebench::plan
