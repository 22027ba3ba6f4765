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
#include "plan/toml_keys.h"
#include "plan/tracefs_line.h"

namespace probebench::plan {
namespace {

constexpr std::size_t kLongestName = 24;    // columns of the table
constexpr std::size_t kMostRecipes = 1000;  // each is a boot
constexpr std::array<std::string_view, 3> kSuiteKeys{"name", "summary", "recipe"};
constexpr std::array<std::string_view, 9> kRecipeKeys{
    "name", "workload", "note", "bpf_object", "module", "tracefs", "command", "package", "may_fail"};

Error recipes_error(const fs::path& origin, const std::string& problem, std::string hint = {}) {
  if (hint.empty()) hint = "suites/recipes.toml has the form";
  return {Fault::usage, fmt::format("suite {}: {}", origin.string(), problem), 0, std::move(hint)};
}

// Part of a cell's name and of a directory's.
bool is_recipe_name(const std::string& name) {
  const auto fits = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_';
  };
  return name.size() <= kLongestName && std::ranges::all_of(name, fits);
}

// One [[recipe]]; the first thing wrong with it is the error.
class RecipeReader {
 public:
  RecipeReader(const toml::table& table, const fs::path& origin, std::size_t number)
      : table_(table), origin_(origin), where_(fmt::format("recipe {}", number)) {}

  Result<Recipe> read() {
    TRY(read_name());
    const auto stranger = unknown_key(table_, kRecipeKeys);
    if (!stranger.empty()) {
      return wrong(fmt::format("unknown key '{}'", stranger),
                   did_you_mean(stranger, kRecipeKeys, fmt::format("{}", fmt::join(kRecipeKeys, ", "))));
    }
    TRY(read_texts());
    TRY(read_workload());
    TRY(read_source());
    return std::move(recipe_);
  }

 private:
  Error wrong(const std::string& problem, std::string hint = {}) const {
    return recipes_error(origin_, where_ + ": " + problem, std::move(hint));
  }

  Status read_name() {
    recipe_.name = TRY(text_of("name"));
    if (recipe_.name.empty()) return wrong("`name` is missing");
    if (!is_recipe_name(recipe_.name)) {
      return wrong(fmt::format("name '{}'", recipe_.name),
                   fmt::format("at most {} letters, digits, - and _", kLongestName));
    }
    where_ = "recipe " + recipe_.name;
    return Done{};
  }

  Status read_texts() {
    recipe_.note = TRY(text_of("note"));
    if (recipe_.note.empty()) return wrong("`note` is missing");
    recipe_.package = TRY(text_of("package"));
    if (table_.contains("may_fail") && !table_["may_fail"].is_boolean()) {
      return wrong("`may_fail` is not true or false");
    }
    recipe_.may_fail = table_["may_fail"].value_or(false);
    return Done{};
  }

  Status read_workload() {
    const auto name = TRY(text_of("workload"));
    if (name.empty()) return wrong("`workload` is missing");
    const auto known = operation_names();
    const auto id = operation_from_name(name);
    if (!id) {
      return wrong(fmt::format("unknown workload '{}'", name),
                   did_you_mean(name, known, fmt::format("known are {}", fmt::join(known, ", "))));
    }
    recipe_.plan.workload = *id;
    return Done{};
  }

  // Lines of tracefs may also come before a command.
  Status read_source() {
    const auto object = TRY(text_of("bpf_object"));
    const auto module = TRY(text_of("module"));
    auto command = TRY(texts_of("command"));
    const auto lines = TRY(texts_of("tracefs"));
    const bool alone = !lines.empty() && command.empty();
    const int ways = !object.empty() + !module.empty() + !command.empty() + alone;
    if (ways != 1) {
      return wrong(ways == 0 ? "nothing arms a probe" : "several things arm a probe",
                   "one of bpf_object, module, tracefs and command");
    }
    auto& plan = recipe_.plan;
    plan.source = !object.empty()   ? ProbeSource::bpf_object
                  : !module.empty() ? ProbeSource::module
                  : alone           ? ProbeSource::tracefs
                                    : ProbeSource::command;
    if (!recipe_.package.empty() && command.empty()) return wrong("`package` goes with `command`");
    if (command.empty() && !alone) plan.file = (origin_.parent_path() / (object + module)).string();
    plan.command = std::move(command);
    return take_lines(lines);
  }

  Status take_lines(const std::vector<std::string>& lines) {
    const auto where = fmt::format("suite {}: {}: `tracefs`", origin_.string(), where_);
    for (const auto& line : lines) recipe_.plan.setup.push_back(TRY(tracefs_line_from(where, line)));
    return Done{};
  }

  // Empty: the key is not there.
  Result<std::string> text_of(std::string_view key) const {
    if (!table_.contains(key)) return std::string();
    const auto text = table_[key].value_exact<std::string>();
    if (!text || text->empty() || text->find_first_of("\n\r") != std::string::npos) {
      return wrong(fmt::format("`{}` is no text of one line", key));
    }
    return *text;
  }

  Result<std::vector<std::string>> texts_of(std::string_view key) const {
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

  const toml::table& table_;
  const fs::path& origin_;
  std::string where_;
  Recipe recipe_;
};

Result<RecipeSuite> suite_from(const toml::table& root, const fs::path& origin) {
  if (const auto stranger = unknown_key(root, kSuiteKeys); !stranger.empty()) {
    return recipes_error(origin, fmt::format("unknown key '{}'", stranger));
  }
  RecipeSuite suite{.name = root["name"].value_or(std::string()),
                    .summary = root["summary"].value_or(std::string())};
  if (suite.name.empty()) return recipes_error(origin, "`name` is missing");
  const auto* recipes = root["recipe"].as_array();
  if (recipes == nullptr || recipes->empty()) return recipes_error(origin, "no [[recipe]] entry");
  if (recipes->size() > kMostRecipes) {
    return recipes_error(origin, fmt::format("{} recipes: at most {} may be", recipes->size(), kMostRecipes));
  }
  std::set<std::string> names;
  for (const auto& entry : *recipes) {
    if (!entry.is_table()) return recipes_error(origin, "`recipe` is not a list of tables");
    auto recipe = TRY(RecipeReader(*entry.as_table(), origin, names.size() + 1).read());
    if (!names.insert(recipe.name).second) {
      return recipes_error(origin, fmt::format("recipe {} is there twice", recipe.name));
    }
    suite.recipes.push_back(std::move(recipe));
  }
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
    return recipes_error(origin, fmt::format("line {}: {}", error.source().begin.line, error.description()));
  }
}

Result<RecipeSuite> load_recipes(const fs::path& file) {
  const auto text = read_file(file);
  if (text) return parse_recipes(*text, file);
  return Error{Fault::usage, "suite " + file.string() + ": cannot be read", text.error().err,
               "a file, or the name of one in suites/"};
}

}  // namespace probebench::plan
