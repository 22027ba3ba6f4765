// SPDX-License-Identifier: MIT
#include "plan/recipe_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <set>

#include "base/file.h"
#include "plan/selection.h"
#include "plan/toml_entries.h"
#include "plan/toml_keys.h"
#include "plan/tracefs_line.h"

namespace probebench::plan {
namespace {

constexpr std::size_t kLongestName = 24;    // columns of the table
constexpr std::size_t kMostRecipes = 1000;  // each is a boot
constexpr std::array<std::string_view, 3> kSuiteKeys{"name", "summary", "recipe"};
constexpr std::array<std::string_view, 11> kRecipeKeys{"name",    "workload", "note",       "bpf_object",
                                                       "module",  "sample",   "parameters", "tracefs",
                                                       "command", "package",  "may_fail"};

constexpr std::string_view kRecipeForm = "suites/recipes.toml has the form";

TomlSuite recipes_at(const fs::path& origin) {
  return {origin, "recipe", kRecipeForm};
}

// One [[recipe]]; the first thing wrong with it is the error.
class RecipeReader {
 public:
  explicit RecipeReader(TomlEntry entry) : entry_(std::move(entry)) {}

  Result<Recipe> read() {
    recipe_.name = TRY(entry_.take_name(kLongestName));
    TRY(entry_.check_keys(kRecipeKeys));
    TRY(read_texts());
    TRY(read_workload());
    TRY(read_source());
    return std::move(recipe_);
  }

 private:
  Status read_texts() {
    recipe_.note = TRY(entry_.line_of("note"));
    if (recipe_.note.empty()) return entry_.wrong("`note` is missing");
    recipe_.package = TRY(entry_.line_of("package"));
    const auto& table = entry_.table();
    if (table.contains("may_fail") && !table["may_fail"].is_boolean()) {
      return entry_.wrong("`may_fail` is not true or false");
    }
    recipe_.may_fail = table["may_fail"].value_or(false);
    return Done{};
  }

  Status read_workload() {
    const auto name = TRY(entry_.line_of("workload"));
    if (name.empty()) return entry_.wrong("`workload` is missing");
    const auto known = operation_names();
    const auto id = operation_from_name(name);
    if (!id) {
      return entry_.wrong(fmt::format("unknown workload '{}'", name),
                          did_you_mean(name, known, fmt::format("known are {}", fmt::join(known, ", "))));
    }
    recipe_.plan.workload = *id;
    return Done{};
  }

  // Lines of tracefs may also come before a command.
  Status read_source() {
    const auto object = TRY(entry_.file_of("bpf_object"));
    const auto module = TRY(entry_.file_of("module"));
    recipe_.sample = TRY(entry_.line_of("sample"));
    const bool loaded = !module.empty() || !recipe_.sample.empty();
    auto command = TRY(entry_.texts_of("command"));
    const auto lines = TRY(entry_.texts_of("tracefs"));
    const bool alone = !lines.empty() && command.empty();
    const int ways = !object.empty() + !module.empty() + !recipe_.sample.empty() + !command.empty() + alone;
    if (ways != 1) {
      return entry_.wrong(ways == 0 ? "nothing arms a probe" : "several things arm a probe",
                          "one of bpf_object, module, sample, tracefs and command");
    }
    auto& plan = recipe_.plan;
    plan.source = !object.empty() ? ProbeSource::bpf_object
                  : loaded        ? ProbeSource::module
                  : alone         ? ProbeSource::tracefs
                                  : ProbeSource::command;
    plan.parameters = TRY(entry_.line_of("parameters"));
    if (!plan.parameters.empty() && !loaded) {
      return entry_.wrong("`parameters` go with `module` or `sample`");
    }
    if (!recipe_.package.empty() && command.empty()) return entry_.wrong("`package` goes with `command`");
    plan.file = object + module;
    plan.command = std::move(command);
    return take_lines(lines);
  }

  Status take_lines(const std::vector<std::string>& lines) {
    const auto where = entry_.where() + ": `tracefs`";
    for (const auto& line : lines) recipe_.plan.setup.push_back(TRY(tracefs_line_from(where, line)));
    return Done{};
  }

  TomlEntry entry_;
  Recipe recipe_;
};

Result<RecipeSuite> suite_from(const toml::table& root, const fs::path& origin) {
  const auto file = recipes_at(origin);
  if (const auto stranger = unknown_key(root, kSuiteKeys); !stranger.empty()) {
    return file.error(fmt::format("unknown key '{}'", stranger));
  }
  RecipeSuite suite{.name = root["name"].value_or(std::string()),
                    .summary = root["summary"].value_or(std::string())};
  if (suite.name.empty()) return file.error("`name` is missing");
  suite.recipes = TRY(read_entries<Recipe>(
      root, file, kMostRecipes, [](TomlEntry entry) { return RecipeReader(std::move(entry)).read(); }));
  return suite;
}

}  // namespace

bool has_recipes(std::string_view text) {
  try {
    return toml::parse(text).contains("recipe");
  } catch (const toml::parse_error&) {
    return false;
  }
}

Result<RecipeSuite> parse_recipes(std::string_view text, const fs::path& origin) {
  try {
    const auto root = toml::parse(text);
    return suite_from(root, origin);
  } catch (const toml::parse_error& error) {
    return recipes_at(origin).error(
        fmt::format("line {}: {}", error.source().begin.line, error.description()));
  }
}

Result<RecipeSuite> load_recipes(const fs::path& file) {
  const auto text = read_file(file);
  if (text) return parse_recipes(*text, file);
  return Error{Fault::usage, "suite " + file.string() + ": cannot be read", text.error().err,
               "a file, or the name of one in suites/"};
}

}  // namespace probebench::plan
